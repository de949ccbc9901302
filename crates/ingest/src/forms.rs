//! Which files in a folder are manifests by their names, which will be some or hold some in another form, and which may make some.

use crate::rules;
use std::collections::BTreeMap;
use watertight_base::{Diagnostic, Severity};

/// How manifests end.
///
/// Source: `FileExtensions` in `k8s.io/cli-runtime/pkg/resource`, which is what `kubectl apply -f` reads of a folder.
const MANIFESTS: [&str; 3] = ["json", "yaml", "yml"];

/// How templates end, behind what is made of them.
const TEMPLATES: [&str; 12] = [
    "ejs", "envsubst", "erb", "gotmpl", "hbs", "j2", "jinja", "jinja2", "mustache", "template", "tmpl", "tpl",
];

/// How compressed files end, behind what is in them.
const COMPRESSED: [&str; 6] = ["bz2", "gz", "lz4", "xz", "zip", "zst"];

/// How files end besides that may hold or make manifests: streams of JSON, languages for configuration, packed charts.
const OTHERS: [&str; 12] =
    ["cue", "dhall", "jsonl", "jsonnet", "kcl", "libsonnet", "ndjson", "pkl", "tgz", "tpl", "tmpl", "gotmpl"];

/// What a file is by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Manifests.
    Manifest,
    /// A template of which manifests are made: `NAME.yaml.j2`.
    Template,
    /// Manifests that are compressed: `NAME.yaml.gz`.
    Compressed,
    /// Something that may hold or make manifests, and is not read.
    Unread,
    /// Nothing that its name tells: it has none behind a dot.
    Unnamed,
    /// Something else.
    Other,
}

impl Form {
    /// That of a file of this name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
        let mut parts = file.rsplit('.');
        let (last, before) = (parts.next().unwrap_or_default(), parts.next());
        let Some(before) = before else { return Self::Unnamed };
        if MANIFESTS.contains(&last) {
            return Self::Manifest;
        }
        let is_of_manifest = MANIFESTS.contains(&before) && parts.next().is_some();
        match last {
            _ if is_of_manifest && TEMPLATES.contains(&last) => Self::Template,
            _ if is_of_manifest && COMPRESSED.contains(&last) => Self::Compressed,
            _ if OTHERS.contains(&last) => Self::Unread,
            _ => Self::Other,
        }
    }
}

/// Says of how many files in folders nothing was read, and how they end. `None` if there are none.
#[must_use]
pub fn unread(names: &[String]) -> Option<Diagnostic> {
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for name in names {
        *ends.entry(end(name)).or_default() += 1;
    }
    let all: Vec<String> = ends.iter().map(|(end, count)| format!("{count} {end}")).collect();
    let all = all.join(", ");
    let (message, lead) = match names {
        [] => return None,
        [only] => (format!("`{only}` is not read, and may hold or make manifests"), "it"),
        _ => (
            format!("{} files in folders are not read, and may hold or make manifests: {all}", names.len()),
            "them",
        ),
    };
    let help = format!(
        "give what is made of {lead} as `.yaml`, `.yml` or `.json`; whoever names a file by itself has it read"
    );
    let warning = Diagnostic::warning(rules::UNREAD_FILES, message).help(help);
    Some(Diagnostic { severity: Severity::Info, ..warning })
}

/// How a name ends, with what a template or an archive is of.
fn end(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    let is_double = [Form::Template, Form::Compressed].contains(&Form::of(name));
    match file.rmatch_indices('.').nth(usize::from(is_double)) {
        Some((dot, _)) => format!("`{}`", &file[dot..]),
        None => "without an ending".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_by_names() {
        for (name, form) in [
            ("k8s/a.yaml", Form::Manifest),
            ("a.b.YML", Form::Manifest),
            ("a.yaml.j2", Form::Template),
            ("a/b.yml.tmpl", Form::Template),
            (".yaml.tpl", Form::Template),
            ("a.json.gz", Form::Compressed),
            ("_helpers.tpl", Form::Unread),
            ("a.ndjson", Form::Unread),
            ("yaml.tpl", Form::Unread),
            ("README.md", Form::Other),
            ("a.sh.gz", Form::Other),
            ("a.yaml.bak", Form::Other),
            ("a.yaml/deploy", Form::Unnamed),
        ] {
            assert_eq!(Form::of(name), form, "{name}");
        }
    }

    #[test]
    fn what_is_not_read_is_one_line() {
        let said = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            unread(&names).map(|found| found.message)
        };
        assert_eq!(said(&[]), None);
        assert_eq!(said(&["k8s/a.cue"]).unwrap(), "`k8s/a.cue` is not read, and may hold or make manifests");
        assert_eq!(
            said(&["a.cue", "b.cue", "c.yaml.gz", "deploy"]).unwrap(),
            "4 files in folders are not read, and may hold or make manifests: 2 `.cue`, 1 `.yaml.gz`, 1 without an ending"
        );
    }
}
