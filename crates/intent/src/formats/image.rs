//! Images by digest: what was tested is what runs, whatever happens to a tag.
//!
//! Source: <https://kubernetes.io/docs/concepts/containers/images/#image-names>.

/// How many digits the digest has.
const DIGITS: usize = 64;

/// Why a text names no image by its digest.
pub(super) fn check(text: &str) -> Result<(), String> {
    let (name, digest) = text.split_once('@').ok_or("has no digest")?;
    let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '/' | '-'));
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || name.contains(odd) {
        return Err("has no name before its digest".to_owned());
    }
    let digits = digest.strip_prefix("sha256:").ok_or("has a digest that is not by `sha256`")?;
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if digits.len() != DIGITS || !digits.bytes().all(hexadecimal) {
        return Err(format!("has a digest that is not {DIGITS} digits from `0` to `f`"));
    }
    Ok(())
}

/// Whether a text names an image, and leaves open which: by a tag, or by nothing.
pub(crate) fn is_mutable(text: &str) -> bool {
    !text.is_empty() && !text.contains('@')
}
