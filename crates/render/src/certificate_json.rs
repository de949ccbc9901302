//! A certificate: `watertight.dev/certificate/v1`, as `schemas/certificate-v1.schema.json` has it.

use crate::json::{AssumptionJson, PortsJson, ToolJson, allow_json, pretty};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::Operator;
use watertight_model::{
    Assumption, CERTIFICATE_RULES, Case, Certificate, Channel, ClosedFact, Closer, Cut, EnvironmentReport,
    KnownAs, KnownField, Principal, ReachedFact, RefusedBy, RefusedObject, RefusedPods, Report, SubjectKind,
};

/// What a certificate is bound to besides the report.
#[derive(Debug, Clone, Copy)]
pub struct Bound<'a> {
    /// The program's version.
    pub version: &'a str,
    /// What was read, as a digest: `sha256:` and 64 hexadecimal digits.
    pub input_digest: &'a str,
    /// The namespace of objects that name none.
    pub default_namespace: &'a str,
    /// `--env NAME=SELECTOR`, as (NAME, SELECTOR).
    pub environments: &'a [(String, String)],
    /// `--principal ENVIRONMENT=KIND:NAME`, as (ENVIRONMENT, who).
    pub principals: &'a [(String, Principal)],
    /// `--accept KIND=REASON`, as (KIND, REASON).
    pub accepted: &'a [(String, String)],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CertificateJson<'a> {
    schema: &'static str,
    tool: ToolJson<'a>,
    rules: u32,
    input_digest: &'a str,
    default_namespace: &'a str,
    profile: ProfileJson<'a>,
    from: EnvironmentJson<'a>,
    to: EnvironmentJson<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    elsewhere: Vec<String>,
    accepted: Vec<AcceptedJson<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    strict: bool,
    assumptions: Vec<AssumptionJson>,
    channels: Vec<ChannelJson<'a>>,
}

#[derive(Debug, Serialize)]
struct ProfileJson<'a> {
    name: &'a str,
    points: BTreeMap<&'a str, &'a str>,
}

#[derive(Debug, Serialize)]
struct EnvironmentJson<'a> {
    name: &'a str,
    selectors: Vec<&'a str>,
    principals: Vec<String>,
    namespaces: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct AcceptedJson<'a> {
    kind: &'a str,
    reason: &'a str,
}

#[derive(Debug, Serialize)]
struct ChannelJson<'a> {
    channel: &'static str,
    facts: Vec<FactJson<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
enum FactJson<'a> {
    Closed {
        source: String,
        way: &'static str,
        to: &'a [String],
        cases: Vec<CaseJson<'a>>,
    },
    NoPods {
        namespace: &'a str,
        cases: Vec<CaseJson<'a>>,
    },
    NoHostNetwork {
        namespaces: &'a [String],
        #[serde(skip_serializing_if = "Vec::is_empty")]
        refused: Vec<RefusedJson<'a>>,
    },
    NoDialedHost {
        namespaces: &'a [String],
        #[serde(skip_serializing_if = "Vec::is_empty")]
        refused: Vec<RefusedJson<'a>>,
    },
    CarriesNothing {
        proxy: &'a str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        refused: Vec<RefusedJson<'a>>,
    },
    KeepsLabels {
        namespace: &'a str,
        refused: Vec<RefusedJson<'a>>,
    },
    NoSharedNetwork {
        namespaces: &'a [String],
    },
    ActsAs(PrincipalJson<'a>),
    Gains {
        row: &'a str,
        scope: Option<&'a str>,
        names: Vec<&'a str>,
    },
    Refused {
        object: RefusedJson<'a>,
    },
}

#[derive(Debug, Serialize)]
struct RefusedJson<'a> {
    group: &'a str,
    version: &'a str,
    kind: &'a str,
    resource: &'a str,
    namespace: &'a str,
    fields: Vec<FieldJson<'a>>,
    by: Vec<RefusedByJson<'a>>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldJson<'a> {
    path: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    one_of: Option<&'a BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_than: Option<&'a BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct RefusedByJson<'a> {
    operation: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    subresource: &'static str,
    policy: &'a str,
    binding: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation: Option<usize>,
}

#[derive(Debug, Serialize)]
struct RefusedPodsJson<'a> {
    of: &'static str,
    namespace: &'a str,
    by: Vec<RefusedByJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bare: Vec<RefusedByJson<'a>>,
}

#[derive(Debug, Serialize)]
struct PrincipalJson<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    impersonated: bool,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum CaseJson<'a> {
    Closed {
        case: usize,
        #[serde(rename = "closedBy")]
        closed_by: Vec<CloserJson<'a>>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        refused: Vec<RefusedPodsJson<'a>>,
    },
    Cut {
        case: usize,
        cut: CutJson<'a>,
        yes: usize,
        no: usize,
    },
}

#[derive(Debug, Serialize)]
struct CloserJson<'a> {
    side: &'static str,
    kind: &'a str,
    name: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
