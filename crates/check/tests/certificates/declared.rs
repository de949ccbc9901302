//! Labels that staging gives to namespaces, where the files are read alone.

use crate::by_hand::{
    CLOSED, accepted, admitting, admitting_all_of, forged, needs_each_fact, question, rejected, right, third,
    verdict, with_rights_of,
};
use watertight_model::Verdict;
use watertight_network::Profile;
use watertight_prove::Question;

const LABELS: &str = "{apiGroups: [''], resources: [namespaces], verbs: [patch]}";

fn declared() -> Question {
    Question { profile: Profile::DECLARED, ..question() }
}

/// Pods that are declared, one on each side.
const PODS: &str = "\
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: staging, labels: {app: web}}
spec: {containers: [{name: c, image: web}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: production, labels: {app: db}}
spec: {containers: [{name: c, image: db}]}
";

/// Production admits whoever has a label, of which staging's namespace has none.
#[test]
fn a_label_that_staging_may_give_to_its_namespace_opens_what_it_opens() {
    let cluster = CLOSED.to_owned() + PODS + &admitting("{team: shop}");
    let without = accepted(&declared(), &cluster);
    let text = cluster + &right("staging", LABELS);
    assert_eq!(verdict(&declared(), &text), Verdict::Breached);
    rejected(&without, &text, "no fact says what rights yield by `relabel-namespaces");
    let forgery = forged(&declared(), &text);
    rejected(&forgery, &text, "is open");
    rejected(&with_rights_of(&without, &forgery), &text, "is open");
}

/// No right gives a namespace another name.
#[test]
fn a_label_that_opens_nothing_may_be_given() {
    let cluster = CLOSED.to_owned() + PODS + &third("monitoring") + &admitting_all_of("monitoring");
    let text = cluster + &right("staging", LABELS);
    let certificate = accepted(&declared(), &text);
    assert!(needs_each_fact(&certificate, &text) > 3);
    let other = text.replace("{kubernetes.io/metadata.name: monitoring}", "{team: shop}");
    rejected(&certificate, &other, "is open");
}

/// The same where it may relabel a namespace of neither side, in which it runs pods.
#[test]
fn labels_of_a_third_namespace_count_if_its_pods_do() {
    let cluster = CLOSED.to_owned() + PODS + &third("other") + &admitting("{team: shop}");
    let all = "{apiGroups: [''], resources: [pods, namespaces], verbs: [create, patch]}";
    let pods = "{apiGroups: [''], resources: [pods], verbs: [create, patch]}";
    accepted(&declared(), &(cluster.clone() + &right("other", LABELS)));
    let runs = accepted(&declared(), &(cluster.clone() + &right("other", pods)));
    let text = cluster + &right("other", all);
    assert_eq!(verdict(&declared(), &text), Verdict::Breached);
    let forgery = forged(&declared(), &text);
    rejected(&with_rights_of(&runs, &forgery), &text, "is open");
}
