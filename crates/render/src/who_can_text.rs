//! Who may do something, as people read it: everybody by where they may, and through which binding.

use crate::access::AccessQuestion;
use crate::because_text::place_text;
use crate::can_text::{notes, unseen};
use crate::colour::Tone;
use crate::grant_text::binding;
use crate::page::{Page, WIDTH, clean, counted};
use crate::{AskedIn, Colour, Detail, Inputs};
use watertight_model::{Holder, Presence, SubjectKind, WhoCan};

/// How wide the column of names may grow before longer ones stick out of it.
const COLUMN_MAX: usize = 40;
/// What stands between the columns.
const BETWEEN: usize = 3;

/// The holders, those who may everywhere first.
#[must_use]
pub fn who_can_text(
    question: &AccessQuestion<'_>,
    who: &WhoCan,
    inputs: &Inputs<'_>,
    detail: Detail,
    colour: Colour,
) -> String {
    let WhoCan { holders, is_complete, notes: said, blind_spots } = who;
    let mut page = Page::new(colour);
    let (tone, count) = match holders.len() {
        0 if *is_complete => (Tone::Good, "nobody".to_owned()),
        0 => (Tone::Doubtful, "nobody that was seen".to_owned()),
        count => (Tone::Strong, count.to_string()),
    };
    page.entry(0, tone, &format!("{count} can  "), &question.text());
    let (own, shown): (Vec<&Holder>, Vec<&Holder>) =
        holders.iter().partition(|holder| detail == Detail::Summary && is_of_every_server(holder));
    let rows: Vec<Row<'_>> = shown.into_iter().map(|holder| Row::of(holder, inputs)).collect();
    let lengths = rows.iter().map(|row| row.who.chars().count()).filter(|&length| length <= COLUMN_MAX);
    let width = lengths.max().unwrap_or(0);
    for group in rows.chunk_by(|a, b| a.holder.scope == b.holder.scope) {
        let Some(first) = group.first() else { continue };
        page.gap();
        let title = match &first.holder.scope {
            Some(namespace) => &format!("in {namespace}"),
            None if question.place == AskedIn::Cluster => "in the cluster",
            None => "everywhere",
        };
        page.line(0, Tone::Strong, title, "");
        for row in group {
            row.write(&mut page, width);
        }
    }
    if !own.is_empty() {
        page.gap();
        let text = match own.len() {
            1 => "and 1 whom every server lets by itself; `--all` shows them".to_owned(),
            count => format!("and {count} whom every server lets by itself; `--all` shows each"),
        };
        page.entry(0, Tone::Plain, "", &text);
    }
    if !said.is_empty() {
        page.gap();
        notes(&mut page, said);
    }
    unseen(&mut page, "they could allow it to more", blind_spots, inputs, detail);
    page.finish()
}

/// Whether only a binding that every server has by itself lets them.
fn is_of_every_server(holder: &Holder) -> bool {
    holder.further == 0 && binding(&holder.grant).is_some_and(|binding| binding.evidence.is_none())
}

/// Somebody, through what they may, and what is to be said of them.
struct Row<'a> {
    holder: &'a Holder,
    who: String,
    through: String,
    place: Option<String>,
    remarks: Vec<String>,
}

impl<'a> Row<'a> {
    fn of(holder: &'a Holder, inputs: &Inputs<'_>) -> Self {
        let Holder { scope: _, kind, name, presence, names, grant, further } = holder;
        let who = match kind {
            SubjectKind::User => format!("User {name}"),
            SubjectKind::Group => format!("Group {name}"),
            SubjectKind::ServiceAccount(namespace) => format!("ServiceAccount {namespace}/{name}"),
        };
        let because = binding(grant);
        let through = because.map(|because| because.object.to_string()).unwrap_or_default();
        let place = because
            .filter(|because| because.evidence.is_some())
            .map(|because| place_text(because, &through, inputs));
        let mut remarks = Vec::new();
        if !names.is_empty() {
            let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
            remarks.push(format!("only for {}", quoted.join(", ")));
        }
        if *presence == Presence::Absent {
            remarks.push("it is not there: whoever creates it has the right".to_owned());
        }
        if *kind == SubjectKind::Group {
            remarks.push(members(name));
        }
        if *further > 0 {
            remarks.push(format!("and by {}", counted(*further, "other rule", "other rules")));
        }
        Self { holder, who: clean(&who), through: clean(&through), place, remarks }
    }