enum CutJson<'a> {
    Labels { of: &'static str, key: &'a str, operator: &'static str, values: &'a [String] },
    Addresses { of: &'static str, cidrs: Vec<String> },
    Ports { of: &'static str, ports: PortsJson },
    PortName { of: &'static str, name: &'a str },
}

/// The certificate of a report as one JSON document.
///
/// # Errors
/// Only if the serializer does.
pub fn certificate_json(
    report: &Report,
    certificate: &Certificate,
    bound: Bound<'_>,
) -> serde_json::Result<String> {
    let assumptions = report.boundaries.iter().flat_map(|boundary| &boundary.channels);
    let assumptions: Vec<Assumption> =
        assumptions.flat_map(|channel| &channel.assumptions).cloned().collect();
    let environment = |end: fn(&watertight_model::Boundary) -> &str| {
        let name = report.boundaries.first().map_or("", end);
        let found = report.environments.iter().find(|environment| environment.name == name);
        environment_json(name, found, bound)
    };
    pretty(&CertificateJson {
        schema: "watertight.dev/certificate/v1",
        tool: ToolJson::at(bound.version),
        rules: CERTIFICATE_RULES,
        input_digest: bound.input_digest,
        default_namespace: bound.default_namespace,
        profile: ProfileJson {
            name: &report.profile,
            points: certificate.points.iter().map(|(point, says)| (point.as_str(), says.as_str())).collect(),
        },
        from: environment(|boundary| &boundary.from),
        to: environment(|boundary| &boundary.to),
        elsewhere: elsewhere(report, bound),
        accepted: bound.accepted.iter().map(|(kind, reason)| AcceptedJson { kind, reason }).collect(),
        strict: certificate.strict,
        assumptions: crate::json::assumptions(&assumptions),
        channels: channels(certificate),
    })
}

fn channels(certificate: &Certificate) -> Vec<ChannelJson<'_>> {
    let of = |channel: Channel, facts| ChannelJson { channel: channel.name(), facts };
    let network = certificate.network.as_ref().map(|facts| facts.iter().map(fact_json).collect());
    let api = certificate.api.as_ref().map(|facts| facts.iter().map(reached_json).collect());
    let network = network.map(|facts| of(Channel::Network, facts));
    network.into_iter().chain(api.map(|facts| of(Channel::Api, facts))).collect()
}

fn environment_json<'a>(
    name: &'a str,
    found: Option<&'a EnvironmentReport>,
    bound: Bound<'a>,
) -> EnvironmentJson<'a> {
    let selectors = bound.environments.iter().filter(|(of, _)| of == name);
    let namespaces = found.into_iter().flat_map(|environment| &environment.namespaces);
    let principals = bound.principals.iter().filter(|(of, _)| of == name);
    EnvironmentJson {
        name,
        principals: principals.map(|(_, principal)| said(principal)).collect(),
        selectors: selectors.map(|(_, selector)| selector.as_str()).collect(),
        namespaces: namespaces.map(|namespace| namespace.name.as_str()).collect(),
    }
}

/// Who was said to be of neither side.
fn elsewhere(report: &Report, bound: Bound<'_>) -> Vec<String> {
    let ends = |of: &str| {
        report
            .boundaries
            .first()
            .is_some_and(|boundary| [&boundary.from, &boundary.to].iter().any(|it| *it == of))
    };
    let others = bound.principals.iter().filter(|(of, _)| !ends(of));
    others.map(|(_, principal)| said(principal)).collect()
}

fn said(principal: &Principal) -> String {
    match principal.kind {
        SubjectKind::Group => format!("group:{}", principal.name),
        _ => format!("user:{}", principal.name),
    }
}

fn fact_json(fact: &ClosedFact) -> FactJson<'_> {
    match fact {
        ClosedFact::Closed { source, way, to, cases } => {
            FactJson::Closed { source: source.to_string(), way: way.name(), to, cases: cases_json(cases) }
        }
        ClosedFact::NoPods { namespace, cases } => FactJson::NoPods { namespace, cases: cases_json(cases) },
        ClosedFact::NoHostNetwork { namespaces, refused } => {
            FactJson::NoHostNetwork { namespaces, refused: refused.iter().map(refused_json).collect() }
        }
        ClosedFact::NoDialedHost { namespaces, refused } => {
            FactJson::NoDialedHost { namespaces, refused: refused.iter().map(refused_json).collect() }
        }
        ClosedFact::CarriesNothing { proxy, refused } => {
            FactJson::CarriesNothing { proxy, refused: refused.iter().map(refused_json).collect() }
        }
        ClosedFact::KeepsLabels { namespace, refused } => {
            FactJson::KeepsLabels { namespace, refused: refused.iter().map(refused_json).collect() }
        }
        ClosedFact::NoSharedNetwork { namespaces } => FactJson::NoSharedNetwork { namespaces },
    }
}

