//! Values of foreign files, each of the type that its field has, or an error at its line.

use crate::notes::Notes;
use watertight_base::{Quantity, Span};
use watertight_ingest::{Content, Member, Tree};

/// The members of a mapping.
pub(crate) fn mapping<'t>(tree: &'t Tree, name: &str, notes: &mut Notes) -> &'t [Member] {
    if !matches!(tree.content, Content::Mapping(_)) {
        notes.wrong_type(tree, name, "a mapping");
    }
    tree.members()
}

/// The members of a mapping that may be there without anything in it, as where all its lines are comments.
pub(crate) fn optional<'t>(tree: &'t Tree, name: &str, notes: &mut Notes) -> &'t [Member] {
    if tree.content == Content::Null { &[] } else { mapping(tree, name, notes) }
}

/// The elements of a list that may be there without anything in it.
pub(crate) fn optional_list<'t>(tree: &'t Tree, name: &str, notes: &mut Notes) -> &'t [Tree] {
    if tree.content == Content::Null { &[] } else { list(tree, name, notes) }
}

/// The elements of a list.
pub(crate) fn list<'t>(tree: &'t Tree, name: &str, notes: &mut Notes) -> &'t [Tree] {
    if !matches!(tree.content, Content::List(_)) {
        notes.wrong_type(tree, name, "a list");
    }
    tree.elements()
}

/// A text.
pub(crate) fn text<'t>(tree: &'t Tree, name: &str, notes: &mut Notes) -> Option<&'t str> {
    if tree.text().is_none() {
        notes.wrong_type(tree, name, "a string");
    }
    tree.text()
}

/// Texts.
pub(crate) fn texts(tree: &Tree, name: &str, notes: &mut Notes) -> Vec<String> {
    let elements = list(tree, name, notes);
    elements.iter().filter_map(|element| text(element, name, notes)).map(str::to_owned).collect()
}

/// Checks that a value is a boolean, and says which.
pub(crate) fn boolean(tree: &Tree, name: &str, notes: &mut Notes) -> Option<bool> {
    if let Content::Boolean(value) = tree.content {
        return Some(value);
    }
    notes.wrong_type(tree, name, "a boolean");
    None
}

/// A whole number, perhaps in quotes.
pub(crate) fn whole(tree: &Tree, name: &str, notes: &mut Notes) -> Option<i64> {
    let number = match &tree.content {
        Content::Number { whole: Some(number), .. } => i64::try_from(*number).ok(),
        Content::Text(text) => text.parse().ok(),
        _ => None,
    };
    if number.is_none() {
        notes.wrong_type(tree, name, "a whole number");
    }
    number
}

/// Whether a value is a whole number below nothing.
pub(crate) fn is_negative(tree: &Tree) -> bool {
    match &tree.content {
        Content::Number { whole: Some(number), .. } => *number < 0,
        Content::Text(text) => text.parse::<i64>().is_ok_and(|number| number < 0),
        _ => false,
    }
}

/// A whole number, perhaps in quotes, from the least to the greatest.
pub(crate) fn number(tree: &Tree, name: &str, (min, max): (u32, u32), notes: &mut Notes) -> Option<u32> {
    let number = whole(tree, name, notes)?;
    let fits = u32::try_from(number).ok().filter(|number| (min..=max).contains(number));
    if fits.is_none() {
        let message = format!("`{name}` is {number}");
        notes.invalid(tree.span, message, "out of bounds", &format!("write a number from {min} to {max}"));
    }
    fits
}

/// A port.
pub(crate) fn port(tree: &Tree, name: &str, notes: &mut Notes) -> Option<u16> {
    number(tree, name, (1, 65_535), notes).and_then(|number| u16::try_from(number).ok())
}

/// An amount, written as in Kubernetes or with what the format besides knows: (its ending, ours).
pub(crate) fn amount(
    tree: &Tree,
    name: &str,
    endings: &[(&str, &str)],
    notes: &mut Notes,
) -> Option<(Quantity, Span)> {
    let (Content::Text(written) | Content::Number { written, .. }) = &tree.content else {
        notes.wrong_type(tree, name, "an amount");
        return None;
    };
    let digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let ours = endings.iter().find_map(|(theirs, ours)| {
        written
            .trim()
            .strip_suffix(theirs)
            .map(str::trim)
            .filter(|before| digits(before))
            .map(|before| format!("{before}{ours}"))
    });
    let ours = ours.unwrap_or_else(|| written.trim().to_owned());
    let quantity = match Quantity::parse(&ours) {
        Ok(quantity) if !quantity.is_negative() => quantity,
        Ok(_) => {
            invalid_amount(tree, name, "is less than nothing", notes);
            return None;
        }
        Err(error) => {
            invalid_amount(tree, name, &error.to_string(), notes);
            return None;
        }
    };
    Some((quantity, tree.span))
}

fn invalid_amount(tree: &Tree, name: &str, why: &str, notes: &mut Notes) {
    let message = format!("the amount of `{name}` {why}");
    notes.invalid(tree.span, message, why, "write it as in Kubernetes, such as `500m` or `512Mi`");
}
