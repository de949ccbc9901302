//! Whether a value looks like a credential. What does is never copied: the doubt goes against copying.

use watertight_base::{Source, SourceId, Span};

/// Parts of names of credentials, in names without anything between their words.
const NAMED: [&str; 24] = [
    "accesskey",
    "apikey",
    "authkey",
    "bearer",
    "connectionstring",
    "cookie",
    "credential",
    "databaseurl",
    "dockerconfigjson",
    "dsn",
    "encryptionkey",
    "kubeconfig",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "salt",
    "secret",
    "signature",
    "signingkey",
    "token",
    "webhookurl",
    "otp",
];

/// Last words of names of credentials, where a name that only holds them may be of something else.
const LAST: [&str; 5] = ["auth", "jwt", "key", "pass", "pin"];

/// Last words of names by which a value says where a credential is, or how long it holds.
const ABOUT: [&str; 14] = [
    "algorithm",
    "enabled",
    "expiry",
    "file",
    "header",
    "id",
    "length",
    "lifetime",
    "name",
    "path",
    "policy",
    "timeout",
    "ttl",
    "type",
];

/// How values begin that services hand out as keys.
const BEGINNINGS: [&str; 16] = [
    "AKIA",
    "ASIA",
    "AIza",
    "eyJ",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "npm_",
    "pypi-",
    "sk-",
    "sk_",
    "rk_",
    "xox",
    "SG.",
];

/// From this length on, one word of letters and digits is taken for a key.
const LENGTH_OF_UNNAMED: usize = 20;

/// Whether a value under a name looks like a credential.
pub(crate) fn looks_like_one(name: &str, value: &str) -> bool {
    if value.is_empty() {
        return false;
    }
    is_named(name) || is_telling(value)
}

/// Whether a name is one of a credential.
fn is_named(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    if ABOUT.contains(&last) {
        return false;
    }
    let whole = words.concat();
    LAST.contains(&last) || NAMED.iter().any(|part| whole.contains(part))
}

/// Whether a value says by itself what it is: a key of a known form, a URL with a password, or one long word by chance.
fn is_telling(value: &str) -> bool {
    let value = value.trim();
    value.contains("PRIVATE KEY-----")
        || value.contains("assword=")
        || value.contains("ecret=")
        || value.contains("oken=")
        || has_user_information(value)
        || BEGINNINGS.iter().any(|beginning| value.starts_with(beginning) && value.len() >= 16)
        || is_one_long_word(value)
}

/// Whether a URL in a text has a password: `scheme://user:password@host`.
fn has_user_information(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', '?', '#', ' ', '"', '\'']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
    })
}

/// Whether a value is one long word with letters and digits, as what is made by chance is.
fn is_one_long_word(value: &str) -> bool {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte);
    let count = |is: fn(&u8) -> bool| value.bytes().filter(is).count();
    let is_path = value.starts_with('/') || value.starts_with("./");
    value.len() >= LENGTH_OF_UNNAMED
        && !is_path
        && value.bytes().all(usual)
        && count(u8::is_ascii_digit) >= 3
        && count(u8::is_ascii_alphabetic) >= 3
}

/// The words of a name in lower case: `db`, `user` and `name` of `DB_userName`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut after = ' ';
    for letter in name.chars() {
        let begins = !after.is_alphanumeric() || after.is_lowercase() && letter.is_uppercase();
        if letter.is_alphanumeric() {
            if begins || words.is_empty() {
                words.push(String::new());
            }
            words.last_mut().into_iter().for_each(|word| word.extend(letter.to_lowercase()));
        }
        after = letter;
    }
    words
}

/// The parts of a file that may be credentials, line by line, whatever else can be read of it: `name: value` and
/// `name=value`.
pub(crate) fn lines_with_one(id: SourceId, source: &Source) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    for line in source.bytes.split_inclusive(|&byte| byte == b'\n') {
        let end = start + line.len();
        let text = String::from_utf8_lossy(line);
        let (name, value) = text.split_once([':', '=']).unwrap_or(("", &text));
        let value = value.trim().trim_matches(['"', '\'', ',', '}', ']']);
        if looks_like_one(name, value) || is_telling(text.trim()) {
            let shown = if name.is_empty() || is_telling(name.trim()) { 0 } else { name.len() + 1 };
            // Where bytes are no text, places in the two are not the same.
            let shown = if text.len() == line.len() { shown } else { 0 };
            spans.push(Span::new(id, start + shown, start + line.trim_ascii_end().len().max(shown)));
        }
        start = end;
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_tell_credentials() {
        for (name, value) in [
            ("DB_PASSWORD", "x"),
            ("apiKey", "abc"),
            ("SESSION_SECRET", "hunter2"),
            ("DATABASE_URL", "postgres://db/shop"),
            ("BROKER", "amqp://shop:hunter2@queue/"),
            ("X", "-----BEGIN RSA PRIVATE KEY-----"),
            ("GITHUB", "ghp_0123456789abcdef"),
            ("OPAQUE", "9f8a7b6c5d4e3f2a1b0c9d8e"),
            ("CONNECTION", "Server=db;Password=x"),
        ] {
            assert!(looks_like_one(name, value), "{name}={value}");
        }
    }

    #[test]
    fn ordinary_settings_are_none() {
        for (name, value) in [
            ("LOG_LEVEL", "debug"),
            ("PORT", "8080"),
            ("PUBLIC_URL", "https://shop.example.com/path"),
            ("TOKEN_TTL", "3600"),
            ("KEY_FILE", "/etc/keys/public"),
            ("PASSWORD", ""),
            ("COMPASS", "north"),
            ("MONKEYS", "12"),
            ("GREETING", "good morning, dear customer number 12345678"),
            ("HOST", "orders.staging.svc.cluster.local"),
        ] {
            assert!(!looks_like_one(name, value), "{name}={value}");
        }
    }

    #[test]
    fn lines_are_looked_at_one_by_one() {
        let text = "name: shop\npassword: \"hunter2\"\n- amqp://a:b@c\n\u{e9}: x\n";
        let source = Source { name: "x".to_owned(), bytes: text.as_bytes().to_vec() };
        let spans = lines_with_one(SourceId(0), &source);
        let hidden: Vec<&str> = spans.iter().map(|span| &text[span.start..span.end]).collect();
        assert_eq!(hidden, [" \"hunter2\"", "//a:b@c"]);
    }
}