fn cases_json(cases: &[Case]) -> Vec<CaseJson<'_>> {
    cases.iter().enumerate().map(|(number, case)| case_json(number, case)).collect()
}

fn reached_json(fact: &ReachedFact) -> FactJson<'_> {
    match fact {
        ReachedFact::ActsAs { principal, impersonated } => {
            let (kind, namespace) = match &principal.kind {
                SubjectKind::User => ("User", None),
                SubjectKind::Group => ("Group", None),
                SubjectKind::ServiceAccount(namespace) => ("ServiceAccount", Some(namespace.as_str())),
            };
            FactJson::ActsAs(PrincipalJson {
                kind,
                namespace,
                name: &principal.name,
                impersonated: *impersonated,
            })
        }
        ReachedFact::Gains { row, scope, names } => FactJson::Gains {
            row,
            scope: scope.as_deref(),
            names: names.iter().map(String::as_str).collect(),
        },
        ReachedFact::Refused(object) => FactJson::Refused { object: refused_json(object) },
    }
}

fn refused_json(object: &RefusedObject) -> RefusedJson<'_> {
    let RefusedObject { group, version, kind, resource, namespace, fields, by } = object;
    let fields = fields.iter().map(field_json).collect();
    RefusedJson { group, version, kind, resource, namespace, fields, by: refused_by(by) }
}

fn field_json(field: &KnownField) -> FieldJson<'_> {
    let known = FieldJson { path: &field.path, ..FieldJson::default() };
    let is = |word| FieldJson { is: Some(word), path: &field.path, ..FieldJson::default() };
    match &field.is {
        KnownAs::OneOf(texts) => FieldJson { one_of: Some(texts), ..known },
        KnownAs::OtherThan(texts) => FieldJson { other_than: Some(texts), ..known },
        KnownAs::Absent => is("absent"),
        KnownAs::Object => is("object"),
        KnownAs::Empty => is("empty"),
        KnownAs::True => is("true"),
        KnownAs::Anything => is("anything"),
    }
}

fn refused_by(by: &[RefusedBy]) -> Vec<RefusedByJson<'_>> {
    let by = by.iter().map(|RefusedBy { operation, subresource, policy, binding, validation }| {
        RefusedByJson { operation, subresource, policy, binding, validation: *validation }
    });
    by.collect()
}

fn closed_case<'a>(case: usize, refused: &'a [RefusedPods], closers: &'a [Closer]) -> CaseJson<'a> {
    let closers = closers.iter();
    let closers = closers.map(|Closer { side, kind, name }| CloserJson { side: side.name(), kind, name });
    let refused = refused.iter();
    let refused = refused.map(|RefusedPods { of, namespace, by, bare }| RefusedPodsJson {
        of: of.name(),
        namespace,
        by: refused_by(by),
        bare: refused_by(bare),
    });
    CaseJson::Closed { case, closed_by: closers.collect(), refused: refused.collect() }
}

fn case_json(case: usize, of: &Case) -> CaseJson<'_> {
    match of {
        Case::Closed(closers) => closed_case(case, &[], closers),
        Case::Refused(refused, closers) => closed_case(case, refused, closers),
        Case::Cut { by, yes, no } => CaseJson::Cut { case, cut: cut_json(by), yes: *yes, no: *no },
    }
}

fn cut_json(cut: &Cut) -> CutJson<'_> {
    match cut {
        Cut::Labels(of, requirement) => CutJson::Labels {
            of: of.name(),
            key: &requirement.key,
            operator: match requirement.operator {
                Operator::In => "In",
                Operator::NotIn => "NotIn",
                Operator::Exists => "Exists",
                Operator::DoesNotExist => "DoesNotExist",
            },
            values: &requirement.values,
        },
        Cut::Addresses(of, addresses) => CutJson::Addresses {
            of: of.name(),
            cidrs: addresses.cidrs().iter().map(ToString::to_string).collect(),
        },
        Cut::Ports(of, ports) => CutJson::Ports { of: of.name(), ports: allow_json(ports) },
        Cut::PortName { name, tier } => {
            CutJson::PortName { of: if *tier { "administrators-policies" } else { "network-policies" }, name }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use watertight_model::Verdict;

    const SCHEMA: &str = include_str!("../../../schemas/certificate-v1.schema.json");

    #[test]
    fn a_certificate_is_what_the_schema_says() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let bound = Bound {
            version: "1.2.3",
            input_digest: &digest,
            default_namespace: "default",
            environments: &[("staging".to_owned(), "staging".to_owned())],
            principals: &[("staging".to_owned(), Principal::group("developers"))],
            accepted: &[("Portal".to_owned(), "it opens nothing".to_owned())],
        };
        let report = fixtures::report(Verdict::Isolated);
        let text = certificate_json(&report, &fixtures::certificate::certificate(), bound).unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(fixtures::schema_errors(SCHEMA, &document), Vec::<String>::new());
        insta::assert_snapshot!(text);
    }
}
