//! Certificates of what the hostile side comes to by rights, alone and with the network.

use crate::clusters::fenced;
use crate::common::{DIGEST, checked, clusters, source};
use serde_json::Value;
use std::collections::BTreeMap;
use watertight_base::Source;
use watertight_check::Refusal;
use watertight_ingest::{Options, read};
use watertight_model::{
    Certificate, Channel, Principal, Report, RoleRule, Snapshot, Subject, SubjectKind, Verdict,
};
use watertight_oracle::Random;
use watertight_oracle::generate::rbac::{Shape, add};
use watertight_oracle::generate::{self, Size};
use watertight_oracle::manifests::to_yaml;
use watertight_prove::{GivenPrincipal, Question, certify, forged, prove};
use watertight_render::{Bound, certificate_json};

/// A cluster with rights, of which many lead nowhere.
fn cluster(seed: u64) -> Snapshot {
    let mut random = Random::new(seed ^ 0x7269_6768);
    let shape = if seed.is_multiple_of(3) { Shape::Any } else { Shape::Chained };
    let plain = match seed.is_multiple_of(2) {
        true => fenced(seed),
        false => generate::snapshot(seed, Size { pods: 2, policies: 1, nodes: 1, ..Size::default() }),
    };
    let mut cluster = generate::webhooks::add(&add(&plain, seed, shape), seed);
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
    let strict = random.chance(30);
    Question { channels, principals, strict, ..Question::between("staging", "production") }
}

fn snapshot(sources: &[Source]) -> Snapshot {
    read(sources, &Options { values: true, ..Options::default() }).snapshot
}

fn answer(text: &str, question: &Question) -> (Report, Option<String>) {
    answer_about(&source(text), question).unwrap()
}

/// What the engine says, and the certificate that it writes.
pub(crate) fn answer_about(sources: &[Source], question: &Question) -> Option<(Report, Option<String>)> {
    let snapshot = snapshot(sources);
    let mut report = prove(&snapshot, question).ok()?;
    let certificate = certify(&snapshot, question, &mut report).unwrap();
    let written = certificate.map(|certificate| written(&report, &certificate, question));
    Some((report, written))
}

