//! One boundary under the profile of each enforcer, as a comment on a pull request: a table by plugin, and what gets
//! across on which.

use crate::Provenance;
use crate::comment::Comment;
use crate::markdown::{cell, text};
use crate::needs::{Answer, by_plugin};
use crate::profiles::{boundaries_by_profile, summary, ways};
use crate::verdict_markdown::diagnostics;
use watertight_model::{Boundary, Breach, Report};

/// One report for each profile, all of the same boundaries.
#[must_use]
pub fn profiles_markdown(reports: &[Report], provenance: Provenance<'_>) -> String {
    let mut comment = Comment::new();
    for boundaries in boundaries_by_profile(reports) {
        if let Some((sides, holds, _)) = summary(&boundaries) {
            comment.always(&format!("### {}: {}\n\n", text(&sides), text(&holds)));
        }
        let open = "| network plugin | verdict | ways | blind spots |\n|---|---|---:|---:|\n";
        let rows = boundaries.iter().map(|(profile, boundary)| row(profile, boundary));
        comment.list(open, rows, "\n", 100, ("plugin", "plugins"));
        let ways = ways(&boundaries).into_iter().flat_map(|(on, breaches)| {
            breaches.into_iter().map(move |Breach { rule, message, .. }| {
                format!("| {} | {} | {} |\n", cell(&format!("`{rule}`")), cell(message), cell(&on))
            })
        });
        let open = "| rule | way across | on |\n|---|---|---|\n";
        comment.list(open, ways, "\n", 100, ("way across", "ways across"));
    }
    let needs = by_plugin(reports).into_iter().flat_map(|(asked, answers)| {
        answers.into_iter().map(move |Answer { state, why, help, on }| {
            let asked = cell(&format!("`{asked}`"));
            format!("| {asked} | {state} | {} | {} | {} |\n", cell(&on), cell(why), cell(help))
        })
    });
    let open = "| need | state | on | why | help |\n|---|---|---|---|---|\n";
    comment.list(open, needs, "\n", 100, ("need", "needs"));
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
    use watertight_model::{Need, Verdict};

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

    #[test]
    fn a_need_has_a_row_for_each_answer() {
        let needs = fixtures::needs();
        let mut closed = needs[..1].to_vec();
        closed[0] = Need { asked: closed[0].asked.clone(), ..needs[1].clone() };
        let report = |profile: &str, needs: &[Need]| Report {
            profile: profile.into(),
            needs: needs.to_vec(),
            ..fixtures::report(Verdict::Isolated)
        };
        let reports = [report("calico", &needs[..1]), report("cilium", &closed)];
        let markdown = fixtures::with_provenance(|provenance| profiles_markdown(&reports, provenance));
        let rows: Vec<_> = markdown.lines().skip_while(|line| !line.starts_with("| need")).skip(2).collect();
        let beginnings = [&rows[0][..24], &rows[1][..26]];
        assert_eq!(
            beginnings,
            ["| `dns` | open | calico |", "| `dns` | closed | cilium |"].map(|row| &row[..row.len() - 1])
        );
        assert_eq!(rows.iter().take_while(|row| row.starts_with('|')).count(), 2);
    }
}
