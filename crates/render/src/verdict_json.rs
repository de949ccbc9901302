//! A verdict for machines: `watertight.dev/verdict/v1`, as `schemas/verdict-v1.schema.json` has it.

use crate::json::{
    AssumptionJson, BecauseJson, BlindSpotJson, DiagnosticJson, FactJson, ObjectJson, PrincipalJson,
    ToolJson, assumptions, blind_spots, diagnostics, pretty,
};
use crate::{Inputs, Provenance};
use serde::Serialize;
use watertight_model::{
    Boundary, Breach, Cause, Channel, ChannelReport, EnvironmentReport, NearWay, Need, PrincipalChoice,
    Report, Snapshot, Step,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerdictJson<'a> {
    schema: &'static str,
    tool: ToolJson<'a>,
    input_digest: &'a str,
    profile: &'a str,
    kubernetes_version: Option<&'a str>,
    enforcer: Option<EnforcerJson<'a>>,
    environments: Vec<EnvironmentJson<'a>>,
    boundaries: Vec<BoundaryJson<'a>>,
    needs: Vec<NeedJson<'a>>,
    diagnostics: Vec<DiagnosticJson>,
}

/// What the enforcer that the input shows would mean.
#[derive(Debug, Serialize)]
struct EnforcerJson<'a> {
    profile: &'a str,
    object: ObjectJson,
    verdict: &'static str,
}

/// Something that must work all the same.
#[derive(Debug, Serialize)]
struct NeedJson<'a> {
    need: &'a str,
    state: &'static str,
    why: &'a str,
    help: &'a str,
    because: Vec<BecauseJson>,
}

#[derive(Debug, Serialize)]
struct EnvironmentJson<'a> {
    name: &'a str,
    namespaces: Vec<NamespaceJson<'a>>,
    /// Filled by the api channel.
    principals: Vec<PrincipalChoiceJson<'a>>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct NamespaceJson<'a> {
    cluster: Option<&'a str>,
    name: &'a str,
    why: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BoundaryJson<'a> {
    from: &'a str,
    to: &'a str,
    verdict: &'static str,
    channels: Vec<ChannelJson<'a>>,
    causes: Vec<CauseJson<'a>>,
    not_examined: Vec<&'static str>,
    blind_spots: Vec<BlindSpotJson>,
    assumptions: Vec<AssumptionJson>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ChannelJson<'a> {
    channel: &'static str,
    verdict: &'static str,
    breaches: Vec<BreachJson<'a>>,
    lesser: Vec<BreachJson<'a>>,
    nearest: Vec<NearWayJson<'a>>,
    public: Vec<PublicJson<'a>>,
    /// Filled by the capacity channel.
    bounds: [&'a str; 0],
    blind_spots: Vec<BlindSpotJson>,
    assumptions: Vec<AssumptionJson>,
}

/// Breaches of all channels that go together, the worst first, by their ids.
#[derive(Debug, Serialize)]
struct CauseJson<'a> {
    object: Option<ObjectJson>,
    yields: &'static str,
    count: usize,
    breaches: Vec<&'a str>,
}

impl<'a> CauseJson<'a> {
    fn of(cause: &Cause<'a>) -> Self {
        Self {
            object: cause.worst.root.object.as_ref().map(ObjectJson::from),
            yields: cause.worst.gain().name(),
            count: cause.count(),
            breaches: cause.breaches().map(|breach| breach.id.as_str()).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct BreachJson<'a> {
    id: &'a str,
    rule: &'static str,
    /// 1 is the most telling.
    rank: usize,
    when: &'static str,
    yields: &'static str,
    message: &'a str,
    help: &'a str,
    count: usize,
    steps: Vec<StepJson<'a>>,
}

#[derive(Debug, Serialize)]
struct StepJson<'a> {
    id: usize,
    channel: &'static str,
    rule: &'static str,
    fact: FactJson,
    text: &'a str,
    uses: &'a [usize],
    because: Vec<BecauseJson>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct PrincipalChoiceJson<'a> {
    #[serde(flatten)]
    principal: PrincipalJson,
    why: &'a str,
}

impl<'a> PrincipalChoiceJson<'a> {
    fn of(choice: &'a PrincipalChoice) -> Self {
        Self { principal: PrincipalJson::of(&choice.principal), why: &choice.why }
    }
}

#[derive(Debug, Serialize)]
struct NearWayJson<'a> {
    rule: &'static str,
    message: &'a str,
    blocked: &'a str,
    because: Vec<BecauseJson>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct PublicJson<'a> {
    message: &'a str,
    because: Vec<BecauseJson>,
}

