//! From manifests to a certificate, and from that to what the checker says.

use watertight_base::Source;
use watertight_check::{Proved, Refusal, check};
use watertight_ingest::{Options, read};
use watertight_model::{Certificate, Channel, NamespaceId, Report, Verdict};
use watertight_network::{Hostile, Profile, Uncertified, certified_points, forged_certificate};
use watertight_prove::{Question, certify, prove};
use watertight_render::{Bound, certificate_json};

/// The digest of whatever is given here.
pub(crate) const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// A pod of each side, behind another object.
pub(crate) const PODS: &str = "---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: staging, labels: {app: api}}
spec: {containers: [{name: c, image: example.com/api}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: production, labels: {app: db}}
spec: {containers: [{name: c, image: example.com/db}]}
";

pub(crate) fn source(text: &str) -> Vec<Source> {
    vec![Source { name: "a.yaml".to_owned(), bytes: text.as_bytes().to_vec() }]
}

pub(crate) fn question(profile: Profile) -> Question {
    Question { profile, channels: vec![Channel::Network], ..Question::between("staging", "production") }
}

/// What the engine says, with the certificate, if it is `isolated`.
pub(crate) fn answer(text: &str, profile: Profile) -> Option<(Report, Option<String>)> {
    answer_about(&source(text), profile)
}

pub(crate) fn answer_about(sources: &[Source], profile: Profile) -> Option<(Report, Option<String>)> {
    let snapshot = read(sources, &Options::default()).snapshot;
    let question = question(profile);
    let mut report = prove(&snapshot, &question).ok()?;
    let was_isolated = report.boundaries[0].verdict == Verdict::Isolated;
    let certificate = certify(&snapshot, &question, &mut report).unwrap();
    assert!(
        !was_isolated || certificate.is_some(),
        "isolated under {} without a certificate: {:?}\n{}",
        profile.label(),
        report.boundaries[0].channels[0].blind_spots,
        sources.iter().map(|source| String::from_utf8_lossy(&source.bytes)).collect::<String>()
    );
    let written = certificate.map(|certificate| written(&report, &certificate));
    Some((report, written))
}

pub(crate) fn written(report: &Report, certificate: &Certificate) -> String {
    let bound = Bound {
        version: "0.0.0",
        input_digest: DIGEST,
        default_namespace: "default",
        environments: &[],
        principals: &[],
        accepted: &[],
    };
    certificate_json(report, certificate, bound).unwrap()
}

/// What the checker says of a certificate for some manifests.
pub(crate) fn checked(certificate: &str, text: &str) -> Result<Proved, Refusal> {
    checked_against(certificate, &source(text))
}

pub(crate) fn checked_against(certificate: &str, sources: &[Source]) -> Result<Proved, Refusal> {
    check(certificate.as_bytes(), sources, DIGEST)
}

/// What an engine would write that takes every part which it cannot close for closed.
pub(crate) fn forged(text: &str, profile: Profile) -> Option<String> {
    forged_about(&source(text), profile)
}

pub(crate) fn forged_about(sources: &[Source], profile: Profile) -> Option<String> {
    let snapshot = read(sources, &Options::default()).snapshot;
    let mut report = prove(&snapshot, &question(profile)).ok()?;
    let side = |name: &str| -> Vec<NamespaceId> {
        let environment = report.environments.iter().find(|environment| environment.name == name).unwrap();
        environment.namespaces.iter().map(|it| snapshot.namespace_named(&it.name).unwrap()).collect()
    };
    let (from, to) = (side("staging"), side("production"));
    match forged_certificate(&snapshot, profile, &Hostile::without_own_fence(&from), &to) {
        Ok(facts) => {
            report.boundaries[0].verdict = Verdict::Isolated;
            let points = certified_points(&profile);
            Some(written(&report, &Certificate { points, strict: false, network: Some(facts), api: None }))
        }
        Err(Uncertified::TooMany | Uncertified::Passes) => None,
    }
}

pub(crate) fn profiles() -> Vec<Profile> {
    let set = [
        "cilium,cidr-match=pods+nodes",
        "cilium,cluster-network-policy=true",
        "calico,admin-policies=true",
        "antrea,admin-policies=true",
    ];
    let set = set.map(|text| Profile::parse(text).unwrap());
    Profile::ALL.into_iter().chain(set).collect()
}

/// How many clusters are tried.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
pub(crate) fn clusters(usual: u64) -> u64 {
    std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}
