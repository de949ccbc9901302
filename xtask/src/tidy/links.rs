//! Links from one Markdown file to another, or to a heading, lead somewhere.

use super::Problem;
use crate::repository::Repository;

pub(super) fn check(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, text) in repository.with_ending(".md") {
        for (number, line) in prose(text) {
            for target in targets(line) {
                if let Some(what) = fault(repository, file, target) {
                    problems.push(Problem::at(file, number, what));
                }
            }
        }
    }
    problems
}

/// The lines outside fenced blocks, numbered from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fence && !fenced
    })
}

/// The targets of the inline links of a line: what stands between `](` and `)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

/// Why a link leads nowhere.
fn fault(repository: &Repository, file: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, heading) =
        target.split_once('#').map_or((target, None), |(path, heading)| (path, Some(heading)));
    let resolved = if path.is_empty() { Some(file.to_owned()) } else { resolve(file, path) };
    let Some(resolved) = resolved.filter(|resolved| repository.holds(resolved)) else {
        return Some(format!("links to `{target}`, which is not there"));
    };
    let heading = heading?;
    let text = repository.files.get(&resolved)?;
    let found = prose(text).any(|(_, line)| line.starts_with('#') && anchor(line) == heading);
    (!found).then(|| format!("links to the heading `{heading}` of `{resolved}`, which has none of that name"))
}

/// The path from the root that `path` means in `file`; `None` if it leads out of the repository.
fn resolve(file: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The anchor that the forges give a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().chars();
    kept.filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(from: &str) -> usize {
        let files =
            [("docs/a.md", from), ("README.md", "# The shop\n## What it's for\n"), ("rules/x.md", "# x\n")];
        check(&Repository::of(&files)).len()
    }

    #[test]
    fn links_between_files_resolve() {
        assert_eq!(problems("[r](../README.md), [x](../rules/x.md), [rules](../rules/)\n"), 0);
        assert_eq!(problems("[r](README.md) and [y](../rules/y.md)\n"), 2);
        assert_eq!(problems("[out](../../README.md)\n"), 1);
    }

    #[test]
    fn links_to_headings_resolve() {
        assert_eq!(problems("# Here it is\n[a](#here-it-is) [b](../README.md#what-its-for)\n"), 0);
        assert_eq!(problems("[a](#there) [b](../README.md#nothing)\n"), 2);
    }

    #[test]
    fn the_web_and_code_are_left_alone() {
        assert_eq!(problems("[k](https://kubernetes.io/docs)\n```\n[x](nowhere.md)\n```\n"), 0);
    }
}
