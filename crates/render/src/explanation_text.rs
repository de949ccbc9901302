//! Why one peer can or cannot open connections to another: every rule that has a say, per direction.

use crate::because_text::place_text;
use crate::colour::Tone;
use crate::map_text::peer_text;
use crate::page::Page;
use crate::{Colour, Inputs};
use watertight_base::Protocol;
use watertight_model::{Action, DirectionExplanation, Explanation, RuleEffect, Tier};

/// The explanation of each pair, one after the other. `port` is what they were narrowed to.
#[must_use]
pub fn explanation_text(
    explanations: &[Explanation],
    port: Option<(Protocol, u16)>,
    inputs: &Inputs<'_>,
    colour: Colour,
) -> String {
    let asked = port.map(|(protocol, number)| format!(" on {protocol} {number}")).unwrap_or_default();
    let mut page = Page::new(colour);
    for explanation in explanations {
        page.gap();
        let Explanation { from, to, allow, before_policies, egress, ingress } = explanation;
        let tone = if allow.is_empty() { Tone::Strong } else { Tone::Good };
        let passes = match port {
            None => format!("{allow} can pass"),
            Some(_) if allow.is_empty() => "closed".to_owned(),
            Some(_) => "open".to_owned(),
        };
        let (from, to) = (peer_text(from), peer_text(to));
        page.hanging(0, tone, &format!("{from} → {to}{asked}: "), &passes, 2);
        if let Some((rule, text)) = before_policies {
            page.entry(2, Tone::Strong, "before any policy: ", &format!("{text} ({rule})"));
        }
        direction(&mut page, &format!("egress of {from}: "), egress, inputs);
        direction(&mut page, &format!("ingress of {to}: "), ingress, inputs);
    }
    page.finish()
}

/// In the order in which they are asked: the tier Admin, the NetworkPolicies, the tier Baseline.
fn direction(page: &mut Page, title: &str, explanation: &DirectionExplanation, inputs: &Inputs<'_>) {
    let DirectionExplanation { isolated_by, rules, allow } = explanation;
    page.hanging(2, Tone::Strong, title, &allow.to_string(), 4);
    let of = |tier: Option<Tier>| rules.iter().filter(move |effect| effect.tier == tier);
    of(Some(Tier::Admin)).for_each(|effect| rule(page, effect, inputs));
    if isolated_by.is_empty() {
        let passes = match rules.is_empty() {
            true => "no policy isolates it, so everything passes",
            false => "no NetworkPolicy isolates it, so everything passes that is not denied",
        };
        page.entry(4, Tone::Plain, "- ", passes);
    }
    for because in isolated_by {
        page.entry(4, Tone::Plain, "- ", &format!("isolated by {}", place_text(because, "", inputs)));
    }
    if !isolated_by.is_empty() && of(None).next().is_none() {
        page.entry(
            4,
            Tone::Plain,
            "- ",
            "no NetworkPolicy has a rule, so nothing passes that is not accepted",
        );
    }
    of(None).chain(of(Some(Tier::Baseline))).for_each(|effect| rule(page, effect, inputs));
}

fn rule(page: &mut Page, effect: &RuleEffect, inputs: &Inputs<'_>) {
    let RuleEffect { because, tier, action, matches, text } = effect;
    let tier = tier.map(|tier| format!("tier {}: ", tier.name())).unwrap_or_default();
    let (tone, lead) = if matches.is_empty() {
        (Tone::Plain, "does not count: ".to_owned())
    } else if *action != Action::Accept {
        (Tone::Strong, String::new())
    } else if text.starts_with("allows ") {
        (Tone::Good, String::new())
    } else {
        (Tone::Good, format!("allows {matches}: "))
    };
    page.hanging(4, tone, &format!("- {tier}{lead}"), text, 6);
    page.hanging(6, Tone::Plain, "", &place_text(because, "", inputs), 8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn an_explanation_names_every_rule_that_has_a_say() {
        let explanations = [fixtures::explanation()];
        insta::assert_snapshot!(fixtures::with_inputs(|inputs| {
            explanation_text(&explanations, None, inputs, Colour::Plain)
        }));
    }

    #[test]
    fn what_a_rule_allows_is_said_once() {
        let mut explanation = fixtures::explanation();
        explanation.ingress.rules[0].text = "allows TCP 5432".to_owned();
        let text =
            fixtures::with_inputs(|inputs| explanation_text(&[explanation], None, inputs, Colour::Plain));
        assert!(text.lines().any(|line| line == "    - allows TCP 5432"), "{text}");
    }

    #[test]
    fn the_headline_names_the_port_that_was_asked_for() {
        let explanations = [fixtures::explanation()];
        let port = Some((Protocol::Tcp, 5432));
        let text =
            fixtures::with_inputs(|inputs| explanation_text(&explanations, port, inputs, Colour::Plain));
        let headline = "staging/Deployment/api → production/StatefulSet/db on TCP 5432: open";
        assert_eq!(text.lines().next(), Some(headline));
    }
}
