//! Whether a value is a credential, by its name and by what it looks like: a second list of words, which a test holds against
//! the engine's.

use watertight_base::Sealed;
use watertight_model::HeldValue;

/// The last word of names of what is none.
const NO_CREDENTIAL: &str = "\
    address algorithm arn audience bucket ca cert certificate cluster crt database db dbname dialect dir \
    directory domain driver email enabled encoding endpoint engine env environment expiry file format \
    from group header host hostname hosts id interval issuer length level locale login mail mode name \
    namespace org owner path policy port prefix project protocol provider pub region replicas role \
    schema scheme server sslmode timeout timezone ttl type tz uri url user username version zone";

/// What names of credentials hold, written without anything between their words.
const CREDENTIAL: &str = "\
    accesskey apikey authkey bearer connectionstring credential dockercfg dockerconfigjson encryptionkey \
    kubeconfig passphrase passwd password privatekey pwd secret signingkey token";

/// What holds a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder<'a> {
    /// A Secret of this type.
    Secret(&'a str),
    /// A ConfigMap, or the environment of a container.
    Settings,
}

/// Whether a value is one. What stands in a Secret is, if it looks like one; what stands elsewhere only by its name.
pub(super) fn is_credential(holder: Holder<'_>, held: &HeldValue) -> bool {
    let value = &held.value;
    let is_private_key = value.holds("PRIVATE KEY-----");
    let is_certificate = value.holds("-----BEGIN ") && !is_private_key;
    let is_release = holder == Holder::Secret("helm.sh/release.v1");
    let words = words(&held.key);
    let last = words.last().map_or("", String::as_str);
    let is_another_thing = NO_CREDENTIAL.split_whitespace().any(|word| word == last);
    if value.len() < 6 || is_certificate || is_release || is_another_thing {
        return false;
    }
    let name = words.concat();
    let is_named =
        ["key", "pass"].contains(&last) || CREDENTIAL.split_whitespace().any(|word| name.contains(word));
    let looks_so = value.len() >= 16
        && is_telling(value)
        && !value.holds("://")
        && !value.any(|byte| byte == b'.' || byte == b'{');
    is_named || is_private_key || looks_so && holder != Holder::Settings
}

/// Whether two have it by no chance: one word of eight characters or more, with letters and digits.
pub(super) fn is_telling(value: &Sealed) -> bool {
    value.len() >= 8
        && value.any(|byte| byte.is_ascii_alphabetic())
        && value.any(|byte| byte.is_ascii_digit())
        && !value.any(|byte| byte.is_ascii_whitespace())
}

/// The words of a name, in lower case: they end at what is no letter or digit, and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || was_small && letter.is_uppercase() {
            words.push(String::new());
        }
        if letter.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.extend(letter.to_lowercase()));
        }
        was_small = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_engine() {
        let [no_credential, credential] = watertight_api::credential_words();
        assert_eq!(NO_CREDENTIAL.split_whitespace().collect::<Vec<_>>(), no_credential);
        assert_eq!(CREDENTIAL.split_whitespace().collect::<Vec<_>>(), credential);
    }

    #[test]
    fn names_are_cut_into_words() {
        for (name, expected) in [
            ("DB_userName", &["db", "user", "name"][..]),
            ("tls.key", &["tls", "key"]),
            ("-a--b2C", &["a", "b2c"]),
            ("", &[]),
        ] {
            assert_eq!(words(name), expected, "{name}");
        }
    }
}
