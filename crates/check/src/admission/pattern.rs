//! Regular expressions as far as they are followed: characters, classes, groups, alternatives, anchors and bounded repetition.
//!
//! Source: <https://github.com/google/re2/wiki/Syntax>, `regexp/syntax` of Go.

use std::collections::BTreeSet;

/// A regular expression.
#[derive(Debug)]
pub(super) struct Pattern(Node);

#[derive(Debug)]
enum Node {
    Start,
    End,
    /// One character of these, or one that is none of them.
    OneOf {
        of: Vec<Ranges>,
        inverted: bool,
    },
    /// One after the other.
    Row(Vec<Self>),
    /// Any of them.
    Either(Vec<Self>),
    /// So many times; without a bound, as often as one likes.
    Repeated {
        of: Box<Self>,
        least: u32,
        most: Option<u32>,
    },
}

/// Characters from one to another; or all but these.
type Ranges = (Vec<(char, char)>, bool);

/// The longest one that is read.
const MAX_BYTES: usize = 500;
/// How deep groups may stand in each other.
const MAX_DEPTH: usize = 10;
/// What bounds may multiply to where they stand in each other. The server refuses more.
const MAX_REPEATED: u32 = 1000;

impl Pattern {
    /// The expression of a text, if it is followed.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let mut reader = Reader { rest: text, depth: 0 };
        let node = reader.either()?;
        (reader.rest.is_empty() && node.repeats() <= MAX_REPEATED).then_some(Self(node))
    }

    /// Whether something in a text is as the expression has it.
    pub(super) fn is_found_in(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        !self.0.ends(&text, &(0..=text.len()).collect()).is_empty()
    }
}

impl Node {
    /// What bounds multiply to.
    fn repeats(&self) -> u32 {
        let most = |nodes: &[Self]| nodes.iter().map(Self::repeats).max().unwrap_or(1);
        match self {
            Self::Start | Self::End | Self::OneOf { .. } => 1,
            Self::Row(nodes) | Self::Either(nodes) => most(nodes),
            Self::Repeated { of, least, most } => most.unwrap_or(*least).max(1).saturating_mul(of.repeats()),
        }
    }

