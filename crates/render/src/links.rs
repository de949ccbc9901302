//! Places in files that a terminal can open: `k8s/db.yaml:12:11` becomes a hyperlink (OSC 8) to the file.

use crate::Inputs;
use crate::page::clean;
use crate::place::FilePath;
use std::collections::BTreeMap;

/// The same text, in which every place `file:line:column` of an input is a link. It looks as before, in every column.
#[must_use]
pub fn linked(text: &str, inputs: &Inputs<'_>, working_directory: &str) -> String {
    let addresses: BTreeMap<String, String> = inputs
        .names()
        .filter_map(|name| {
            Some((clean(name), FilePath::of(name, working_directory)?.address(working_directory)))
        })
        .collect();
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        out += &linked_line(line, &addresses);
    }
    out
}

fn linked_line(line: &str, addresses: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut done = 0;
    for (colon, _) in line.match_indices(':') {
        let Some(tail) = line.get(colon..).and_then(numbers) else { continue };
        // A name begins where a word does: behind a space, a bracket, or the `m` that ends a colour.
        let head = line.get(done..colon).unwrap_or_default();
        let begins = std::iter::once(0).chain(head.match_indices([' ', '(', 'm']).map(|(at, _)| at + 1));
        let found = begins.filter_map(|at| Some((done + at, addresses.get(head.get(at..)?)?))).next();
        if let Some((start, address)) = found {
            let end = colon + tail;
            let (before, place) = (line.get(done..start), line.get(start..end));
            out += before.unwrap_or_default();
            out += &format!("\u{1b}]8;;{address}\u{1b}\\{}\u{1b}]8;;\u{1b}\\", place.unwrap_or_default());
            done = end;
        }
    }
    out + line.get(done..).unwrap_or_default()
}

/// How long `:12:11` at the beginning of a text is.
fn numbers(text: &str) -> Option<usize> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let line = digits(text.strip_prefix(':')?);
    let column = digits(text.get(1 + line..)?.strip_prefix(':')?);
    (line > 0 && column > 0).then_some(2 + line + column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_base::Source;

    /// The text as it looks, and where its links lead.
    fn look(text: &str) -> (String, Vec<(String, String)>) {
        let (mut seen, mut links) = (String::new(), Vec::new());
        let mut parts = text.split("\u{1b}]8;;");
        seen += parts.next().unwrap();
        while let (Some(open), Some(close)) = (parts.next(), parts.next()) {
            let (address, shown) = open.split_once("\u{1b}\\").unwrap();
            links.push((shown.to_owned(), address.to_owned()));
            seen += shown;
            seen += close.strip_prefix("\u{1b}\\").unwrap();
        }
        (seen, links)
    }

    fn of(text: &str) -> (String, Vec<(String, String)>) {
        let source = |name: &str| Source { name: name.to_owned(), bytes: Vec::new() };
        let sources = ["k8s/db.yaml", "./my files/ü.yaml", "/etc/a.yaml", "-", "\u{1b}]8;;x"].map(source);
        look(&linked(text, &Inputs::new(&sources, &[]), "/home/ada"))
    }

    #[test]
    fn a_place_is_a_link_to_its_file_and_looks_as_before() {
        for (text, place, address) in [
            ("  --> k8s/db.yaml:12:11\n", "k8s/db.yaml:12:11", "file:///home/ada/k8s/db.yaml"),
            (
                "given by x (./my files/ü.yaml:1:2)",
                "./my files/ü.yaml:1:2",
                "file:///home/ada/my%20files/%C3%BC.yaml",
            ),
            ("\u{1b}[0m/etc/a.yaml:3:4 b", "/etc/a.yaml:3:4", "file:///etc/a.yaml"),
        ] {
            assert_eq!(of(text), (text.to_owned(), vec![(place.to_owned(), address.to_owned())]));
        }
        let (text, links) = of("k8s/db.yaml:1:1, /etc/a.yaml:2:2");
        assert_eq!((text.as_str(), links.len()), ("k8s/db.yaml:1:1, /etc/a.yaml:2:2", 2));
    }

    #[test]
    fn what_is_no_place_of_an_input_is_left_alone() {
        for text in [
            "-:1:2",
            "other.yaml:1:2",
            "k8s/db.yaml",
            "k8s/db.yaml:12",
            "k8s/db.yaml:1:",
            "xk8s/db.yaml:1:2",
            "",
        ] {
            assert_eq!(of(text), (text.to_owned(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn a_name_that_would_end_the_link_is_encoded() {
        let (_, links) = of("\\u{1b}]8;;x:1:1");
        assert_eq!(links[0].1, "file:///home/ada/%1B%5D8%3B%3Bx");
    }
}
