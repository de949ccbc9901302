//! What the API server accepts as a name, after `k8s.io/apimachinery/pkg/util/validation`.

use std::fmt;

/// Why a name would be refused: one phrase that fits after "the name".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameError(String);

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NameError {}

fn refuse<T>(why: impl Into<String>) -> Result<T, NameError> {
    Err(NameError(why.into()))
}

fn is_lower_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// A DNS label (RFC 1123): at most 63 lower-case letters, digits and `-`, with a letter or digit at both ends. Names of
/// namespaces.
///
/// # Errors
/// Says what is wrong with the name.
pub fn dns_label(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return refuse("is empty");
    }
    if name.len() > 63 {
        return refuse("is longer than 63 characters");
    }
    if let Some(odd) = name.chars().find(|&c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')) {
        return refuse(format!(
            "has the character `{odd}`; only lower-case letters, digits and `-` are allowed"
        ));
    }
    let ends = [name.as_bytes()[0], name.as_bytes()[name.len() - 1]];
    if ends.into_iter().all(is_lower_alphanumeric) {
        Ok(())
    } else {
        refuse("must begin and end with a letter or a digit")
    }
}

/// A DNS subdomain (RFC 1123): DNS labels joined by dots, at most 253 characters. Names of most objects. Unlike a name
/// of its own, a label in it may be longer than 63 characters.
///
/// # Errors
/// Says what is wrong with the name.
pub fn dns_subdomain(name: &str) -> Result<(), NameError> {
    if name.len() > 253 {
        return refuse("is longer than 253 characters");
    }
    if let Some(odd) =
        name.chars().find(|&c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.'))
    {
        return refuse(format!(
            "has the character `{odd}`; only lower-case letters, digits, `-` and `.` are allowed"
        ));
    }
    let well_formed = |part: &str| match part.as_bytes() {
        [] => false,
        [first, .., last] => is_lower_alphanumeric(*first) && is_lower_alphanumeric(*last),
        [only] => is_lower_alphanumeric(*only),
    };
    if name.split('.').all(well_formed) {
        Ok(())
    } else {
        refuse("must begin and end each part between dots with a letter or a digit")
    }
}

/// What can stand between two `/` of a URL: any text without `/` and `%` but `.` and `..`, of any length. Names of roles and
/// of what binds them.
///
/// # Errors
/// Says what is wrong with the name.
pub fn path_segment(name: &str) -> Result<(), NameError> {
    if name == "." || name == ".." {
        return refuse("is a step in a path");
    }
    match name.chars().find(|c| matches!(c, '/' | '%')) {
        Some(odd) => refuse(format!("has the character `{odd}`")),
        None => Ok(()),
    }
}

/// The part of a label key after its prefix, and a label value that is not empty.
fn qualified_part(text: &str) -> Result<(), NameError> {
    if text.len() > 63 {
        return refuse("is longer than 63 characters");
    }
    if let Some(odd) = text.chars().find(|&c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))) {
        return refuse(format!(
            "has the character `{odd}`; only letters, digits, `-`, `_` and `.` are allowed"
        ));
    }
    match text.as_bytes() {
        [] => refuse("is empty"),
        [first, .., last] if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() => Ok(()),
        [only] if only.is_ascii_alphanumeric() => Ok(()),
        _ => refuse("must begin and end with a letter or a digit"),
    }
}

/// A label key: a name of at most 63 characters, with an optional DNS subdomain and `/` before it.
///
/// # Errors
/// Says what is wrong with the key.
pub fn label_key(key: &str) -> Result<(), NameError> {
    match key.split_once('/') {
        None => qualified_part(key),
        Some(("", _)) => refuse("has nothing before the `/`"),
        Some((_, name)) if name.contains('/') => refuse("has more than one `/`"),
        Some((prefix, name)) => dns_subdomain(prefix).and_then(|()| qualified_part(name)),
    }
}

/// A label value: empty, or at most 63 letters, digits, `-`, `_` and `.` with a letter or digit at both ends.
///
/// # Errors
/// Says what is wrong with the value.
pub fn label_value(value: &str) -> Result<(), NameError> {
    if value.is_empty() { Ok(()) } else { qualified_part(value) }
}

/// A port name (an IANA service name, RFC 6335): at most 15 lower-case letters, digits and `-`, at least one letter,
/// no `-` at an end and no two together.
///
/// # Errors
/// Says what is wrong with the name.
pub fn port_name(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return refuse("is empty");
    }
    if name.len() > 15 {
        return refuse("is longer than 15 characters");
    }
    if let Some(odd) = name.chars().find(|&c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')) {
        return refuse(format!(
            "has the character `{odd}`; only lower-case letters, digits and `-` are allowed"
        ));
    }
    if !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return refuse("has no letter");
    }
    if name.contains("--") {
        return refuse("has two `-` together");
    }
    if name.starts_with('-') || name.ends_with('-') { refuse("begins or ends with `-`") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n21_an_underscore_is_refused_in_names() {
        assert!(dns_subdomain("allow_db").is_err());
        assert!(dns_label("allow_db").is_err());
        assert!(dns_subdomain("allow-db.v1").is_ok());
        assert!(dns_label("allow-db.v1").is_err());
    }

    #[test]
    fn a_path_segment_is_any_text_without_slash_and_percent() {
        for good in ["system:node", "A_b c", "é", "...", ".a", "-", ""] {
            assert!(path_segment(good).is_ok(), "{good}");
        }
        for bad in [".", "..", "a/b", "/", "a%2Fb"] {
            assert!(path_segment(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn label_keys_have_an_optional_dns_prefix() {
        for good in ["app", "app.kubernetes.io/name", "a_b", "A"] {
            assert!(label_key(good).is_ok(), "{good}");
        }
        for bad in ["", "/app", "a/b/c", "-app", "app_", "Example.com/x", "app name"] {
            assert!(label_key(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn label_values_may_be_empty() {
        assert!(label_value("").is_ok());
        assert!(label_value("v1.2_3").is_ok());
        assert!(label_value("-x").is_err());
        assert!(label_value(&"a".repeat(64)).is_err());
    }

    #[test]
    fn port_names_are_iana_service_names() {
        for good in ["http", "web-1", "p80", "a23456789012345"] {
            assert!(port_name(good).is_ok(), "{good}");
        }
        for bad in ["", "80", "HTTP", "a--b", "-a", "a-", "a234567890123456"] {
            assert!(port_name(bad).is_err(), "{bad}");
        }
    }
}