/// What an engine that errs would write.
pub(crate) fn forged_about(sources: &[Source], question: &Question) -> Option<String> {
    let snapshot = snapshot(sources);
    let mut report = prove(&snapshot, question).ok()?;
    let certificate = forged(&snapshot, question).unwrap()?;
    report.boundaries[0].verdict = Verdict::Isolated;
    Some(written(&report, &certificate, question))
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

/// Isolated clusters with rights, with their manifests, questions and certificates.
fn isolated(seeds: u64) -> Vec<(Snapshot, String, Question, Value)> {
    let mut found = Vec::new();
    for seed in 0..seeds {
        let (cluster, question) = (cluster(seed), question(seed));
        if cluster.role_bindings.is_empty() {
            continue;
        }
        let text = to_yaml(&cluster);
        if let Some(certificate) = answer(&text, &question).1 {
            found.push((cluster, text, question, serde_json::from_str(&certificate).unwrap()));
        }
    }
    found
}

/// The facts of the channel `api`.
fn facts(certificate: &mut Value) -> &mut Vec<Value> {
    let channels = certificate["channels"].as_array_mut().unwrap();
    let api = channels.iter_mut().find(|channel| channel["channel"] == "api").unwrap();
    api["facts"].as_array_mut().unwrap()
}

#[track_caller]
fn assert_rejected(certificate: &Value, text: &str, what: &str) {
    match checked(&certificate.to_string(), text) {
        Err(Refusal::Rejected(_)) => {}
        other => panic!("{other:?}, although {what}\n{certificate:#}\n{text}"),
    }
}

#[test]
fn what_the_engine_calls_isolated_by_rights_is_accepted() {
    let mut seen: BTreeMap<(usize, Verdict), usize> = BTreeMap::new();
    for seed in 0..clusters(200) {
        let text = to_yaml(&cluster(seed));
        let (report, certificate) = answer(&text, &question(seed));
        let boundary = &report.boundaries[0];
        *seen.entry((boundary.channels.len(), boundary.verdict)).or_default() += 1;
        let Some(certificate) = certificate else {
            let mut spots = boundary.channels.iter().flat_map(|channel| &channel.blind_spots);
            let without = spots.find(|spot| spot.reason.contains("certificate"));
            assert_eq!(without, None, "seed {seed}: isolated without a certificate\n{text}");
            continue;
        };
        if let Err(why) = checked(&certificate, &text) {
            panic!("seed {seed}: {why:?}\n{certificate}\n{text}");
        }
    }
    let seen = |channels, verdict| seen.get(&(channels, verdict)).copied().unwrap_or_default();
    let [alone, both] = [1, 2].map(|channels| seen(channels, Verdict::Isolated));
    let breached = seen(1, Verdict::Breached) + seen(2, Verdict::Breached);
    assert!(alone > 40 && both > 20 && breached > 40, "{alone} alone, {both} with the network, {breached}");
}

#[test]
fn without_any_one_fact_about_rights_it_is_rejected() {
    let (mut held, mut gained) = (0, 0);
    for (_, text, _, certificate) in isolated(clusters(40)) {
        for index in 0..facts(&mut certificate.clone()).len() {
            let mut less = certificate.clone();
            let gone = facts(&mut less).remove(index);
            assert_rejected(&less, &text, &format!("it does not say {gone}"));
            let mut more = certificate.clone();
            facts(&mut more).push(gone.clone());
            assert_rejected(&more, &text, &format!("it says {gone} twice"));
            *(if gone["fact"] == "gains" { &mut gained } else { &mut held }) += 1;
        }
    }
    assert!(held > 100 && gained > 100, "{held} are held, {gained} gained");
}

#[test]
fn no_assumption_about_rights_can_be_left_out() {
    let mut left_out = BTreeMap::new();
    for (_, text, _, certificate) in isolated(clusters(24)) {
        for index in 0..certificate["assumptions"].as_array().unwrap().len() {
            let mut less = certificate.clone();
            let gone = less["assumptions"].as_array_mut().unwrap().remove(index);
            assert_rejected(&less, &text, &format!("{} is not said", gone["id"]));
            *left_out.entry(gone["id"].to_string()).or_insert(0) += 1;
        }
    }
    assert!(left_out.len() > 8, "{left_out:?}");
}

/// With more rights than before, each with what was done.
fn with_more(cluster: &Snapshot) -> Vec<(String, Snapshot)> {
    let everything = RoleRule {
        verbs: vec!["*".to_owned()],
        api_groups: vec!["*".to_owned()],
        resources: vec!["*".to_owned()],
        ..RoleRule::default()
    };
    let subject = |kind, name: &str| Subject { span: None, kind, name: name.to_owned() };
    let subjects = [
        subject(SubjectKind::Group, "system:authenticated"),
        subject(SubjectKind::ServiceAccount("staging".to_owned()), "ci"),
        subject(SubjectKind::User, "system:serviceaccount:staging:web"),
    ];
    let mut all = Vec::new();
    for index in 0..cluster.roles.len() {
        let mut cluster = cluster.clone();
        cluster.roles[index].rules.push(everything.clone());
        all.push((format!("everything in {}", cluster.roles[index].object), cluster));
    }
    for index in 0..cluster.role_bindings.len() {
        for subject in &subjects {
            let mut cluster = cluster.clone();
            cluster.role_bindings[index].subjects.push(subject.clone());
            all.push((format!("{} in {}", subject.name, cluster.role_bindings[index].object), cluster));
        }
        for name in ["cluster-admin", "edit", "view"] {
            let mut cluster = cluster.clone();
            let role = &mut cluster.role_bindings[index].role;
            (role.cluster, role.name) = (true, name.to_owned());
            all.push((format!("{name} by {}", cluster.role_bindings[index].object), cluster));
        }
        let mut cluster = cluster.clone();
        let gone = cluster.role_bindings.remove(index);
        all.push((format!("without {}", gone.object), cluster));
    }
    all
}

#[test]
fn with_other_rights_it_is_rejected_unless_nothing_gets_across() {
    let (mut breached, mut accepted, mut rejected) = (0, 0, 0);
    for (cluster, _, question, certificate) in isolated(clusters(14)) {
        for (what, cluster) in with_more(&cluster) {
            let text = to_yaml(&cluster);
            let (report, _) = answer(&text, &question);
            if report.boundaries[0].verdict != Verdict::Isolated {
                assert_rejected(&certificate, &text, &what);
                breached += 1;
            } else if checked(&certificate.to_string(), &text).is_ok() {
                accepted += 1;
            } else {
                rejected += 1;
            }
        }
    }
    assert!(breached > 30 && accepted > 5 && rejected > 30, "{breached}, {accepted}, {rejected}");
}

/// An engine that errs leaves the breaches out, or somebody as whom the hostile side can act, or anything else.
#[test]
fn a_wrong_verdict_about_rights_is_caught() {
    let (mut caught, mut right) = (0, 0);
    for seed in 0..clusters(60) {
        let (text, question) = (to_yaml(&cluster(seed)), question(seed));
        let verdict = answer(&text, &question).0.boundaries[0].verdict;
        let Some(forgery) = forged_about(&source(&text), &question) else { continue };
        let forgery: Value = serde_json::from_str(&forgery).unwrap();
        if verdict == Verdict::Isolated {
            right += usize::from(checked(&forgery.to_string(), &text).is_ok());
            continue;
        }
        if verdict != Verdict::Breached {
            continue;
        }
        assert_rejected(&forgery, &text, "it is breached");
        let mut random = Random::new(seed ^ 0xf0f0);
        for _ in 0..12 {
            let mut changed = forgery.clone();
            for _ in 0..1 + random.below(4) {
                mutate(facts(&mut changed), &mut random);
            }
            assert_rejected(&changed, &text, "it is breached");
            caught += 1;
        }
    }
    assert!(caught > 200 && right > 10, "{caught} caught, {right} right");
}

/// Changes one fact.
fn mutate(facts: &mut Vec<Value>, random: &mut Random) {
    if facts.is_empty() {
        return;
    }
    let (one, other) = (random.below(facts.len()), random.below(facts.len()));
    let of_other = facts[other].clone();
    match random.below(5) {
        0 => {
            facts.remove(one);
        }
        1 if facts[one]["fact"] == "gains" => facts[one]["scope"] = Value::Null,
        2 if facts[one]["fact"] == "gains" => facts[one]["scope"] = Value::from("shared"),
        3 if facts[one]["fact"] == "gains" => facts[one]["names"] = Value::from(vec!["a"]),
        4 if of_other["fact"] == "acts-as" && facts[one]["fact"] == "acts-as" => {
            facts[one]["name"] = of_other["name"].clone()
        }
        _ => facts.retain(|fact| fact["row"] != of_other["row"] || fact == &of_other),
    }
}

/// Jane may read in both environments, so that without a word she belongs to staging.
const JANE: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: staging}
---
apiVersion: v1
kind: Namespace
metadata: {name: production}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: editor, namespace: production}
rules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: jane, namespace: production}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: editor}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: jane, namespace: staging}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]
";

