//! Certificates of what the hostile side comes to by rights, alone and with the network.

use crate::clusters::fenced;
use crate::common::{DIGEST, checked, clusters, source};
use std::collections::BTreeMap;
use watertight_ingest::{Options, read};
use watertight_model::{Certificate, Channel, Principal, Report, Snapshot};
use watertight_oracle::Random;
use watertight_oracle::generate::rbac::{Shape, add};
use watertight_oracle::generate::{self, Size};
use watertight_oracle::manifests::to_yaml;
use watertight_prove::{GivenPrincipal, Question, certify, prove};
use watertight_render::{Bound, certificate_json};

/// A cluster with rights, of which many lead nowhere.
fn cluster(seed: u64) -> Snapshot {
    let mut random = Random::new(seed ^ 0x7269_6768);
    let shape = if seed.is_multiple_of(3) { Shape::Any } else { Shape::Chained };
    let plain = match seed.is_multiple_of(2) {
        true => fenced(seed),
        false => generate::snapshot(seed, Size { pods: 2, policies: 1, nodes: 1, ..Size::default() }),
    };
    let mut cluster = add(&plain, seed, shape);
    cluster.role_bindings.retain(|binding| {
        let namespace = binding.object.namespace.as_deref();
        let is_far = namespace.is_some_and(|namespace| !namespace.starts_with("production"));
        random.chance(if is_far { 60 } else { 12 })
    });
    cluster
}

/// Both channels, or rights alone.
fn question(seed: u64) -> Question {
    let channels = if seed.is_multiple_of(2) { vec![] } else { vec![Channel::Api] };
    let mut random = Random::new(seed ^ 0x7361_6964);
    let mut principals = Vec::new();
    for principal in [Principal::user("jane"), Principal::group("ops")] {
        if random.chance(20) {
            let environment = random.one_of(["staging", "production"]).to_owned();
            principals.push(GivenPrincipal { environment, principal });
        }
    }
    Question { channels, principals, ..Question::between("staging", "production") }
}

fn snapshot(text: &str) -> Snapshot {
    read(&source(text), &Options { values: true, ..Options::default() }).snapshot
}

/// What the engine says, and the certificate that it writes.
fn answer(text: &str, question: &Question) -> (Report, Option<String>) {
    let snapshot = snapshot(text);
    let mut report = prove(&snapshot, question).unwrap();
    let certificate = certify(&snapshot, question, &mut report).unwrap();
    let written = certificate.map(|certificate| written(&report, &certificate, question));
    (report, written)
}

fn written(report: &Report, certificate: &Certificate, question: &Question) -> String {
    let given = question.principals.iter();
    let principals: Vec<_> =
        given.map(|given| (given.environment.clone(), given.principal.clone())).collect();
    let bound = Bound {
        version: "0.0.0",
        input_digest: DIGEST,
        default_namespace: "default",
        environments: &[],
        principals: &principals,
        accepted: &[],
    };
    certificate_json(report, certificate, bound).unwrap()
}

#[test]
fn what_the_engine_calls_isolated_by_rights_is_accepted() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..clusters(300) {
        let text = to_yaml(&cluster(seed));
        let question = question(seed);
        let (report, certificate) = answer(&text, &question);
        let verdict = report.boundaries[0].verdict;
        let channels = report.boundaries[0].channels.len();
        let had = certificate.is_some();
        *seen.entry(format!("{channels} channels, {verdict}, {had}")).or_default() += 1;
        if let Some(certificate) = certificate
            && let Err(why) = checked(&certificate, &text)
        {
            panic!("seed {seed}: {why:?}\n{certificate}\n{text}");
        }
        if !had
            && report.boundaries[0]
                .channels
                .iter()
                .any(|c| c.blind_spots.iter().any(|s| s.reason.contains("certificate")))
        {
            println!(
                "seed {seed}: uncertified {:?}",
                report.boundaries[0]
                    .channels
                    .iter()
                    .flat_map(|c| c.blind_spots.iter().map(|s| &s.reason))
                    .collect::<Vec<_>>()
            );
        }
    }
    println!("{seen:?}");
}
