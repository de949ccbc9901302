//! Regular expressions that mean the same to the server (RE2) and to the library that is used here.

use regex_lite::Regex;

/// The pattern, if it is made of what both know alike: plain characters, classes, groups, alternatives, anchors and
/// bounded repetition.
pub(super) fn pattern(text: &str) -> Option<Regex> {
    if !is_plain(text) { None } else { Regex::new(text).ok() }
}

/// The longest pattern that is read.
const MAX_BYTES: usize = 500;
/// How deep groups may stand in each other.
const MAX_DEPTH: usize = 10;
/// What bounds of repetition may multiply to where they stand in each other: the server refuses more.
const MAX_REPEATED: u32 = 1000;

fn is_plain(text: &str) -> bool {
    if text.len() > MAX_BYTES || !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return false;
    }
    let mut rest = text;
    let mut in_class = false;
    // What a star or its like would repeat: nothing yet.
    let mut repeatable = false;
    // What bounds multiply to: of the groups around, outer ones first, and of what stands before.
    let mut around: Vec<u32> = vec![1];
    let mut before = 1;
    while let Some(first) = rest.chars().next() {
        let mut length = 1;
        match first {
            '\\' => {
                let Some(second) = rest[1..].chars().next() else { return false };
                if !(matches!(second, 'd' | 'w' | 's' | 'D' | 'W' | 'S')
                    || second.is_ascii_punctuation() && !matches!(second, '<' | '>'))
                {
                    return false;
                }
                length = 2;
                (before, repeatable) = (1, true);
            }
            '[' if in_class => return false,
            '[' => {
                in_class = true;
                length = if rest[1..].starts_with('^') { 2 } else { 1 };
                // A bracket or a hyphen that begins a class is read in more than one way.
                if rest[length..].starts_with([']', '-']) {
                    return false;
                }
            }
            ']' if in_class => (in_class, repeatable, before) = (false, true, 1),
            ']' | '}' => return false,
            _ if in_class => {
                if ["&&", "--", "~~"].iter().any(|sign| rest.starts_with(sign)) {
                    return false;
                }
            }
            '(' => {
                length = if rest.starts_with("(?:") { 3 } else { 1 };
                if rest[length..].starts_with('?') {
                    return false;
                }
                (before, repeatable) = (1, false);
                around.push(1);
                if around.len() > MAX_DEPTH + 1 {
                    return false;
                }
            }
            ')' => {
                let Some(inner) = around.pop() else { return false };
                (before, repeatable) = (inner, true);
            }
            '|' | '^' | '$' => repeatable = false,
            '*' | '+' | '?' | '{' => {
                let Some((end, times)) = repetition(rest).filter(|_| repeatable) else { return false };
                length = end;
                repeatable = false;
                before = before.saturating_mul(times.max(1));
            }
            _ => (before, repeatable) = (1, true),
        }
        if let Some(all) = around.last_mut() {
            *all = before.max(*all);
        }
        rest = &rest[length..];
    }
    !in_class && around.into_iter().all(|times| times <= MAX_REPEATED)
}

/// How long a sign of repetition is, and its bound: `*`, `+`, `?`, `{2}`, `{2,}` or `{2,5}`.
fn repetition(text: &str) -> Option<(usize, u32)> {
    let Some(inner) = text.strip_prefix('{') else { return Some((1, 1)) };
    let (bounds, _) = inner.split_once('}')?;
    let (least, most) = bounds.split_once(',').unwrap_or((bounds, bounds));
    let is_bound =
        |text: &str| text.len() <= 2 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let in_order =
        || most.is_empty() || is_bound(most) && least.parse::<u8>().ok() <= most.parse::<u8>().ok();
    let bound = if most.is_empty() { least } else { most };
    (is_bound(least) && in_order()).then(|| Some((bounds.len() + 2, bound.parse().ok()?)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_both_know_alike_is_read() {
        for text in [
            "^a+$",
            "^(staging|test)-[a-z0-9]{1,5}$",
            "a\\.b",
            "[^a-c]x*",
            "\\d+",
            "(?:a|b)?",
            "registry/.*",
            "a{40}(b){40}",
            "[a-z]{1,63}(\\.[a-z]{1,63}){9}",
        ] {
            assert!(pattern(text).is_some(), "{text}");
        }
        for text in [
            "(?i)a",
            "\\bx",
            "\\p{L}",
            "a{1000}",
            "*a",
            "a**",
            "[[:alpha:]]",
            "[a&&b]",
            "(",
            "é",
            "a)",
            "x{2,1}",
            "((a{40})b{9}){40}",
            "(a{40}){26,}",
            "(((((((((((a)))))))))))",
        ] {
            assert!(pattern(text).is_none(), "{text}");
        }
    }
}
