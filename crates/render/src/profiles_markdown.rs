//! One boundary under the profile of each enforcer, as a comment on a pull request: a table by plugin, and what gets
//! across on which.

use crate::Provenance;
use crate::comment::Comment;
use crate::markdown::{cell, text};
use crate::profiles_text::{by_boundary, by_plugins, summary};
use crate::verdict_markdown::diagnostics;
use watertight_model::{Boundary, Breach, Report};

/// One report for each profile, all of the same boundaries.
#[must_use]
pub fn profiles_markdown(reports: &[Report], provenance: Provenance<'_>) -> String {
    let mut comment = Comment::new();
    for boundaries in by_boundary(reports) {
        if let Some((sides, holds, _)) = summary(&boundaries) {
            comment.always(&format!("### {}: {}\n\n", text(&sides), text(&holds)));
        }
        let open = "| network plugin | verdict | ways | blind spots |\n|---|---|---:|---:|\n";
        let rows = boundaries.iter().map(|(profile, boundary)| row(profile, boundary));
        comment.list(open, rows, "\n", 100, ("plugin", "plugins"));
        let ways = by_plugins(&boundaries).into_iter().flat_map(|(plugins, breaches)| {
            let every = plugins.len() == boundaries.len();
            let on = if every { "every plugin".to_owned() } else { plugins.join(", ") };
            breaches.into_iter().map(move |Breach { rule, message, .. }| {
                format!("| {} | {} | {} |\n", cell(&format!("`{rule}`")), cell(message), cell(&on))
            })
        });
        let open = "| rule | way across | on |\n|---|---|---|\n";
        comment.list(open, ways, "\n", 100, ("way across", "ways across"));
    }
    diagnostics(&mut comment, provenance);
    comment.finish()
}

fn row(profile: &str, boundary: &Boundary) -> String {
    let ways: usize =
        boundary.channels.iter().flat_map(|channel| &channel.breaches).map(|breach| breach.count).sum();
    let spots: usize = boundary.channels.iter().map(|channel| channel.blind_spots.len()).sum();
    format!("| {} | {} | {ways} | {spots} |\n", cell(&format!("`{profile}`")), boundary.verdict)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use watertight_model::Verdict;

    #[test]
    fn each_plugin_has_a_row() {
        let breached = fixtures::report(Verdict::Breached);
        let isolated = fixtures::report(Verdict::Isolated);
        let reports = [
            Report { profile: "calico".into(), ..breached.clone() },
            Report { profile: "cilium".into(), ..isolated },
            Report { profile: "kube-router".into(), ..breached },
        ];
        let markdown = fixtures::with_provenance(|provenance| profiles_markdown(&reports, provenance));
        insta::assert_snapshot!(markdown);
    }
}
