//! Text of the input within GitHub's Markdown, so that nothing in it becomes markup, a mention, a link or HTML.

use crate::page::clean;

/// A character without width that holds apart what GitHub would read as one: a mention (`@` and a name) and the number
/// of an issue (`#` and a number) are looked for in the text after all escapes are gone.
pub(crate) const JOINER: char = '\u{2060}';

/// Running text: what stands in backticks is code, and all else stands for itself.
pub(crate) fn text(text: &str) -> String {
    in_pieces(text, literal, code_span)
}

/// The same in a cell of a table, where a bar would end the cell, in code as well.
pub(crate) fn cell(text: &str) -> String {
    in_pieces(text, literal, |code| code_span(code).replace('|', "\\|"))
}

/// The same between tags of HTML, where Markdown is not read.
pub(crate) fn html(text: &str) -> String {
    in_pieces(text, html_literal, |code| format!("<code>{}</code>", escape_html(code)))
}

/// Code on its own, such as a command or a place in a file.
pub(crate) fn code(text: &str) -> String {
    code_span(&clean(text))
}

/// Hands the text to `plain` and what is in backticks to `code`, each on one line.
pub(crate) fn in_pieces(text: &str, plain: impl Fn(&str) -> String, code: impl Fn(&str) -> String) -> String {
    let text = clean(text);
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, quoted)) = rest.split_once('`') {
        match quoted.split_once('`') {
            Some((inside, after)) if !inside.trim().is_empty() => {
                out += &plain(before);
                out += &code(inside);
                rest = after;
            }
            // A backtick without a partner is a character like any other.
            _ => {
                out += &plain(&rest[..=before.len()]);
                rest = quoted;
            }
        }
    }
    out + &plain(rest)
}

/// Every character that means something is escaped; CommonMark allows that for all punctuation in ASCII.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        // These mean something nowhere in running text. A hyphen does at the beginning of a line, where none of our
        // texts stands: they follow a number, a bullet, a bar or a heading's signs.
        if character.is_ascii_punctuation() && !"/,()'=;%".contains(character) {
            out.push('\\');
        }
        out.push(character);
        if "@#".contains(character) {
            out.push(JOINER);
        }
    }
    out
}

/// A code span, within as many backticks as it takes.
fn code_span(code: &str) -> String {
    let longest = code.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // One space at each end is taken away again, and parts the text from the fence.
    let pad = if code.starts_with(['`', ' ']) || code.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{code}{pad}{fence}")
}

fn html_literal(text: &str) -> String {
    let mut out = escape_html(text);
    for sign in ['@', '#'] {
        // `&#39;` holds a `#` of its own, which no text of ours does after this.
        out = out.replace(sign, &format!("{sign}{JOINER}"));
    }
    out
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    /// What a reader of GitHub's Markdown sees: the text, if it is nothing but text and code.
    pub(crate) fn seen(markdown: &str) -> Result<String, String> {
        let mut seen = String::new();
        for event in Parser::new_ext(
            markdown,
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH,
        ) {
            match event {
                Event::Text(text) | Event::Code(text) => seen += &text,
                Event::Start(
                    Tag::Paragraph | Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell,
                )
                | Event::End(_) => {}
                other => return Err(format!("{other:?} in {markdown}")),
            }
        }
        Ok(seen.replace(JOINER, ""))
    }

    /// What the text says without the backticks that make code of it.
    fn said(text: &str) -> String {
        clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn squeezed(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    proptest! {
        #[test]
        fn a_name_in_running_text_is_seen_as_it_is(name in "[^`\u{2060}]{1,40}") {
            let seen = seen(&format!("x{} y", text(&name))).map_err(TestCaseError::fail)?;
            prop_assert_eq!(squeezed(&seen), said(&format!("x{name} y")));
        }

        #[test]
        fn a_name_in_backticks_is_seen_as_it_is(name in "[!-_a-~é→]{1,40}") {
            let seen = seen(&format!("so {}.", text(&format!("`{name}`")))).map_err(TestCaseError::fail)?;
            prop_assert_eq!(squeezed(&seen), said(&format!("so {name}.")));
        }

        #[test]
        fn whatever_a_text_holds_it_is_nothing_but_text(name in "(\\PC|[`<>|@\\[\\]!*_~&#\\\\\n])*") {
            seen(&format!("a{}", text(&name))).map_err(TestCaseError::fail)?;
        }

        #[test]
        fn no_bar_ends_a_cell(name in "(\\PC|[`|\\\\\n])*", other in "[a-z]{1,9}") {
            let table = format!("| a | b |\n|---|---|\n| x{} | {other} |\n", cell(&name));
            let cells = Parser::new_ext(&table, Options::ENABLE_TABLES)
                .filter(|event| matches!(event, Event::Start(Tag::TableCell)))
                .count();
            prop_assert_eq!(cells, 4);
            let seen = seen(&table).map_err(TestCaseError::fail)?;
            prop_assert!(seen.ends_with(&other), "{}", seen);
        }

        #[test]
        fn a_code_span_holds_any_code(name in "[ -~é]{0,40}") {
            prop_assume!(!name.trim().is_empty());
            prop_assert_eq!(seen(&format!("a {} b", code(&name))), Ok(format!("a {name} b")));
        }

        #[test]
        fn html_holds_no_tag_but_those_for_code(name in "(\\PC|[`<>&\"'@\n])*") {
            let out = html(&name).replace("<code>", "").replace("</code>", "");
            prop_assert!(!out.contains(['<', '>', '"', '\n']), "{}", out);
        }
    }

    #[test]
    fn nobody_is_mentioned_and_no_issue_is_named() {
        assert_eq!(text("by @ada in #12"), format!("by \\@{JOINER}ada in \\#{JOINER}12"));
        assert_eq!(html("<b>@ada</b> `x<y`"), format!("&lt;b&gt;@{JOINER}ada&lt;/b&gt; <code>x&lt;y</code>"));
    }

    #[test]
    fn a_backtick_without_a_partner_stands_for_itself() {
        assert_eq!(text("a `b` `c"), "a `b` \\`c");
        assert_eq!(code("a``b`"), "``` a``b` ```");
    }
}
