//! Kinds that no channel knows, and of which staging may make objects (`rules/creatable-kind.md`).

use crate::by_hand::{CLOSED, accepted, forged, of_rights, question, rejected, right, verdict};
use serde_json::json;
use watertight_model::Verdict;
use watertight_prove::Question;

/// A rule of a role.
fn rule(group: &str, resource: &str) -> String {
    format!("{{apiGroups: ['{group}'], resources: ['{resource}'], verbs: [create]}}")
}

fn definition(group: &str, plural: &str, kind: &str) -> String {
    format!(
        "---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.{group}}}
spec:
  group: {group}
  scope: Namespaced
  names: {{kind: {kind}, plural: {plural}}}
  versions: [{{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}]
"
    )
}

const MADE: &str = "it may make objects of";

#[test]
fn a_kind_that_a_role_names_may_be_made() {
    for (group, resource, of_the_api) in [
        ("k8s.cni.cncf.io", "network-attachment-definitions", false),
        ("cilium.io", "ciliumendpoints", false),
        ("helm.toolkit.fluxcd.io", "helmreleases", true),
        ("serving.knative.dev", "services", true),
        ("ops.example", "backups", true),
        ("argoproj.io", "*", true),
    ] {
        let text = CLOSED.to_owned() + &right("staging", &rule(group, resource));
        assert_eq!(verdict(&question(), &text), Verdict::Unknown, "{resource}.{group}");
        rejected(&forged(&question(), &text), &text, MADE);
        let alone = if of_the_api { Verdict::Unknown } else { Verdict::Isolated };
        assert_eq!(verdict(&of_rights(), &text), alone, "{resource}.{group}");
    }
}

#[test]
fn a_right_to_everything_is_one_to_what_the_input_shows() {
    let everything = CLOSED.to_owned() + &right("staging", &rule("*", "*"));
    let certificate = accepted(&of_rights(), &everything);
    let mut silent = certificate.clone();
    silent["assumptions"].as_array_mut().unwrap().retain(|it| it["id"] != "no-other-kinds");
    rejected(&silent, &everything, "it also rests on `no-other-kinds`");
    let known = everything.clone() + &definition("cert-manager.io", "certificates", "Certificate");
    rejected(&silent, &known, "it also rests on `no-other-kinds`");
    accepted(&of_rights(), &known);
    let unknown = everything + &definition("ops.example", "backups", "Backup");
    assert_eq!(verdict(&of_rights(), &unknown), Verdict::Unknown);
    rejected(&certificate, &unknown, MADE);
    // What nobody may make is nothing to anybody.
    accepted(&of_rights(), &(CLOSED.to_owned() + &definition("ops.example", "backups", "Backup")));
}

#[test]
fn devices_are_claimed_where_there_are_classes() {
    let claims = CLOSED.to_owned() + &right("staging", &rule("resource.k8s.io", "resourceclaims"));
    let certificate = accepted(&question(), &claims);
    let mut silent = certificate.clone();
    silent["assumptions"].as_array_mut().unwrap().retain(|it| it["id"] != "no-other-kinds");
    rejected(&silent, &claims, "it also rests on `no-other-kinds`");
    let devices = claims + "---\napiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: nics}\n";
    assert_eq!(verdict(&question(), &devices), Verdict::Unknown);
    rejected(&certificate, &devices, MADE);
}

#[test]
fn a_kind_that_may_be_made_can_be_accepted() {
    let text = CLOSED.to_owned() + &right("staging", &rule("ops.example", "backups"));
    let question =
        Question { accepted: vec![("backups".to_owned(), "they are data".to_owned())], ..question() };
    assert_eq!(verdict(&question, &text), Verdict::Isolated);
    let harmless = CLOSED.to_owned() + &right("staging", &rule("cert-manager.io", "certificates"));
    let mut certificate = accepted(&question, &harmless);
    certificate["accepted"] = json!([{"kind": "backups", "reason": "they are data"}]);
    rejected(&certificate, &text, "it also rests on `accepted-backups`");
}