    fn write(&self, page: &mut Page, width: usize) {
        let Self { who, through, place, remarks, .. } = self;
        let length = 2 + who.chars().count().max(width) + BETWEEN + through.chars().count();
        if length <= WIDTH {
            page.line(2, Tone::Plain, &format!("{who:width$}{:BETWEEN$}", ""), through);
        } else {
            page.hanging(2, Tone::Plain, "", who, 4);
            page.hanging(4, Tone::Plain, "by ", through, 6);
        }
        if let Some(place) = place {
            page.hanging(4, Tone::Plain, "- ", place, 6);
        }
        for remark in remarks {
            page.hanging(4, Tone::Plain, "- ", remark, 6);
        }
    }
}

/// Who is in a group.
fn members(group: &str) -> String {
    match group {
        "system:masters" => "everybody in it, whom the server asks nothing".to_owned(),
        "system:authenticated" => "everybody with credentials".to_owned(),
        "system:unauthenticated" => "everybody without credentials".to_owned(),
        "system:serviceaccounts" => "every ServiceAccount, those to come too".to_owned(),
        _ => match group.strip_prefix("system:serviceaccounts:") {
            Some(namespace) => format!("every ServiceAccount of {namespace}, those to come too"),
            None => "everybody in it".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, access};

    fn text(who: &WhoCan, place: AskedIn, detail: Detail, colour: Colour) -> String {
        let asked = access::asked();
        let question = access::question(&asked, place);
        fixtures::with_inputs(|inputs| who_can_text(&question, who, inputs, detail, colour))
    }

    #[test]
    fn holders_stand_below_where_they_may() {
        insta::assert_snapshot!(text(&access::who(true), AskedIn::Namespace, Detail::Summary, Colour::Plain));
    }

    #[test]
    fn all_shows_those_of_every_server_too() {
        insta::assert_snapshot!(text(&access::who(false), AskedIn::Namespace, Detail::All, Colour::Plain));
    }

    #[test]
    fn somebody_who_may_by_a_binding_of_the_input_too_is_always_shown() {
        let mut who = access::who(true);
        who.holders[0].further = 1;
        let shown = text(&who, AskedIn::Namespace, Detail::Summary, Colour::Plain);
        assert!(shown.lines().any(|line| line.starts_with("  Group system:masters ")), "{shown}");
    }

    #[test]
    fn nobody_is_said_only_where_all_was_seen() {
        let mut who = WhoCan { holders: Vec::new(), ..access::who(true) };
        let first = |who: &WhoCan| {
            let text = text(who, AskedIn::Cluster, Detail::Summary, Colour::Plain);
            text.lines().next().unwrap().to_owned()
        };
        assert_eq!(first(&who), "nobody can  patch deployments.apps web in shop");
        who.is_complete = false;
        assert_eq!(first(&who), "nobody that was seen can  patch deployments.apps web in shop");
    }

    #[test]
    fn groups_say_who_is_in_them() {
        assert_eq!(members("dev"), "everybody in it");
        assert_eq!(members("system:serviceaccounts"), "every ServiceAccount, those to come too");
        assert_eq!(members("system:serviceaccounts:ci"), "every ServiceAccount of ci, those to come too");
        assert_eq!(members("system:unauthenticated"), "everybody without credentials");
    }

    #[test]
    fn a_page_is_narrow_and_colours_change_no_letter() {
        for detail in [Detail::Summary, Detail::All] {
            let plain = text(&access::who(false), AskedIn::Anywhere, detail, Colour::Plain);
            let is_narrow = |line: &str| line.chars().count() <= WIDTH || line.contains("a-pipeline-of");
            assert!(plain.lines().all(is_narrow), "{plain}");
            let coloured = text(&access::who(false), AskedIn::Anywhere, detail, Colour::Ansi);
            assert_ne!(coloured, plain);
            assert_eq!(fixtures::without_colours(&coloured), plain);
        }
    }
}
