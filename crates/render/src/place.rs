//! Places in files as other programs look for them: the path from the folder that a run began in, or an address.

use crate::Inputs;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use watertight_base::{Position, Span};
use watertight_model::{Breach, Evidence};

/// What standard input is called.
const STDIN: &str = "-";
/// All that may not stand in a path of an address as it is (RFC 3986, 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A piece of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file.
    pub(crate) file: FilePath,
    /// The first place.
    pub(crate) start: Position,
    /// The place after the last code point.
    pub(crate) end: Position,
}

/// Where a file is, with `/` between folders and without `.` and `..`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FilePath {
    /// Below the folder that the run began in: the path from there.
    Below(String),
    /// Anywhere else: the absolute path.
    Elsewhere(String),
}

impl Place {
    /// The place of a span; `None` for standard input, which is in no file.
    pub(crate) fn of(span: Span, inputs: &Inputs<'_>, working_directory: &str) -> Option<Self> {
        let located = inputs.locate(span)?;
        let file = FilePath::of(located.file, working_directory)?;
        Some(Self { file, start: located.start, end: located.end })
    }

    /// The beginning of the first file; `None` where all is standard input.
    pub(crate) fn first(inputs: &Inputs<'_>, working_directory: &str) -> Option<Self> {
        let file = inputs.names().find_map(|name| FilePath::of(name, working_directory))?;
        let start = Position { line: 1, column: 1 };
        Some(Self { file, start, end: start })
    }
}

impl FilePath {
    /// The path of an input by its name; `None` for standard input.
    pub(crate) fn of(name: &str, working_directory: &str) -> Option<Self> {
        if name == STDIN {
            return None;
        }
        let has_drive = |path: &str| path.as_bytes().get(1) == Some(&b':');
        let windows = has_drive(working_directory);
        let slashes = |path: &str| if windows { path.replace('\\', "/") } else { path.to_owned() };
        let (name, folder) = (slashes(name), slashes(working_directory));
        let absolute = name.starts_with('/') || (windows && has_drive(&name));
        let whole = if absolute { name } else { format!("{folder}/{name}") };
        let (folder, parts) = (normal(&folder), normal(&whole));
        Some(match parts.strip_prefix(folder.as_slice()) {
            Some(below) => Self::Below(below.join("/")),
            None if windows => Self::Elsewhere(parts.join("/")),
            None => Self::Elsewhere(format!("/{}", parts.join("/"))),
        })
    }

    /// The path, as a person or a workflow command names it.
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Below(path) | Self::Elsewhere(path) => path,
        }
    }

    /// Whether it is below the folder of the run.
    pub(crate) fn is_below(&self) -> bool {
        matches!(self, Self::Below(_))
    }

    /// The address: relative for a file below the folder of the run, else with the scheme `file`.
    pub(crate) fn uri(&self) -> String {
        match self {
            Self::Below(path) => utf8_percent_encode(path, ENCODED).to_string(),
            Self::Elsewhere(path) => {
                let root = if path.starts_with('/') { "" } else { "/" };
                format!("file://{root}{}", utf8_percent_encode(path, ENCODED))
            }
        }
    }

    /// The address on this machine, for a run in `working_directory`.
    pub(crate) fn address(&self, working_directory: &str) -> String {
        match self {
            Self::Elsewhere(_) => self.uri(),
            Self::Below(path) => {
                let folder = working_directory.replace('\\', "/");
                Self::Elsewhere(format!("{}/{path}", folder.trim_end_matches('/'))).uri()
            }
        }
    }
}

/// The folders of a path and its name, without `.` and `..`.
fn normal(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts
}

/// The span that shows a breach best: the one that is marked, else that of the last step which rests on something.
pub(crate) fn span_of(breach: &Breach) -> Option<Span> {
    let marked = breach.highlight.as_ref().map(|&(span, _)| span);
    let because = breach.steps.iter().rev().flat_map(|step| &step.because);
    marked.or_else(|| {
        because.filter_map(|because| because.evidence.as_ref()).map(|Evidence::File(span)| *span).next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str, folder: &str) -> FilePath {
        FilePath::of(name, folder).unwrap()
    }

    #[test]
    fn files_below_the_folder_of_the_run_are_named_from_there() {
        let folder = "/home/ada/shop";
        for name in [
            "k8s/db.yaml",
            "./k8s/db.yaml",
            "k8s/x/../db.yaml",
            "/home/ada/shop/k8s/db.yaml",
            "../shop/k8s//db.yaml",
        ] {
            assert_eq!(path(name, folder), FilePath::Below("k8s/db.yaml".into()), "{name}");
        }
        assert_eq!(path("../db.yaml", folder), FilePath::Elsewhere("/home/ada/db.yaml".into()));
        assert_eq!(
            path("/home/ada/shopping/db.yaml", folder),
            FilePath::Elsewhere("/home/ada/shopping/db.yaml".into())
        );
        assert_eq!(FilePath::of("-", folder), None);
    }

    #[test]
    fn drives_and_backslashes_are_paths_too() {
        assert_eq!(path(r"k8s\db.yaml", r"C:\shop"), FilePath::Below("k8s/db.yaml".into()));
        assert_eq!(path(r"D:\db.yaml", r"C:\shop").uri(), "file:///D%3A/db.yaml");
        assert_eq!(path(r"a\b.yaml", "/shop").uri(), "a%5Cb.yaml");
    }

    #[test]
    fn an_address_has_no_letter_that_means_something_else() {
        assert_eq!(path("a b/ü#?:%.yaml", "/").uri(), "a%20b/%C3%BC%23%3F%3A%25.yaml");
        assert_eq!(path("/x y", "/shop").uri(), "file:///x%20y");
    }
}
