//! Narrow ways across, each alone: a certificate that knows nothing of it is rejected.

use crate::by_hand::{CLOSED, accepted, binding, of_rights, rejected, right, verdict};
use watertight_model::Verdict;

const CI: &str = "{kind: ServiceAccount, name: ci, namespace: staging}";

/// The answer for a cluster with a way across, of which a certificate says nothing.
#[track_caller]
fn crosses(more: &str, expected: Verdict, why: &str) {
    let text = CLOSED.to_owned() + more;
    assert_eq!(verdict(&of_rights(), &text), expected, "{text}");
    rejected(&accepted(&of_rights(), CLOSED), &text, why);
}

/// The same that is none.
#[track_caller]
fn does_not(more: &str) {
    accepted(&of_rights(), &(CLOSED.to_owned() + more));
}

/// A ClusterRole with these rules that staging has everywhere.
fn everywhere(rules: &str) -> String {
    format!(
        "---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: wide}}
rules: {rules}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: wide}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: wide}}
subjects: [{CI}]
"
    )
}

#[test]
fn the_cluster_approves_certificates_of_nodes() {
    let may = |resources: &str| {
        everywhere(&format!(
            "[{{apiGroups: [certificates.k8s.io], resources: [{resources}], verbs: [create]}}]"
        ))
    };
    let both = may("certificatesigningrequests, certificatesigningrequests/nodeclient");
    crosses(&both, Verdict::Breached, "by `approve-node-certificates/3`");
    does_not(&may("certificatesigningrequests, certificatesigningrequests/selfnodeclient"));
}

#[test]
fn the_empty_name_is_that_of_requests_without_one() {
    let may = |resource: &str, verbs: &str, names: &str| {
        let rule = format!(
            "{{apiGroups: [''], resources: [{resource}], verbs: [{verbs}], resourceNames: [{names}]}}"
        );
        right("production", &rule)
    };
    crosses(&may("pods", "create", "''"), Verdict::Breached, "by `create-pods`");
    crosses(&may("secrets", "list", "a, ''"), Verdict::Breached, "by `read-secrets`");
    crosses(&may("secrets", "'*'", "''"), Verdict::Breached, "no fact says what rights yield by");
    does_not(&may("secrets", "get, update, patch, delete", "''"));
    does_not(&may("pods/exec", "create", "''"));
}

/// The role `edit` with one rule.
fn edit(metadata: &str) -> String {
    format!(
        "---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: edit{metadata}}}
rules: [{{apiGroups: [''], resources: [configmaps], verbs: [get]}}]
"
    )
}

#[test]
fn the_server_adds_to_its_own_roles_and_bindings() {
    let bound = binding("production", "ClusterRole", "edit", CI);
    crosses(&(edit("") + &bound), Verdict::Breached, "no fact says what rights yield by");
    let on = ", annotations: {rbac.authorization.kubernetes.io/autoupdate: 'true'}";
    crosses(&(edit(on) + &bound), Verdict::Breached, "no fact says what rights yield by");
    let off = ", annotations: {rbac.authorization.kubernetes.io/autoupdate: 'false'}";
    does_not(&(edit(off) + &bound));
    // With the label that the server gives it, the rule is one of `edit`.
    let part = "---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: 'system:aggregate-to-view'}
rules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]
";
    let viewed = binding("production", "ClusterRole", "view", CI);
    crosses(&(part.to_owned() + &viewed), Verdict::Breached, "by `read-secrets`");
    does_not(&viewed);
}

/// A webhook that staging answers.
fn webhook(kind: &str, operation: &str, group: &str, resource: &str) -> String {
    format!(
        "---
apiVersion: v1
kind: Service
metadata: {{name: hook, namespace: staging}}
spec: {{selector: {{app: hook}}, ports: [{{port: 443}}]}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: {kind}WebhookConfiguration
metadata: {{name: hook}}
webhooks:
- name: hook.example.com
  sideEffects: None
  admissionReviewVersions: [v1]
  clientConfig: {{service: {{namespace: staging, name: hook}}}}
  rules: [{{operations: [{operation}], apiGroups: ['{group}'], apiVersions: [v1], resources: ['{resource}']}}]
"
    )
}

#[test]
fn webhooks_are_asked_about_requests_that_store_no_object() {
    let asked = "has the API server ask what pods of `staging` answer";
    for (kind, operation, group, resource) in [
        ("Mutating", "CREATE", "", "pods/binding"),
        ("Validating", "CREATE", "", "bindings"),
        ("Validating", "CREATE", "", "pods/eviction"),
        ("Validating", "CREATE", "", "serviceaccounts/token"),
        ("Mutating", "CONNECT", "", "pods/exec"),
        ("Validating", "CONNECT", "", "services/proxy"),
        ("Validating", "CONNECT", "", "nodes/proxy"),
        ("Mutating", "CREATE", "certificates.k8s.io", "certificatesigningrequests"),
        ("Validating", "UPDATE", "certificates.k8s.io", "certificatesigningrequests/approval"),
    ] {
        crosses(&webhook(kind, operation, group, resource), Verdict::Breached, asked);
    }
    let node = |minor: u32| {
        format!(
            "---\napiVersion: v1\nkind: Node\nmetadata: {{name: one}}\nstatus: {{nodeInfo: {{kubeletVersion: v1.{minor}.0}}}}\n"
        )
    };
    for (kind, group, resource) in [
        ("Validating", "authentication.k8s.io", "tokenreviews"),
        ("Mutating", "authorization.k8s.io", "subjectaccessreviews"),
        ("Mutating", "authorization.k8s.io", "localsubjectaccessreviews"),
    ] {
        let hook = webhook(kind, "CREATE", group, resource);
        crosses(&hook, Verdict::Unknown, asked);
        crosses(&(hook.clone() + &node(33)), Verdict::Breached, asked);
        crosses(&(hook.clone() + &node(36)), Verdict::Unknown, asked);
        does_not(&(hook + &node(37)));
    }
    does_not(&webhook("Validating", "CREATE", "", "pods/exec"));
    does_not(&webhook("Validating", "CONNECT", "", "pods"));
}

#[test]
fn subresources_that_others_answer_for_may_do_anything() {
    let may = |group: &str, resource: &str| {
        right("production", &format!("{{apiGroups: ['{group}'], resources: ['{resource}'], verbs: [get]}}"))
    };
    let kubevirt = "subresources.kubevirt.io";
    crosses(&may(kubevirt, "virtualmachineinstances/vnc"), Verdict::Breached, "by `enter-virtual-machines`");
    crosses(
        &may(kubevirt, "virtualmachines/portforward"),
        Verdict::Breached,
        "by `enter-virtual-machines/2`",
    );
    for (group, resource) in [("ops.example", "things/exec"), ("ops.example", "*"), ("*", "things/exec")] {
        crosses(&may(group, resource), Verdict::Unknown, "by `unknown-subresources`");
    }
    does_not(&may(kubevirt, "virtualmachineinstances/userlist"));
    does_not(&may("ops.example", "things/status"));
    does_not(&may("custom.metrics.k8s.io", "*"));
}