/// The report as one JSON document.
///
/// # Errors
/// Only if the serializer does.
pub fn verdict_json(report: &Report, provenance: Provenance<'_>) -> serde_json::Result<String> {
    pretty(&verdict_of(report, provenance))
}

/// The report as the document has it.
pub(crate) fn verdict_of<'a>(report: &'a Report, provenance: Provenance<'a>) -> VerdictJson<'a> {
    let Provenance { version, input_digest, inputs, snapshot, diagnostics: findings, .. } = provenance;
    let mut environments: Vec<_> = report.environments.iter().map(environment).collect();
    environments.sort_by_key(|environment| environment.name);
    let mut boundaries: Vec<_> =
        report.boundaries.iter().map(|each| boundary(each, inputs, snapshot)).collect();
    boundaries.sort_by_key(|boundary| (boundary.from, boundary.to));
    VerdictJson {
        schema: "watertight.dev/verdict/v1",
        tool: ToolJson::at(version),
        input_digest,
        profile: &report.profile,
        kubernetes_version: report.kubernetes_version.as_deref(),
        enforcer: report.enforcer.as_ref().map(|enforcer| EnforcerJson {
            profile: &enforcer.profile,
            object: ObjectJson::from(&enforcer.object),
            verdict: enforcer.verdict.name(),
        }),
        environments,
        boundaries,
        needs: report.needs.iter().map(|each| need(each, inputs)).collect(),
        diagnostics: diagnostics(findings, inputs),
    }
}

fn need<'a>(need: &'a Need, inputs: &Inputs<'_>) -> NeedJson<'a> {
    NeedJson {
        need: &need.asked,
        state: need.state.name(),
        why: &need.why,
        help: &need.help,
        because: BecauseJson::all(&need.because, inputs),
    }
}

fn environment(environment: &EnvironmentReport) -> EnvironmentJson<'_> {
    let namespaces = environment.namespaces.iter();
    let mut namespaces: Vec<_> = namespaces
        .map(|namespace| NamespaceJson { cluster: None, name: &namespace.name, why: &namespace.why })
        .collect();
    namespaces.sort();
    let mut principals: Vec<PrincipalChoiceJson<'_>> =
        environment.principals.iter().map(PrincipalChoiceJson::of).collect();
    principals.sort();
    EnvironmentJson { name: &environment.name, namespaces, principals }
}

fn boundary<'a>(boundary: &'a Boundary, inputs: &Inputs<'_>, snapshot: &Snapshot) -> BoundaryJson<'a> {
    let channels = || boundary.channels.iter();
    let mut not_examined = boundary.not_examined.clone();
    not_examined.sort_unstable();
    BoundaryJson {
        from: &boundary.from,
        to: &boundary.to,
        verdict: boundary.verdict.name(),
        channels: channels().map(|channel| channel_json(channel, inputs, snapshot)).collect(),
        causes: boundary.causes().iter().map(CauseJson::of).collect(),
        not_examined: not_examined.into_iter().map(Channel::name).collect(),
        blind_spots: blind_spots(channels().flat_map(|channel| &channel.blind_spots), inputs),
        assumptions: assumptions(channels().flat_map(|channel| &channel.assumptions)),
    }
}