    /// Where it may end in a text, if it begins at one of these places.
    fn ends(&self, text: &[char], from: &BTreeSet<usize>) -> BTreeSet<usize> {
        match self {
            Self::Start => from.iter().copied().filter(|at| *at == 0).collect(),
            Self::End => from.iter().copied().filter(|at| *at == text.len()).collect(),
            Self::OneOf { of, inverted } => {
                let is_in = |c: &char| {
                    of.iter().any(|(ranges, but)| ranges.iter().any(|(a, z)| (a..=z).contains(&c)) != *but)
                };
                let is_meant = |at: &&usize| text.get(**at).is_some_and(|c| is_in(c) != *inverted);
                from.iter().filter(is_meant).map(|at| at + 1).collect()
            }
            Self::Row(nodes) => nodes.iter().fold(from.clone(), |from, node| node.ends(text, &from)),
            Self::Either(nodes) => nodes.iter().flat_map(|node| node.ends(text, from)).collect(),
            Self::Repeated { of, least, most } => {
                let mut at = (0..*least).fold(from.clone(), |from, _| of.ends(text, &from));
                let mut all = at.clone();
                for _ in *least..most.unwrap_or(u32::MAX) {
                    at = of.ends(text, &at).difference(&all).copied().collect();
                    if at.is_empty() {
                        break;
                    }
                    all.extend(&at);
                }
                all
            }
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn take(&mut self, sign: &str) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn either(&mut self) -> Option<Node> {
        let mut all = vec![self.row()?];
        while self.take("|") {
            all.push(self.row()?);
        }
        Some(Node::Either(all))
    }

    fn row(&mut self) -> Option<Node> {
        let mut row = Vec::new();
        while !self.rest.is_empty() && !self.rest.starts_with(['|', ')']) {
            let node = self.one()?;
            let may_repeat = !matches!(node, Node::Start | Node::End);
            row.push(match self.repetition()? {
                (1, Some(1)) => node,
                (least, most) if may_repeat => Node::Repeated { of: Box::new(node), least, most },
                _ => return None,
            });
            // Twice is an error, or means something else.
            if self.rest.starts_with(['*', '+', '?', '{']) {
                return None;
            }
        }
        Some(Node::Row(row))
    }

    fn repetition(&mut self) -> Option<(u32, Option<u32>)> {
        for (sign, bounds) in [("*", (0, None)), ("+", (1, None)), ("?", (0, Some(1)))] {
            if self.take(sign) {
                return Some(bounds);
            }
        }
        if !self.take("{") {
            return Some((1, Some(1)));
        }
        let (bounds, rest) = self.rest.split_once('}')?;
        self.rest = rest;
        let number = |text: &str| text.bytes().all(|it| it.is_ascii_digit()).then(|| text.parse().ok())?;
        let (least, most) = match bounds.split_once(',') {
            None => (number(bounds)?, Some(number(bounds)?)),
            Some((least, "")) => (number(least)?, None),
            Some((least, most)) => (number(least)?, Some(number(most)?)),
        };
        most.is_none_or(|most| least <= most).then_some((least, most))
    }

    fn one(&mut self) -> Option<Node> {
        Some(match self.next()? {
            '^' => Node::Start,
            '$' => Node::End,
            '.' => Node::OneOf { of: vec![only('\n')], inverted: true },
            '(' => {
                self.take("?:");
                self.depth += 1;
                if self.rest.starts_with('?') || self.depth > MAX_DEPTH {
                    return None;
                }
                let inner = self.either()?;
                self.depth -= 1;
                self.take(")").then_some(inner)?
            }
            '[' => self.class()?,
            '\\' => Node::OneOf { of: vec![self.escaped()?], inverted: false },
            ']' | '{' | '}' | '*' | '+' | '?' => return None,
            c => Node::OneOf { of: vec![only(c)], inverted: false },
        })
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Option<Ranges> {
        let kind = self.next()?;
        let ranges = match kind.to_ascii_lowercase() {
            'd' => vec![('0', '9')],
            'w' => vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
            's' => vec![('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')],
            _ if kind.is_ascii_punctuation() => vec![(kind, kind)],
            _ => return None,
        };
        Some((ranges, kind.is_ascii_uppercase()))
    }

    fn class(&mut self) -> Option<Node> {
        let inverted = self.take("^");
        let mut of = Vec::new();
        // A bracket that begins a class is read in more than one way.
        if self.rest.starts_with(']') {
            return None;
        }
        while !self.take("]") {
            let first = self.of_class()?;
            let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]");
            of.push(match single(&first) {
                Some(first) if is_range => {
                    self.take("-");
                    let last = single(&self.of_class()?)?;
                    (first <= last).then(|| (vec![(first, last)], false))?
                }
                _ => first,
            });
        }
        Some(Node::OneOf { of, inverted })
    }

    fn of_class(&mut self) -> Option<Ranges> {
        match self.next()? {
            '[' => None,
            '\\' => self.escaped(),
            c => Some(only(c)),
        }
    }
}

fn only(c: char) -> Ranges {
    (vec![(c, c)], false)
}

/// The character, if it is no more than one.
fn single((ranges, but): &Ranges) -> Option<char> {
    match ranges[..] {
        [(one, other)] if one == other && !but => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_found_as_re2_finds_them() {
        for (pattern, found, not_found) in [
            ("^a+$", "aaa", "aab"),
            ("a|^b$", "xax", "bb"),
            ("^(staging|test)-[a-z0-9]{1,5}$", "test-a1", "test-abcdef"),
            (r"^a\.b$", "a.b", "axb"),
            ("^[^a-c]x*$", "dxx", "axx"),
            (r"^[\w.-]+$", "a-b.c_9", "a b"),
            (r"^\d{2,}$", "123", "1"),
            ("^(?:a|b)?c$", "bc", "abc"),
            ("^.$", "é", "\n"),
            (r"^\S\s$", "a\t", "a\u{b}"),
            ("^(a?){3}$", "aa", "aaaa"),
            ("^(a*)*b$", "aab", "ac"),
            ("^a{0}b$", "b", "ab"),
            ("", "", "-"),
            (r"^[+\-]$", "-", ","),
            ("^(|a)*$", "aa", "b"),
            (r"^[a-]$", "-", "b"),
            (r"^[^\D7]$", "1", "7"),
        ] {
            let read = Pattern::read(pattern).unwrap_or_else(|| panic!("{pattern}"));
            assert!(read.is_found_in(found), "{pattern} in {found:?}");
            assert_eq!(read.is_found_in(not_found), pattern.is_empty(), "{pattern} in {not_found:?}");
        }
    }

    #[test]
    fn what_is_not_followed_is_not_read() {
        for pattern in [
            "(?i)a",
            r"\bx",
            r"\p{L}",
            "a{1001}",
            "(a{40}){40}",
            "*a",
            "a**",
            "a*?",
            "^*",
            "[[:alpha:]]",
            "(",
            "a)",
            "x{2,1}",
            "a{,2}",
            "a{",
            "[",
            "[]a]",
            "[z-a]",
            r"[a-\d]",
            r"\Qa\E",
            r"\x41",
            "a{+1}",
            "[a",
        ] {
            assert!(Pattern::read(pattern).is_none(), "{pattern}");
        }
        assert!(Pattern::read(&"(".repeat(400)).is_none());
    }
}
