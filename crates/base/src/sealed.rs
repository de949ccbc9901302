//! Text that no output ever shows, and the questions that may be put to it.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// A value that may be a credential. It can be compared and asked about; nothing gives it back, and printing it shows
/// nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sealed(Box<[u8]>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

impl From<Vec<u8>> for Sealed {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&str> for Sealed {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl Sealed {
    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this text is in it.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        text.is_empty() || self.0.windows(text.len()).any(|window| window == text.as_bytes())
    }

    /// Whether it begins with this text.
    #[must_use]
    pub fn starts_with(&self, text: &str) -> bool {
        self.0.starts_with(text.as_bytes())
    }

    /// Whether one of its bytes is so.
    #[must_use]
    pub fn any(&self, is: fn(u8) -> bool) -> bool {
        self.0.iter().copied().any(is)
    }

    /// Whether each of its bytes is so.
    #[must_use]
    pub fn all(&self, is: fn(u8) -> bool) -> bool {
        self.0.iter().copied().all(is)
    }

    /// The same without white space around it, which files of credentials often end with.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        Self(self.0.trim_ascii().into())
    }

    /// Whether it only names a variable that holds the value: `$(NAME)` as the kubelet expands it, `${NAME}` or `$NAME` in
    /// capitals as shells and programs do.
    ///
    /// Source: <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        let is_name = |name: &[u8]| {
            name.first().is_some_and(|first| !first.is_ascii_digit())
                && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte))
        };
        match &*self.0 {
            [b'$', b'(', name @ .., b')'] => is_name(name),
            // A shell allows for a default after the name, which would be a value.
            [b'$', b'{', name @ .., b'}'] => is_name(name),
            [b'$', name @ ..] => is_name(name) && !name.iter().any(u8::is_ascii_lowercase),
            _ => false,
        }
    }

    /// Whether it is made as the path of a file is, `/etc/tls/tls.key`: from a folder in small letters on, and without what names of files
    /// hardly have.
    #[must_use]
    pub fn is_path(&self) -> bool {
        let Some(path) = self.0.strip_prefix(b"/") else { return false };
        let mut parts = path.split(|byte| *byte == b'/');
        let is_name = |part: &[u8]| {
            !part.is_empty() && part.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
        };
        let folder = parts.next().unwrap_or_default();
        let mut names = parts.peekable();
        let is_folder = !folder.is_empty() && folder.iter().all(u8::is_ascii_lowercase);
        is_folder && names.peek().is_some() && names.all(is_name)
    }

    /// The same as it stands in a URL, if it is written otherwise there.
    #[must_use]
    pub fn percent_encoded(&self) -> Option<Self> {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        let mut encoded = Vec::with_capacity(self.0.len());
        for &byte in &self.0 {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                encoded.push(byte);
            } else {
                encoded.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
        }
        (encoded.len() > self.0.len()).then(|| Self::from(encoded))
    }

    /// The passwords of the URLs in it: what stands between `://USER:` and `@`, decoded.
    #[must_use]
    pub fn passwords_of_urls(&self) -> Vec<Self> {
        self.logins_of_urls().into_iter().map(|login| login.password).collect()
    }

    /// The URLs in it that hold a password: that password, decoded, and the hosts behind it.
    #[must_use]
    pub fn logins_of_urls(&self) -> Vec<SealedLogin> {
        let bytes = &self.0;
        let mut logins = Vec::new();
        for start in (0..bytes.len()).filter(|&at| bytes[at..].starts_with(b"://")).map(|at| at + 3) {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/?#\"'`<>".contains(byte);
            let end = bytes[start..].iter().position(ends).map_or(bytes.len(), |length| start + length);
            let authority = &bytes[start..end];
            let Some(colon) = authority.iter().position(|byte| b":@".contains(byte)) else { continue };
            let Some(at) = authority.iter().position(|&byte| byte == b'@') else { continue };
            if authority[colon] == b':' && at > colon + 1 {
                let password = Self::from(percent_decoded(&authority[colon + 1..at]));
                let hosts = Self::from(authority[at + 1..].to_vec()).hosts();
                logins.push(SealedLogin { hosts, password });
            }
        }
        logins
    }

    /// The words in it that are made as hosts are, in lower case: letters, digits, `-` and `_`, with dots between.
    #[must_use]
    pub fn hosts(&self) -> Vec<Self> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let words = self.0.split(|byte| !is_part(byte)).map(|word| {
            let start = word.iter().position(|&byte| byte != b'.').unwrap_or(word.len());
            let end = word.iter().rposition(|&byte| byte != b'.').map_or(start, |last| last + 1);
            &word[start..end]
        });
        let is_host = |word: &&[u8]| word.contains(&b'.') && word.len() <= HOST_LENGTH_MAX;
        words.filter(is_host).map(|word| Self::from(word.to_ascii_lowercase())).collect()
    }

    /// What stands between the dots of a host.
    pub fn labels_of_host(&self) -> impl Iterator<Item = Self> {
        self.0.split(|&byte| byte == b'.').map(|label| Self::from(label.to_vec()))
    }
}

fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.filter(|_| byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(code) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            decoded.push(code);
            rest = &after[2..];
        } else {
            decoded.push(byte);
            rest = after;
        }
    }
    decoded
}

/// The length of a name in DNS at most.
const HOST_LENGTH_MAX: usize = 253;

/// What a URL logs in with, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedLogin {
    /// The hosts, of which some databases take several. One without a dot is none here: it means nothing elsewhere.
    pub hosts: Vec<Sealed>,
    /// The password.
    pub password: Sealed,
}

