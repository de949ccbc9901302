//! The digest of an input: the same for the same contents, whatever the files are called and in which order they come.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use watertight_base::Source;

/// `sha256:` and the digest of the sorted digests of all contents.
pub(crate) fn input_digest(sources: &[Source]) -> String {
    let mut contents: Vec<[u8; 32]> =
        sources.iter().map(|source| Sha256::digest(&source.bytes).into()).collect();
    contents.sort_unstable();
    let mut all = Sha256::new();
    for content in contents {
        all.update(content);
    }
    let mut text = String::from("sha256:");
    for byte in all.finalize() {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, text: &str) -> Source {
        Source { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn names_and_order_do_not_change_the_digest_and_contents_do() {
        let digest = input_digest(&[source("a", "1"), source("b", "2")]);
        assert_eq!(digest, input_digest(&[source("c", "2"), source("d", "1")]));
        assert_ne!(digest, input_digest(&[source("a", "12")]));
        assert_ne!(digest, input_digest(&[source("a", "1"), source("b", "2"), source("c", "2")]));
        assert_eq!(digest.len(), "sha256:".len() + 64);
    }
    #[test]
    fn every_byte_counts() {
        let manifest = "apiVersion: v1\nkind: Namespace\nmetadata: {name: staging}\n";
        let of = |bytes: Vec<u8>| input_digest(&[Source { name: "a".to_owned(), bytes }, source("b", "2")]);
        let digest = of(manifest.as_bytes().to_vec());
        for at in 0..manifest.len() {
            let mut less = manifest.as_bytes().to_vec();
            less.remove(at);
            assert_ne!(digest, of(less), "without the byte {at}");
            for bit in 0..8 {
                let mut other = manifest.as_bytes().to_vec();
                other[at] ^= 1 << bit;
                assert_ne!(digest, of(other), "the byte {at} is another");
            }
        }
    }
}
