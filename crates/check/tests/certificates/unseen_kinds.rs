//! Kinds that are not understood hide something from each channel that they could touch (convention 5).

use crate::by_hand::{CLOSED, accepted, of_rights, rejected, verdict};
use serde_json::json;
use watertight_model::Verdict;
use watertight_prove::Question;

/// CLOSED with an object of another kind.
fn with(api_version: &str, kind: &str) -> String {
    format!(
        "{CLOSED}---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: other, namespace: production}}\n"
    )
}

#[test]
fn what_may_grant_rights_hides_something_where_rights_are_asked_about_alone() {
    let without = accepted(&of_rights(), CLOSED);
    for (api_version, kind) in [
        ("authorization.openshift.io/v1", "RoleBinding"),
        ("rbacmanager.reactiveops.io/v1beta1", "RBACDefinition"),
        ("helm.toolkit.fluxcd.io/v2", "HelmRelease"),
        ("template.openshift.io/v1", "Template"),
        ("route.openshift.io/v1", "Route"),
    ] {
        let text = with(api_version, kind);
        assert_eq!(verdict(&of_rights(), &text), Verdict::Unknown, "{kind}");
        rejected(&without, &text, "something is not seen");
    }
}

#[test]
fn policies_of_network_plugins_are_nothing_to_rights() {
    accepted(&of_rights(), &with("cilium.io/v2", "CiliumNetworkPolicy"));
}

#[test]
fn a_kind_is_accepted_on_the_api_too() {
    let text = with("helm.toolkit.fluxcd.io/v2", "HelmRelease");
    let question = Question {
        accepted: vec![("HelmRelease".to_owned(), "it holds no rights".to_owned())],
        ..of_rights()
    };
    assert_eq!(verdict(&question, &text), Verdict::Isolated);
    let mut certificate = accepted(&of_rights(), CLOSED);
    certificate["accepted"] = json!([{"kind": "HelmRelease", "reason": "it holds no rights"}]);
    rejected(&certificate, &text, "it also rests on `accepted-HelmRelease`");
    rejected(&certificate, &with("argoproj.io/v1alpha1", "Application"), "something is not seen");
}