#[test]
fn what_was_said_of_principals_is_bound_into_it() {
    let said = |environment: &str| Question {
        channels: vec![Channel::Api],
        principals: vec![GivenPrincipal {
            environment: environment.to_owned(),
            principal: Principal::user("jane"),
        }],
        ..Question::between("staging", "production")
    };
    assert_eq!(answer(JANE, &said("staging")).0.boundaries[0].verdict, Verdict::Breached);
    let certificate = answer(JANE, &said("production")).1.unwrap();
    let certificate: Value = serde_json::from_str(&certificate).unwrap();
    assert!(checked(&certificate.to_string(), JANE).is_ok());
    assert_eq!(certificate["to"]["principals"][0], "user:jane");
    for (side, said) in [
        ("to", vec![]),
        ("to", vec!["group:jane"]),
        ("to", vec!["user:joe"]),
        ("to", vec!["jane"]),
        ("from", vec!["user:jane"]),
    ] {
        let mut other = certificate.clone();
        other[side]["principals"] = Value::from(said.clone());
        if side == "from" {
            other["to"]["principals"] = Value::from(Vec::<String>::new());
        }
        assert_rejected(&other, JANE, &format!("{side} is said to have {said:?}"));
    }
}

/// Staging may read what is no secret, which counts strictly alone.
#[test]
fn what_is_of_lesser_rank_counts_where_it_was_asked_for() {
    let text = JANE.replace("resources: [secrets]", "resources: [pods]");
    let question = |strict| Question {
        channels: vec![Channel::Api],
        strict,
        ..Question::between("staging", "production")
    };
    assert_eq!(answer(&text, &question(true)).0.boundaries[0].verdict, Verdict::Breached);
    let certificate = answer(&text, &question(false)).1.unwrap();
    let mut certificate: Value = serde_json::from_str(&certificate).unwrap();
    assert!(checked(&certificate.to_string(), &text).is_ok());
    certificate["strict"] = Value::from(true);
    certificate["assumptions"].as_array_mut().unwrap().push(serde_json::json!({
        "id": "names-are-known", "text": "", "check": "",
    }));
    assert_rejected(&certificate, &text, "strictly it is breached");
    let address = format!(
        "{}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: other, namespace: staging}}\ndata: {{URL: 'http://web.production.svc/'}}\n",
        text.replace("resources: [pods]", "resources: [nothing]")
    );
    assert_eq!(answer(&address, &question(true)).0.boundaries[0].verdict, Verdict::Breached);
    assert_rejected(&certificate, &address, "strictly the address is one too many");
}
