//! All that somebody may do, as people read it: tables like those of `kubectl auth can-i --list`, in 80 columns.
//!
//! As there, a rule is taken apart into single resources and names, and what is about the same has one row.

use crate::access::user_text;
use crate::can_text::{notes, unseen};
use crate::colour::Tone;
use crate::page::{Page, clean};
use crate::{Colour, Detail, Inputs, ListQuestion};
use std::collections::BTreeMap;
use watertight_model::{AccessList, ListedRule, RoleRule};

/// How wide the columns of a table of two may grow, but the last, before what is longer sticks out of them.
const OF_TWO_MAX: usize = 46;
/// How wide those of a table of three may grow.
const OF_THREE_MAX: usize = 24;
/// What stands between two columns.
const BETWEEN: usize = 3;

/// A table for everywhere, and one for what comes besides in each namespace; of one namespace all in one.
#[must_use]
pub fn can_list_text(
    question: ListQuestion<'_>,
    list: &AccessList,
    inputs: &Inputs<'_>,
    detail: Detail,
    colour: Colour,
) -> String {
    let ListQuestion { user, namespace, .. } = question;
    let mut page = Page::new(colour);
    let place = namespace.map_or_else(|| "anywhere".to_owned(), |name| format!("in {name}"));
    page.line(0, Tone::Strong, &format!("allowed {place}"), "");
    page.entry(0, Tone::Strong, "as ", &user_text(user));
    match namespace {
        Some(_) => {
            page.gap();
            table(&mut page, 0, list.sections.iter().flat_map(|section| &section.rules));
        }
        None => {
            for section in &list.sections {
                page.gap();
                let title = match &section.namespace {
                    None => "everywhere",
                    Some(namespace) => &format!("in {namespace} besides"),
                };
                page.line(0, Tone::Strong, title, "");
                table(&mut page, 2, section.rules.iter());
            }
        }
    }
    if !list.notes.is_empty() {
        page.gap();
        notes(&mut page, &list.notes);
    }
    unseen(&mut page, "they could allow more", &list.blind_spots, inputs, detail);
    page.finish()
}

/// What a row is about: a resource with its group, and perhaps the name of an object.
type About = (String, Option<String>);

/// The rows of a table: verbs by what they are for.
#[derive(Debug, Default)]
struct Rows {
    resources: BTreeMap<About, Vec<String>>,
    urls: BTreeMap<String, Vec<String>>,
}

impl Rows {
    fn add(&mut self, rule: &RoleRule) {
        let RoleRule { verbs, api_groups, resources, resource_names, non_resource_urls, .. } = rule;
        let names: Vec<Option<&String>> =
            if resource_names.is_empty() { vec![None] } else { resource_names.iter().map(Some).collect() };
        for group in api_groups {
            for resource in resources {
                for name in &names {
                    let about = (grouped(resource, group), name.cloned());
                    merge(self.resources.entry(about).or_default(), verbs);
                }
            }
        }
        for url in non_resource_urls {
            merge(self.urls.entry(url.clone()).or_default(), verbs);
        }
    }
}

/// Adds the verbs that are not there yet.
fn merge(into: &mut Vec<String>, verbs: &[String]) {
    for verb in verbs {
        if !into.contains(verb) {
            into.push(verb.clone());
        }
    }
}

/// As kubectl writes it: `pods/log`, `deployments.apps/scale`.
fn grouped(resource: &str, group: &str) -> String {
    let group = if group.is_empty() { String::new() } else { format!(".{group}") };
    match resource.split_once('/') {
        Some((resource, subresource)) => format!("{resource}{group}/{subresource}"),
        None => format!("{resource}{group}"),
    }
}

