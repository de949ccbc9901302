//! The subject of a certificate, by which the API server knows a client. Nothing else of it is looked at.
//!
//! Sources: RFC 5280 section 4.1 for the fields, X.690 for DER, and
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates> for what they mean.

/// Whom a certificate is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Subject {
    /// The user; empty if it names none.
    pub(super) common_name: String,
    /// The groups.
    pub(super) organizations: Vec<String>,
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_IDENTIFIER: u8 = 0x06;
/// The version, which only newer certificates have.
const VERSION: u8 = 0xa0;
/// UTF8String, PrintableString, TeletexString and IA5String.
const TEXTS: [u8; 4] = [0x0c, 0x13, 0x14, 0x16];
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
const ORGANIZATION: [u8; 3] = [0x55, 0x04, 0x0a];

/// The subject of a certificate in DER; `None` for what is none.
pub(super) fn subject(der: &[u8]) -> Option<Subject> {
    let (certificate, _) = expect(SEQUENCE, der)?;
    let (mut fields, _) = expect(SEQUENCE, certificate)?;
    if let (VERSION, _, rest) = element(fields)? {
        fields = rest;
    }
    // The serial number, the algorithm, the issuer and the time.
    for _ in 0..4 {
        fields = element(fields)?.2;
    }
    let (mut names, _) = expect(SEQUENCE, fields)?;
    let mut subject = Subject::default();
    while !names.is_empty() {
        let (mut together, rest) = expect(SET, names)?;
        names = rest;
        while !together.is_empty() {
            let (attribute, more) = expect(SEQUENCE, together)?;
            together = more;
            let (identifier, value) = expect(OBJECT_IDENTIFIER, attribute)?;
            let (tag, text, _) = element(value)?;
            let text = std::str::from_utf8(text).ok().filter(|_| TEXTS.contains(&tag));
            match (text, identifier) {
                (Some(text), id) if id == COMMON_NAME => text.clone_into(&mut subject.common_name),
                (Some(text), id) if id == ORGANIZATION => subject.organizations.push(text.to_owned()),
                _ => {}
            }
        }
    }
    Some(subject)
}

/// The content of an element of this tag, and what stands behind it.
fn expect(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = element(bytes)?;
    (found == tag).then_some((content, rest))
}

/// The tag and the content of the first element, and what stands behind it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_the_bytes_are_there_is_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = subject(&bytes);
            let inner = [&[SEQUENCE, bytes.len() as u8][..], &bytes].concat();
            let outer = [&[SEQUENCE, inner.len() as u8][..], &inner].concat();
            let _ = subject(&outer);
        }
    }

    #[test]
    fn what_is_cut_off_is_no_certificate() {
        for der in
            [&[][..], &[SEQUENCE], &[SEQUENCE, 5, 1], &[SEQUENCE, 0x84, 0, 0, 0, 1, 0], &[SEQUENCE, 0x80]]
        {
            assert_eq!(subject(der), None, "{der:?}");
        }
    }
}