/// Values that are looked for inside others: by their first bytes, so that the time does not depend on how many there are.
#[derive(Debug, Default)]
pub struct SealedIndex {
    values: Vec<Sealed>,
    by_head: HashMap<[u8; HEAD], Vec<usize>>,
}

/// How many bytes a value has at least to be found.
const HEAD: usize = 8;

impl SealedIndex {
    /// An index of values, which are known by their numbers from here on. Those of less than eight bytes are never found.
    #[must_use]
    pub fn new(values: Vec<Sealed>) -> Self {
        let mut by_head: HashMap<[u8; HEAD], Vec<usize>> = HashMap::new();
        for (number, value) in values.iter().enumerate() {
            if let Some(head) = value.0.first_chunk() {
                by_head.entry(*head).or_default().push(number);
            }
        }
        Self { values, by_head }
    }

    /// The numbers of the values that are a part of this text: where they begin and end, no word goes on.
    #[must_use]
    pub fn inside(&self, text: &Sealed) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let bytes = &text.0;
        for start in 0..bytes.len() {
            let Some(numbers) = bytes[start..].first_chunk().and_then(|head| self.by_head.get(head)) else {
                continue;
            };
            for &number in numbers {
                let value = &self.values[number].0;
                let end = start + value.len();
                let is_word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
                let is_cut_off =
                    start > 0 && is_word(start - 1) && is_word(start) || is_word(end - 1) && is_word(end);
                if value.len() < bytes.len() && bytes[start..].starts_with(value) && !is_cut_off {
                    found.insert(number);
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sealed(text: &str) -> Sealed {
        Sealed::from(text)
    }

    #[test]
    fn printing_shows_nothing() {
        let value = sealed("hunter2-and-more");
        assert_eq!(format!("{value:?} {value:#?}"), "Sealed Sealed");
        let index = format!("{:?}", SealedIndex::new(vec![value.clone()]).values);
        assert_eq!(index, "[Sealed]");
    }

    #[test]
    fn passwords_of_urls_are_decoded() {
        let passwords = |text: &str| sealed(text).passwords_of_urls();
        assert_eq!(passwords("postgres://app:s3cret@db:5432/app"), [sealed("s3cret")]);
        assert_eq!(passwords("a=redis://:p%40ss@r, b=https://u:two@h/"), [sealed("p@ss"), sealed("two")]);
        for none in ["https://example.com/a@b", "https://user@example.com", "http://h:80/a@b", "://", "u:p@h"]
        {
            assert_eq!(passwords(none), [], "{none}");
        }
    }

    #[test]
    fn a_name_of_a_variable_is_no_value() {
        for reference in ["$(DB_PASSWORD)", "${db.password}", "$DB_PASSWORD"] {
            assert!(sealed(reference).is_reference(), "{reference}");
        }
        for value in ["$(", "$()", "$(A)b", "${A:-changeme}", "$ecret", "$1A", "$", "DB_PASSWORD", "$$(A)"] {
            assert!(!sealed(value).is_reference(), "{value}");
        }
    }

    #[test]
    fn a_path_leads_from_a_folder_to_a_file() {
        for path in ["/etc/tls/tls.key", "/run/secrets/DB_password"] {
            assert!(sealed(path).is_path(), "{path}");
        }
        for other in ["/etc", "/9j4AAQ/sk", "etc/key", "/etc//key", "/etc/a+b=", "/", "/Sd3/f"] {
            assert!(!sealed(other).is_path(), "{other}");
        }
    }

    #[test]
    fn hosts_are_words_with_dots_in_lower_case() {
        let hosts = |text: &str| sealed(text).hosts();
        assert_eq!(hosts("DB.Production.svc:5432,b.c."), [sealed("db.production.svc"), sealed("b.c")]);
        assert_eq!(hosts("db . .. a"), []);
        let logins =
            sealed("mongodb://u:pw@a.example.com:1,B.example.com/x?y=c.d http://h.i/").logins_of_urls();
        let [login] = logins.as_slice() else { panic!("{logins:?}") };
        assert!(login.password == sealed("pw"));
        assert!(login.hosts == [sealed("a.example.com"), sealed("b.example.com")]);
        let labels: Vec<Sealed> = sealed("a.b").labels_of_host().collect();
        assert!(labels == [sealed("a"), sealed("b")]);
    }

    #[test]
    fn a_part_is_found_as_whole_words_and_not_as_the_whole() {
        let index = SealedIndex::new(vec![sealed("S3cret-Value"), sealed("postgres"), sealed("short")]);
        let inside = |text: &str| index.inside(&sealed(text)).into_iter().collect::<Vec<_>>();
        assert_eq!(inside("dsn=postgres://app:S3cret-Value@db"), [0, 1]);
        assert_eq!(inside("S3cret-Value"), [] as [usize; 0]);
        assert_eq!(inside("postgresql xS3cret-Value short"), [] as [usize; 0]);
        assert_eq!(inside("S3cret-Value\n"), [0]);
    }

    proptest! {
        #[test]
        fn a_password_is_found_in_its_url(password in "[ -~]{1,20}", user in "[a-z]{0,8}") {
            let value = sealed(&password);
            let written = value.percent_encoded().unwrap_or_else(|| value.clone());
            let url = [b"amqp://", user.as_bytes(), b":", &written.0, b"@host/x"].concat();
            prop_assert!(Sealed::from(url.clone()).passwords_of_urls() == [value.clone()]);
            if written.len() >= HEAD {
                prop_assert!(SealedIndex::new(vec![written]).inside(&Sealed::from(url)).contains(&0));
            }
        }
    }
}
