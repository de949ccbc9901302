//! Whether a value is a credential: by the name that it has, by what it looks like, and by what holds it.

use watertight_base::Sealed;
use watertight_model::HeldValue;

/// What a value stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder<'s> {
    /// A Secret of this type: its values are credentials unless they are known to be something else.
    Secret(&'s str),
    /// Settings: only what is named as a credential is one.
    Settings,
}

/// Shorter values are equal by chance.
const LENGTH_MIN: usize = 6;
/// From this length on, a text of letters and digits under a name that says nothing is one.
const LENGTH_OF_UNNAMED: usize = 16;

/// What the last word of a name is, where the value is no credential.
const NO_CREDENTIAL: &[&str] = &[
    "address",
    "algorithm",
    "arn",
    "audience",
    "bucket",
    "ca",
    "cert",
    "certificate",
    "cluster",
    "crt",
    "database",
    "db",
    "dbname",
    "dialect",
    "dir",
    "directory",
    "domain",
    "driver",
    "email",
    "enabled",
    "encoding",
    "endpoint",
    "engine",
    "env",
    "environment",
    "expiry",
    "file",
    "format",
    "from",
    "group",
    "header",
    "host",
    "hostname",
    "hosts",
    "id",
    "interval",
    "issuer",
    "length",
    "level",
    "locale",
    "login",
    "mail",
    "mode",
    "name",
    "namespace",
    "org",
    "owner",
    "path",
    "policy",
    "port",
    "prefix",
    "project",
    "protocol",
    "provider",
    "pub",
    "region",
    "replicas",
    "role",
    "schema",
    "scheme",
    "server",
    "sslmode",
    "timeout",
    "timezone",
    "ttl",
    "type",
    "tz",
    "uri",
    "url",
    "user",
    "username",
    "version",
    "zone",
];

/// Words in names of credentials, where names are written without anything between their words.
const CREDENTIAL: &[&str] = &[
    "accesskey",
    "apikey",
    "authkey",
    "bearer",
    "connectionstring",
    "credential",
    "dockercfg",
    "dockerconfigjson",
    "encryptionkey",
    "kubeconfig",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "signingkey",
    "token",
];

/// The last words of names of what is no credential, and what names of credentials hold. The checker of certificates holds its
/// own against them.
#[must_use]
pub fn credential_words() -> [&'static [&'static str]; 2] {
    [NO_CREDENTIAL, CREDENTIAL]
}

/// Whether a value is a credential.
pub(super) fn is_credential(holder: Holder<'_>, held: &HeldValue) -> bool {
    let value = &held.value;
    let is_key_pair = value.holds("PRIVATE KEY-----");
    let is_public = value.holds("-----BEGIN ") && !is_key_pair;
    // What Helm keeps of a release is everything that it installed.
    if value.len() < LENGTH_MIN || is_public || holder == Holder::Secret("helm.sh/release.v1") {
        return false;
    }
    let words = words(&held.key);
    if words.last().is_some_and(|last| NO_CREDENTIAL.contains(&last.as_str())) {
        return false;
    }
    let name = words.concat();
    let is_named = words.last().is_some_and(|last| ["key", "pass"].contains(&last.as_str()))
        || CREDENTIAL.iter().any(|word| name.contains(word));
    is_named || is_key_pair || matches!(holder, Holder::Secret(_)) && looks_like_one(value)
}

/// Whether a value under a name that says nothing looks like a credential, and not like an address, a number or prose.
fn looks_like_one(value: &Sealed) -> bool {
    value.len() >= LENGTH_OF_UNNAMED
        && is_telling(value)
        && !value.holds("://")
        && !value.any(|byte| b".{".contains(&byte))
}

/// Whether nobody has the same value by chance: letters and digits in one word.
pub(super) fn is_telling(value: &Sealed) -> bool {
    let is_mixed = value.any(|byte| byte.is_ascii_alphabetic()) && value.any(|byte| byte.is_ascii_digit());
    value.len() >= 8 && is_mixed && !value.any(|byte| byte.is_ascii_whitespace())
}

/// The words of a name in lower case: `db`, `user` and `name` of `DB_userName`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut after = ' ';
    for letter in name.chars() {
        let begins = !after.is_alphanumeric() || after.is_lowercase() && letter.is_uppercase();
        if letter.is_alphanumeric() {
            if begins {
                words.push(String::new());
            }
            words.last_mut().into_iter().for_each(|word| word.extend(letter.to_lowercase()));
        }
        after = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_base::{SourceId, Span};

    fn judged(holder: Holder<'_>, key: &str, value: &str) -> bool {
        let span = Span { source: SourceId(0), start: 0, end: 0 };
        let held = HeldValue {
            key: key.to_owned(),
            path: String::new(),
            span,
            registry: None,
            bearers: Vec::new(),
            value: Sealed::from(value),
        };
        is_credential(holder, &held)
    }

    #[test]
    fn names_say_what_is_a_credential_and_what_is_none() {
        for key in [
            "password",
            "DB_PASSWORD",
            "dbPassword",
            "api-key",
            "apiKey",
            "tls.key",
            "client_secret",
            "SMTP_PASS",
        ] {
            assert!(judged(Holder::Secret("Opaque"), key, "changeme"), "{key}");
        }
        for key in [
            "username",
            "userName",
            "DB_HOST",
            "token_url",
            "secretName",
            "ca.crt",
            "tls.crt",
            "AWS_ACCESS_KEY_ID",
        ] {
            assert!(!judged(Holder::Secret("Opaque"), key, "0123456789abcdef-0123"), "{key}");
        }
    }

    #[test]
    fn under_other_names_only_what_looks_like_one_is_one_and_only_in_a_secret() {
        let secret = Holder::Secret("Opaque");
        assert!(judged(secret, "value", "9b1deb4d3b7d4bad9bdd2b0d"));
        assert!(!judged(Holder::Settings, "value", "9b1deb4d3b7d4bad9bdd2b0d"));
        assert!(judged(Holder::Settings, "password", "changeme"));
        for value in [
            "true",
            "production",
            "https://api-1.example.com/v2",
            "db1.internal.example.com",
            "{\"a\": 123456789012}",
        ] {
            assert!(!judged(secret, "value", value), "{value}");
        }
    }

    #[test]
    fn certificates_are_public_and_private_keys_are_not() {
        let secret = Holder::Secret("Opaque");
        assert!(!judged(secret, "password", "-----BEGIN CERTIFICATE-----\nMII1\n"));
        assert!(judged(
            secret,
            "some.pem",
            "-----BEGIN CERTIFICATE-----\nM\n-----BEGIN EC PRIVATE KEY-----\nM1\n"
        ));
        assert!(!judged(Holder::Secret("helm.sh/release.v1"), "password", "0123456789abcdef-0123"));
    }
}