fn table<'r>(page: &mut Page, indent: usize, rules: impl Iterator<Item = &'r ListedRule>) {
    let mut rows = Rows::default();
    rules.for_each(|listed| rows.add(&listed.rule));
    if rows.resources.is_empty() && rows.urls.is_empty() {
        page.line(indent, Tone::Plain, "", "nothing");
        return;
    }
    let verbs = |verbs: &[String]| verbs.join(", ");
    if rows.resources.keys().any(|(_, name)| name.is_some()) {
        let cells = rows.resources.iter().map(|((resource, name), allowed)| {
            vec![resource.clone(), name.clone().unwrap_or_default(), verbs(allowed)]
        });
        columns(page, indent, &["Resources", "Resource Names", "Verbs"], &cells.collect::<Vec<_>>());
    } else {
        let cells =
            rows.resources.iter().map(|((resource, _), allowed)| vec![resource.clone(), verbs(allowed)]);
        columns(page, indent, &["Resources", "Verbs"], &cells.collect::<Vec<_>>());
    }
    if !rows.resources.is_empty() && !rows.urls.is_empty() {
        page.gap();
    }
    let cells = rows.urls.iter().map(|(url, allowed)| vec![url.clone(), verbs(allowed)]);
    columns(page, indent, &["Non-Resource URLs", "Verbs"], &cells.collect::<Vec<_>>());
}

/// Aligned columns below their headings. What does not fit into its column has a line of its own, and the last column
/// wraps.
fn columns(page: &mut Page, indent: usize, headings: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| clean(cell)).collect()).collect();
    let max = if headings.len() > 2 { OF_THREE_MAX } else { OF_TWO_MAX };
    let widths: Vec<usize> = headings
        .iter()
        .enumerate()
        .map(|(column, heading)| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| clean(cell).chars().count());
            cells.filter(|&width| width <= max).fold(heading.chars().count(), usize::max)
        })
        .collect();
    let before = |cells: &[String]| -> String {
        let padded = cells.iter().zip(&widths);
        padded.map(|(cell, width)| format!("{:width$}{:BETWEEN$}", clean(cell), "")).collect()
    };
    let headings: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
    for (tone, row) in
        [(Tone::Strong, &headings)].into_iter().chain(rows.iter().map(|row| (Tone::Plain, row)))
    {
        let Some((last, first)) = row.split_last() else { continue };
        let lead = before(first);
        let hang = indent + widths.iter().take(first.len()).map(|width| width + BETWEEN).sum::<usize>();
        if indent + lead.chars().count() == hang {
            page.hanging(indent, tone, &lead, last, hang);
        } else {
            page.line(indent, tone, "", lead.trim_end());
            page.hanging(hang, tone, "", last, hang);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, access};
    use crate::page::WIDTH;

    fn text(list: &AccessList, namespace: Option<&str>, colour: Colour) -> String {
        let user = access::pipeline();
        let question = ListQuestion { user: &user, namespace, kubernetes_version: "1.36", warnings: &[] };
        fixtures::with_inputs(|inputs| can_list_text(question, list, inputs, Detail::Summary, colour))
    }

    #[test]
    fn there_is_a_table_for_everywhere_and_for_each_namespace() {
        insta::assert_snapshot!(text(&access::list(true), None, Colour::Plain));
    }

    #[test]
    fn of_one_namespace_all_is_in_one_table() {
        insta::assert_snapshot!(text(&access::list(false), Some("shop"), Colour::Plain));
    }

    #[test]
    fn who_may_do_nothing_is_told_so() {
        let mut list = access::list(true);
        list.sections.truncate(1);
        list.sections[0].rules.clear();
        list.notes.clear();
        let last = |namespace| text(&list, namespace, Colour::Plain).lines().last().unwrap().to_owned();
        assert_eq!((last(None).as_str(), last(Some("shop")).as_str()), ("  nothing", "nothing"));
    }

    #[test]
    fn a_page_is_narrow_whatever_stands_in_it_and_colours_change_no_letter() {
        let mut list = access::list(false);
        let rule = &mut list.sections[1].rules[2].rule;
        rule.resources = vec!["widgets-with-a-long-name/and-a-part".to_owned(), "x\u{1b}[31m".to_owned()];
        rule.api_groups = vec!["a-group-with-a-name.example.com".to_owned()];
        rule.verbs = (0..20).map(|number| format!("verb-{number}")).collect();
        for namespace in [None, Some("shop")] {
            let plain = text(&list, namespace, Colour::Plain);
            assert!(plain.lines().all(|line| line.chars().count() <= WIDTH), "{plain}");
            assert!(!plain.contains('\u{1b}'));
            assert_eq!(fixtures::without_colours(&text(&list, namespace, Colour::Ansi)), plain);
        }
    }
}
