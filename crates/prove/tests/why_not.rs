//! What is nearest to being open (`--why-not`): taking what stands in it out of the input opens it.

#![expect(clippy::unwrap_used, reason = "a question without an answer is to be loud here")]

use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{Channel, ChannelReport, NearWay, Verdict};
use watertight_prove::{Question, prove};

const NAMESPACES: [&str; 2] = [
    "{apiVersion: v1, kind: Namespace, metadata: {name: staging, labels: {pod-security.kubernetes.io/enforce: baseline}}}",
    "{apiVersion: v1, kind: Namespace, metadata: {name: production, labels: {pod-security.kubernetes.io/enforce: baseline}}}",
];
const PODS: [&str; 2] = [
    "{apiVersion: v1, kind: Pod, metadata: {name: api, namespace: staging}, spec: {containers: [{name: c, image: i}]}}",
    "{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: production}, spec: {containers: [{name: c, image: i}]}}",
];

fn deny(name: &str, namespace: &str, direction: &str) -> String {
    format!(
        "{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {name}, namespace: {namespace}}}, \
         spec: {{podSelector: {{}}, policyTypes: [{direction}]}}}}"
    )
}

fn channels(objects: &[String], channels: &[Channel]) -> Vec<ChannelReport> {
    let sources = [Source { name: "k8s.yaml".to_owned(), bytes: objects.join("\n---\n").into_bytes() }];
    let ingested = read(&sources, &Options { default_namespace: "default".to_owned(), values: true });
    assert_eq!(ingested.diagnostics, []);
    let question =
        Question { channels: channels.to_vec(), why_not: true, ..Question::between("staging", "production") };
    prove(&ingested.snapshot, &question).unwrap().boundaries.remove(0).channels
}

fn objects(policies: &[String]) -> Vec<String> {
    NAMESPACES.iter().chain(&PODS).map(|&text| text.to_owned()).chain(policies.iter().cloned()).collect()
}

/// The objects that stand in a way, by kind and name.
fn walls(way: &NearWay) -> Vec<String> {
    way.because.iter().map(|because| because.object.to_string()).collect()
}

/// The input without what stands in a way.
fn without(objects: &[String], way: &NearWay) -> Vec<String> {
    let is_wall = |text: &str, name: &str, kind: &str| {
        text.contains(&format!("name: {name}")) && text.contains(&format!("kind: {kind}"))
    };
    let change = |text: &String| {
        let mut walls = way.because.iter().map(|because| &because.object);
        let wall = walls.find(|object| is_wall(text, &object.name, &object.kind));
        match wall.map(|object| object.kind.as_str()) {
            Some("Namespace") => Some(text.replace("pod-security.kubernetes.io/enforce", "other")),
            Some(_) => None,
            None => Some(text.clone()),
        }
    };
    objects.iter().filter_map(change).collect()
}

#[test]
fn one_fence_and_what_keeps_pods_off_the_host_network_stand_alone() {
    let objects = objects(&[deny("wall", "production", "Ingress"), deny("idle", "production", "Egress")]);
    let [network] = channels(&objects, &[Channel::Network]).try_into().unwrap();
    assert_eq!(network.verdict, Verdict::Isolated);
    let named: Vec<Vec<String>> = network.nearest.iter().map(walls).collect();
    assert_eq!(
        named,
        [["NetworkPolicy production/wall"], ["Namespace production"], ["Namespace staging"]]
            .map(|names| names.map(str::to_owned).to_vec())
    );
    for way in &network.nearest {
        let [opened] = channels(&without(&objects, way), &[Channel::Network]).try_into().unwrap();
        assert_eq!(opened.verdict, Verdict::Breached, "{way:?}");
        assert_eq!(opened.nearest, []);
        assert!(opened.breaches.iter().any(|breach| breach.rule == way.rule), "{way:?}");
    }
}

#[test]
fn two_fences_stand_together() {
    let objects = objects(&[deny("wall", "production", "Ingress"), deny("leash", "staging", "Egress")]);
    let [network] = channels(&objects, &[Channel::Network]).try_into().unwrap();
    assert_eq!(network.verdict, Verdict::Isolated);
    let both = network.nearest.iter().find(|way| way.because.len() == 2).unwrap();
    assert_eq!(walls(both), ["NetworkPolicy production/wall", "NetworkPolicy staging/leash"]);
    let [opened] = channels(&without(&objects, both), &[Channel::Network]).try_into().unwrap();
    assert_eq!(opened.verdict, Verdict::Breached);
    // One alone opens nothing for pods of their own network.
    for wall in ["wall", "leash"] {
        let one: Vec<String> =
            objects.iter().filter(|text| !text.contains(&format!("name: {wall},"))).cloned().collect();
        let [channel] = channels(&one, &[Channel::Network]).try_into().unwrap();
        assert_ne!(channel.verdict, Verdict::Breached);
    }
}

#[test]
fn a_right_that_stops_at_its_namespace_is_near() {
    let role = |kind: &str, name: &str| {
        format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: {kind}, metadata: {{name: {name}}}, rules: [{{verbs: [create], apiGroups: [''], resources: [pods]}}]}}"
        )
    };
    let binding = |kind: &str, namespace: &str| {
        format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: {kind}, metadata: {{name: ci{namespace}}}, \
             roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: runner}}, \
             subjects: [{{kind: ServiceAccount, name: ci, namespace: staging}}]}}"
        )
    };
    let fence = deny("wall", "production", "Ingress");
    let mut near = objects(&[fence.clone(), role("ClusterRole", "runner")]);
    near.push(binding("RoleBinding", ", namespace: staging"));
    let [_, api] = channels(&near, &[]).try_into().unwrap();
    assert!(api.breaches.is_empty());
    let [way] = api.nearest.as_slice() else { panic!("{:?}", api.nearest) };
    assert_eq!((way.rule, walls(way)), ("create-pods", vec!["RoleBinding staging/ci".to_owned()]));

    let mut wide = objects(&[fence, role("ClusterRole", "runner")]);
    wide.push(binding("ClusterRoleBinding", ""));
    let [_, api] = channels(&wide, &[]).try_into().unwrap();
    assert!(api.breaches.iter().any(|breach| breach.rule == "create-pods"));
    assert_eq!(api.nearest, []);
}