fn channel_json<'a>(channel: &'a ChannelReport, inputs: &Inputs<'_>, snapshot: &Snapshot) -> ChannelJson<'a> {
    let ranked = |breaches: &'a [Breach]| {
        let ranks = breaches.iter().zip(1..);
        ranks.map(|(each, rank)| breach(each, rank, inputs, snapshot)).collect()
    };
    let near = |NearWay { rule, message, blocked, because }: &'a NearWay| NearWayJson {
        rule,
        message,
        blocked,
        because: BecauseJson::all(because, inputs),
    };
    let public = channel.public.iter();
    let mut public: Vec<_> = public
        .map(|entry| PublicJson {
            message: &entry.message,
            because: BecauseJson::all(&entry.because, inputs),
        })
        .collect();
    public.sort();
    ChannelJson {
        channel: channel.channel.name(),
        verdict: channel.verdict.name(),
        breaches: ranked(&channel.breaches),
        lesser: ranked(&channel.lesser),
        nearest: channel.nearest.iter().map(near).collect(),
        public,
        bounds: [],
        blind_spots: blind_spots(&channel.blind_spots, inputs),
        assumptions: assumptions(&channel.assumptions),
    }
}

fn breach<'a>(breach: &'a Breach, rank: usize, inputs: &Inputs<'_>, snapshot: &Snapshot) -> BreachJson<'a> {
    let step = |step: &'a Step| StepJson {
        id: step.id,
        channel: step.channel.name(),
        rule: step.rule,
        fact: FactJson::of(&step.fact, snapshot),
        text: &step.text,
        uses: &step.uses,
        because: BecauseJson::all(&step.because, inputs),
    };
    BreachJson {
        id: &breach.id,
        rule: breach.rule,
        rank,
        when: breach.when.name(),
        yields: breach.gain().name(),
        message: &breach.message,
        help: &breach.help,
        count: breach.count,
        steps: breach.steps.iter().map(step).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, document};
    use serde_json::{Value, json};
    use watertight_model::{BlindSpot, Verdict};

    const SCHEMA: &str = include_str!("../../../schemas/verdict-v1.schema.json");

    fn json_of(report: &Report) -> Value {
        document(SCHEMA, |provenance| verdict_json(report, provenance))
    }

    #[test]
    fn every_verdict_is_as_the_schema_has_it() {
        for verdict in [Verdict::Isolated, Verdict::Unknown, Verdict::Breached] {
            let document = json_of(&fixtures::report(verdict));
            assert_eq!(document["boundaries"][0]["verdict"], verdict.name());
        }
    }

    #[test]
    fn a_breach_has_all_that_replays_it() {
        let document = json_of(&fixtures::report(Verdict::Breached));
        let breach = &document["boundaries"][0]["channels"][0]["breaches"][0];
        assert_eq!(breach["rank"], 1);
        assert_eq!(breach["count"], 12);
        let step = &breach["steps"][2];
        assert_eq!(step["uses"], json!([1]));
        assert_eq!(step["fact"]["kind"], "ingressAllowed");
        assert_eq!(step["fact"]["ports"], json!({"TCP": [[5432, 5432]]}));
        assert_eq!(step["fact"]["from"]["pod"], Value::Null);
        assert_eq!(step["fact"]["from"]["namedPorts"], json!({"pg": {"protocol": "TCP", "port": 5432}}));
        assert_eq!(
            step["because"][1]["evidence"],
            json!({"kind": "file", "file": "k8s/db.yaml", "line": 12, "column": 11, "endLine": 12, "endColumn": 32})
        );
        let full = &breach["steps"][1]["fact"]["ports"];
        assert_eq!(full, &json!({"TCP": [[1, 65535]], "UDP": [[1, 65535]], "SCTP": [[1, 65535]]}));
    }

    #[test]
    fn causes_name_the_breaches_of_all_channels_the_worst_first() {
        let document = json_of(&fixtures::one_cause());
        let causes = document["boundaries"][0]["causes"].as_array().unwrap();
        assert_eq!(causes.len(), 2);
        assert_eq!(causes[0]["object"]["name"], "ci");
        assert_eq!(causes[0]["yields"], "readsSecrets");
        assert_eq!(causes[0]["count"], 3);
        let ids = ["read-secrets", "unfenced-future-pod", "change-objects"];
        assert_eq!(causes[0]["breaches"], json!(ids.map(|rule| format!("{rule}:0123456789abcdef"))));
        assert_eq!((&causes[1]["yields"], &causes[1]["count"]), (&json!("dialsPods"), &json!(12)));
    }

    #[test]
    fn blind_spots_and_assumptions_of_the_boundary_are_those_of_its_channels() {
        let document = json_of(&fixtures::report(Verdict::Unknown));
        let boundary = &document["boundaries"][0];
        assert_eq!(boundary["blindSpots"], boundary["channels"][0]["blindSpots"]);
        assert_eq!(boundary["assumptions"], boundary["channels"][0]["assumptions"]);
        assert_eq!(boundary["blindSpots"][0]["id"], "unknown-kind:GlobalNetworkPolicy:deny-all");
        assert_eq!(boundary["notExamined"], json!(["api", "node", "identity", "data", "capacity", "deputy"]));
    }

    #[test]
    fn blind_spots_without_a_name_have_ids_that_differ() {
        let mut report = fixtures::report(Verdict::Unknown);
        let unnamed =
            |text| BlindSpot { object: None, span: Some(fixtures::span(text)), ..fixtures::blind_spot() };
        report.boundaries[0].channels[0].blind_spots =
            vec![unnamed("kind: StatefulSet"), unnamed("kind: Deployment")];
        let document = json_of(&report);
        let spots = document["boundaries"][0]["blindSpots"].as_array().unwrap();
        let ids: Vec<&str> = spots.iter().map(|spot| spot["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 2);
        assert_eq!(ids[1], format!("{}:2", ids[0]));
    }

    #[test]
    fn needs_keep_the_order_in_which_they_were_asked() {
        assert_eq!(json_of(&fixtures::report(Verdict::Isolated))["needs"], json!([]));
        let report = Report { needs: fixtures::needs(), ..fixtures::report(Verdict::Isolated) };
        let document = json_of(&report);
        assert_eq!(fixtures::schema_errors(SCHEMA, &document), [""; 0]);
        let needs = document["needs"].as_array().unwrap();
        let states: Vec<_> = needs.iter().map(|need| (&need["need"], &need["state"])).collect();
        assert_eq!(
            states,
            [
                (&json!("dns"), &json!("open")),
                (&json!("production/web=production/db:5432"), &json!("closed")),
                (&json!("staging/web=198.51.100.7:53/udp"), &json!("unknown")),
            ]
        );
        assert_eq!(needs[1]["because"][0]["object"]["name"], "allow-db");
    }

    #[test]
    fn the_order_of_environments_and_namespaces_never_shows() {
        let mut report = fixtures::report(Verdict::Breached);
        let before = json_of(&report);
        report.environments.reverse();
        report.environments.iter_mut().for_each(|environment| environment.namespaces.reverse());
        assert_eq!(json_of(&report), before);
    }

    #[test]
    fn the_schema_refuses_what_is_not_in_the_format() {
        let good = json_of(&fixtures::report(Verdict::Breached));
        let breach = "/boundaries/0/channels/0/breaches/0";
        for (path, value) in [
            ("/schema", json!("watertight.dev/verdict/v2")),
            ("/inputDigest", json!("sha256:12")),
            ("/boundaries/0/verdict", json!("safe")),
            ("/boundaries/0/notExamined", json!(["api", "api"])),
            (&format!("{breach}/when"), json!("later")),
            (&format!("{breach}/steps"), json!([])),
            (&format!("{breach}/steps/0/fact/kind"), json!("hopes")),
            (&format!("{breach}/steps/2/fact/ports"), json!({"ICMP": [[1, 1]]})),
            (&format!("{breach}/steps/2/fact/ports/TCP/0"), json!([0, 70_000])),
            (&format!("{breach}/steps/2/because/0/evidence/line"), json!(0)),
            ("/needs", json!([{"need": "dns", "state": "perhaps", "why": "w", "help": "", "because": []}])),
            ("/tool/extra", json!(1)),
        ] {
            let mut bad = good.clone();
            match bad.pointer_mut(path) {
                Some(place) => *place = value,
                None => bad["tool"]["extra"] = value,
            }
            assert!(!fixtures::schema_errors(SCHEMA, &bad).is_empty(), "{path}");
        }
    }
}
