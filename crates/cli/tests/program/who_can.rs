//! `who-can`: everybody who may do something.

use crate::common::{Folder, WHO_CAN, run};
use crate::team::{BROKEN, ask, talk};
use serde_json::{Value, json};

/// Those whom the team's own bindings let, with where they may and whether they are there.
fn holders(words: &[&str]) -> Vec<(Value, String, String)> {
    let outcome = ask(&[&["who-can", "-o", "json"], words].concat());
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{words:?}");
    let document = outcome.valid_json(WHO_CAN);
    assert_eq!(document["complete"], true);
    let holders = document["holders"].as_array().unwrap().iter();
    let of_team = holders.filter(|holder| !holder["because"][0]["evidence"].is_null());
    let named = |holder: &Value| {
        let name = holder["subject"]["name"].as_str().unwrap().to_owned();
        (holder["scope"].clone(), name, holder["presence"].as_str().unwrap().to_owned())
    };
    of_team.map(named).collect()
}

fn of(scope: Option<&str>, name: &str, presence: &str) -> (Value, String, String) {
    (json!(scope), name.to_owned(), presence.to_owned())
}

#[test]
fn holders_stand_below_where_they_may() {
    let outcome = ask(&["who-can", "get", "secrets", "-n", "shop"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn all_shows_those_too_whom_every_server_lets() {
    let outcome = ask(&["who-can", "list", "nodes", "--all"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let who: Vec<&str> = outcome.stdout.lines().filter_map(|line| line.strip_prefix("  Group ")).collect();
    assert_eq!(who.len(), 2, "{}", outcome.stdout);
    assert!(who[0].starts_with("system:masters ") && who[1].starts_with("system:serviceaccounts:ci "));
    let count: usize = outcome.stdout.split(' ').next().unwrap().parse().unwrap();
    let kinds = ["  User ", "  Group ", "  ServiceAccount "];
    let rows = outcome.stdout.lines().filter(|line| kinds.iter().any(|kind| line.starts_with(kind)));
    assert_eq!(rows.count(), count);
}

#[test]
fn the_scope_says_where_they_have_to_be_able_to() {
    let pipelines = [of(Some("shop"), "deployer", "present"), of(Some("shop"), "deployer-next", "absent")];
    assert_eq!(holders(&["patch", "deploy"]), pipelines);
    assert_eq!(holders(&["patch", "deploy", "-n", "shop"]), pipelines);
    assert_eq!(holders(&["patch", "deploy", "-n", "ci"]), []);
    assert_eq!(holders(&["patch", "deploy", "-A"]), []);
    let accounts = [of(None, "system:serviceaccounts:ci", "external")];
    assert_eq!(holders(&["get", "nodes"]), accounts);
    assert_eq!(holders(&["get", "/logs/a"]), accounts);
    assert_eq!(holders(&["get", "ct/mine", "-n", "shop"]), [of(Some("shop"), "shop-team", "external")]);
}

#[test]
fn a_right_to_some_names_has_them() {
    let names = |words: &[&str]| -> Vec<Value> {
        let document = ask(&[&["who-can", "-o", "json", "get"], words].concat()).valid_json(WHO_CAN);
        let holders = document["holders"].as_array().unwrap().iter();
        holders
            .filter(|holder| holder["subject"]["name"] == "deployer")
            .map(|holder| holder["resourceNames"].clone())
            .collect()
    };
    assert_eq!(names(&["secrets"]), [json!(["registry"])]);
    assert_eq!(names(&["secrets/registry"]), [json!([])]);
    assert_eq!(names(&["secrets/other"]), [] as [Value; 0]);
}

#[test]
fn the_question_is_in_the_answer() {
    let question = |words: &[&str]| {
        let document = ask(&[&["who-can", "-o", "json"], words].concat()).valid_json(WHO_CAN);
        document["question"].clone()
    };
    let of = |words: &[&str]| {
        let question = question(words);
        (question["scope"].clone(), question["resourceAttributes"]["namespace"].clone())
    };
    assert_eq!(of(&["get", "po"]), (json!("anywhere"), json!("")));
    assert_eq!(of(&["get", "po", "-A"]), (json!("allNamespaces"), json!("")));
    assert_eq!(of(&["get", "po", "-n", "shop"]), (json!("namespace"), json!("shop")));
    assert_eq!(of(&["get", "nodes"]), (json!("cluster"), json!("")));
    assert_eq!(of(&["get", "ns/shop"]), (json!("namespace"), json!("shop")));
    assert_eq!(question(&["get", "/x"])["scope"], "cluster");
}

#[test]
fn those_of_whom_it_is_not_known_make_it_unknown() {
    let folder = Folder::with(&[("a.yaml", BROKEN.as_bytes())]);
    let of = |place: &[&str]| {
        let outcome = run(&folder, &[&["who-can", "get", "pods", "-f", ".", "-o", "json"], place].concat());
        (outcome.code, outcome.valid_json(WHO_CAN)["complete"].clone())
    };
    assert_eq!(of(&[]), (3, json!(false)));
    assert_eq!(of(&["-n", "shop"]), (3, json!(false)));
    assert_eq!((of(&["-n", "ci"]), of(&["-A"])), ((0, json!(true)), (0, json!(true))));
}

#[test]
fn nobody_is_an_answer_of_its_own() {
    let outcome = ask(&["who-can", "sign", "widgets.example.com"]);
    // The bindings of every server let `system:masters` do anything.
    assert_eq!(outcome.code, 0);
    assert_eq!(talk(&outcome), ["warning: no resource `widgets` is known in the group `example.com`"]);
    let own = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: cluster-admin, annotations: {rbac.authorization.kubernetes.io/autoupdate: \"false\"}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: nothing}
subjects: []
";
    let folder = Folder::with(&[("a.yaml", own.as_bytes())]);
    let outcome = run(&folder, &["who-can", "attest", "signers.certificates.k8s.io", "-f", "."]);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (1, "nobody can  attest signers.certificates.k8s.io\n")
    );
}
