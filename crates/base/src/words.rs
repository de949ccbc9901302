//! Words for people: the name that was likely meant, and names in a row.

/// The longest word for which another is looked for: what is longer is no slip of the pen.
const CHARACTERS_MAX: usize = 64;

/// How many edits a word may be away from the one that was meant.
const EDITS_MAX: usize = 2;

/// The known word that was likely meant: the same letters, or at most two edits away. Case, `-`, `_` and `.` do not count.
#[must_use]
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word: String = folded(word).collect();
    if word.chars().count() > CHARACTERS_MAX {
        return None;
    }
    let distance = |name: &&&str| edits(&word, &folded(name).collect::<String>());
    known.iter().min_by_key(|name| distance(name)).filter(|name| distance(name) <= EDITS_MAX).copied()
}

/// Whether two words differ in nothing but what typing makes of them.
#[must_use]
pub fn is_folded_alike(one: &str, other: &str) -> bool {
    // Mostly the first letters tell.
    let letter = |name: &str| name.bytes().next().filter(u8::is_ascii_alphanumeric);
    if let (Some(one), Some(other)) = (letter(one), letter(other))
        && !one.eq_ignore_ascii_case(&other)
    {
        return false;
    }
    if !one.is_ascii() || !other.is_ascii() {
        return folded(one).eq(folded(other));
    }
    let (one, other) = (one.bytes(), other.bytes());
    let letters = |byte: &u8| byte.is_ascii_alphanumeric();
    let (one, other) = (one.filter(letters), other.filter(letters));
    one.map(|byte| byte.to_ascii_lowercase()).eq(other.map(|byte| byte.to_ascii_lowercase()))
}

/// `a`, `b` and `c`, each in backticks.
#[must_use]
pub fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A word without the differences that typing makes.
fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// The Levenshtein distance.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_near_and_nonsense_is_not() {
        let known = ["namespaces", "isolation", "quota"];
        assert_eq!(nearest("namespcaes", &known), Some("namespaces"));
        assert_eq!(nearest("Name-Spaces", &known), Some("namespaces"));
        assert_eq!(nearest("zebra", &known), None);
        assert_eq!(nearest(&"n".repeat(65), &known), None);
        assert_eq!(nearest("x", &[]), None);
    }

    #[test]
    fn words_differ_in_more_than_typing_or_not() {
        assert!(is_folded_alike("pod-selector", "podSelector"));
        assert!(!is_folded_alike("podSelektor", "podSelector"));
    }

    #[test]
    fn names_in_a_row_end_with_and() {
        assert_eq!(listed(&[]), "");
        assert_eq!(listed(&["a"]), "`a`");
        assert_eq!(listed(&["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
