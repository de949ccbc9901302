//! `can`: whether somebody may do something, and all that they may do.

use crate::common::{CAN, CAN_LIST, Folder, Outcome, run, run_with};
use crate::team::{BROKEN, PIPELINE, ask, talk};
use serde_json::{Value, json};

/// Asks as somebody.
fn can(user: &str, words: &[&str]) -> Outcome {
    ask(&[&["can", "--as", user], words].concat())
}

/// The question as it was understood: its resource with group and subresource, its name and its namespace.
fn understood(words: &[&str]) -> (String, String, String) {
    let outcome = can("jane", &[words, &["-o", "json"]].concat());
    let attributes = outcome.valid_json(CAN)["question"]["resourceAttributes"].clone();
    let field = |name: &str| attributes[name].as_str().unwrap().to_owned();
    let parts = [("", "resource"), (".", "group"), ("/", "subresource")];
    let parts = parts.map(|(mark, name)| (mark, field(name)));
    let resource =
        parts.iter().filter(|(_, part)| !part.is_empty()).map(|(mark, part)| format!("{mark}{part}"));
    (resource.collect(), field("name"), field("namespace"))
}

fn warnings(words: &[&str]) -> Vec<String> {
    talk(&can("jane", words))
}

#[test]
fn yes_says_through_what() {
    let outcome = can(PIPELINE, &["create", "deploy", "-n", "shop"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn no_says_what_comes_nearest() {
    let outcome = can(PIPELINE, &["delete", "deploy", "-n", "shop"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn a_group_and_an_aggregated_role_and_a_custom_resource_work_together() {
    let question = ["get", "ct", "-n", "shop", "-o", "json"];
    assert_eq!(can("jane", &question).code, 1);
    let outcome = can("jane", &[&question[..], &["--as-group", "shop-team"]].concat());
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let answer = outcome.valid_json(CAN);
    assert_eq!(answer["question"]["groups"], json!(["shop-team", "system:authenticated"]));
    assert_eq!(
        answer["reason"],
        r#"RBAC: allowed by RoleBinding "team/shop" of ClusterRole "team-view" to Group "shop-team""#
    );
    let steps: Vec<&Value> =
        answer["because"].as_array().unwrap().iter().map(|because| &because["object"]["name"]).collect();
    assert_eq!(steps, ["team", "team-view", "view-carts"]);
    assert_eq!(answer["because"][2]["evidence"]["line"], 29);
}

#[test]
fn what_was_not_understood_and_could_allow_it_makes_it_unknown() {
    let folder = Folder::with(&[("a.yaml", BROKEN.as_bytes())]);
    let ask = |namespace: &str, form: &str| {
        run(&folder, &["can", "--as", "jane", "get", "pods", "-n", namespace, "-f", ".", "-o", form])
    };
    let answer = ask("shop", "json");
    assert_eq!(answer.code, 3);
    let document = answer.valid_json(CAN);
    assert_eq!((&document["answer"], &document["allowed"]), (&json!("unknown"), &json!(false)));
    assert_eq!(document["blindSpots"][0]["object"]["name"], "r");
    let text = ask("shop", "text");
    assert_eq!((text.code, text.stdout.lines().next()), (3, Some("unknown  get pods in shop")));
    assert_eq!(ask("default", "json").code, 1, "it is in another namespace");
}

#[test]
fn words_are_understood_as_kubectl_understands_them() {
    let of = |resource: &str, name: &str, namespace: &str| {
        (resource.to_owned(), name.to_owned(), namespace.to_owned())
    };
    for (words, expected) in [
        (&["get", "po"][..], of("pods", "", "default")),
        (&["get", "Deployment/web", "-n", "shop"], of("deployments.apps", "web", "shop")),
        (&["get", "deployments.v1.apps", "-A"], of("deployments.apps", "", "")),
        (&["get", "pods/db", "--subresource", "log"], of("pods/log", "db", "default")),
        (&["get", "cart"], of("carts.shop.example.com", "", "default")),
        (&["*", "*"], of("*", "", "default")),
        (&["*", "*.*", "-A"], of("*.*", "", "")),
        (&["list", "nodes"], of("nodes", "", "")),
        (&["get", "ns/shop"], of("namespaces", "shop", "shop")),
        (
            &["update", "ns/shop", "--subresource", "finalize", "-A"],
            of("namespaces/finalize", "shop", "shop"),
        ),
        (&["list", "ns"], of("namespaces", "", "")),
        (&["get", "widgets.example.com/a"], of("widgets.example.com", "a", "default")),
        (&["impersonate", "users/bob"], of("users", "bob", "")),
        (&["impersonate", "uids/7"], of("uids.authentication.k8s.io", "7", "")),
        (&["impersonate", "userextras/scopes"], of("userextras.authentication.k8s.io/scopes", "", "")),
        (&["impersonate", "sa/ci", "-n", "ci"], of("serviceaccounts", "ci", "ci")),
        (
            &["approve", "signers.certificates.k8s.io/example.com/a"],
            of("signers.certificates.k8s.io", "example.com/a", ""),
        ),
    ] {
        assert_eq!(understood(words), expected, "{words:?}");
    }
    let path = can("jane", &["get", "/logs/a", "-o", "json"]).valid_json(CAN);
    assert_eq!(path["question"]["nonResourceAttributes"], json!({"path": "/logs/a", "verb": "get"}));
}

#[test]
fn what_is_odd_is_said_and_asked_all_the_same() {
    for (words, expected) in [
        (&["get", "pdos"][..], &["no resource `pdos` is known; did you mean `pods`?"][..]),
        (&["get", "widgets.example.com"], &["no resource `widgets` is known in the group `example.com`"]),
        (&["GET", "pods"], &["the verb `GET` is none that is known; did you mean `get`?"]),
        (&["list", "/metrics"], &["the verb `list` is none that is known"]),
        (
            &["get", "pods/log"],
            &["`log` is taken for the name of an object; did you mean `--subresource log`?"],
        ),
        (
            &["get", "pods", "--subresource", "logs"],
            &["no subresource `logs` of `pods` is known; did you mean `log`?"],
        ),
        (
            &["get", "pods", "-n", "shp"],
            &["nothing in the input is in the namespace `shp`; did you mean `shop`?"],
        ),
        (&["get", "nodes", "-n", "shop"], &["`nodes` live in no namespace, and `-n` means nothing"]),
        (&["get", "ns/shop", "-n", "ci"], &["`namespaces` live in no namespace, and `-n` means nothing"]),
        (&["get", "/metrics", "-n", "shop"], &["paths are in no namespace, and `-n` means nothing"]),
        (
            &["get", "pods", "--kubernetes-version", "v1.20.3"],
            &["what a server of Kubernetes 1.20 has by itself is not known, and that of 1.33 is taken"],
        ),
        (&["impersonate:user-info", "users.authentication.k8s.io/bob"], &[]),
        (&["get", "ns/shop", "-n", "shop"], &[]),
        (&["impersonate", "userextras/scopes"], &[]),
        (&["deletecollection", "*"], &[]),
        (&["get", "nodes", "-A"], &[]),
        (&["create", "pods", "--subresource", "eviction"], &[]),
    ] {
        let outcome = can("jane", words);
        let expected: Vec<String> = expected.iter().map(|text| format!("warning: {text}")).collect();
        assert_eq!((outcome.code, talk(&outcome)), (1, expected.clone()), "{words:?}");
        let quiet = can("jane", &[words, &["-q"]].concat());
        assert_eq!((quiet.stdout, quiet.stderr.as_str()), (outcome.stdout, ""), "{words:?}");
        let json = can("jane", &[words, &["-o", "json"]].concat());
        let said = json.valid_json(CAN)["warnings"].as_array().unwrap().len();
        assert_eq!((said, json.stderr.as_str()), (expected.len(), ""), "{words:?}");
    }
}

#[test]
fn a_user_who_may_be_meant_for_another_is_said() {
    for (user, expected) in [
        (PIPELINE, &[][..]),
        ("system:serviceaccount:shop:default", &[]),
        ("jane", &[]),
        (
            "deployer",
            &[
                "`deployer` is taken for a user; did you mean the ServiceAccount `system:serviceaccount:ci:deployer`?",
            ],
        ),
        (
            "ci/deployer",
            &[
                "`ci/deployer` is taken for a user; did you mean the ServiceAccount `system:serviceaccount:ci:deployer`?",
            ],
        ),
        (
            "system:serviceaccount:ci:deploier",
            &[
                "the input holds no ServiceAccount ci/deploier; did you mean `system:serviceaccount:ci:deployer`?",
            ],
        ),
        (
            "system:serviceaccount:ci",
            &[
                "`system:serviceaccount:ci` is no ServiceAccount: its name is `system:serviceaccount:NAMESPACE:NAME`",
            ],
        ),
    ] {
        let expected: Vec<String> = expected.iter().map(|text| format!("warning: {text}")).collect();
        for words in [&["get", "secrets"][..], &["--list"]] {
            assert_eq!(talk(&can(user, words)), expected, "{user} {words:?}");
        }
    }
}

#[test]
fn an_input_without_bindings_is_said() {
    let pod = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    let outcome = run_with(
        &Folder::with(&[]),
        &["can", "--as", "jane", "get", "pods", "-n", "shop", "-f", "-"],
        pod.as_bytes(),
    );
    assert_eq!(outcome.code, 1);
    assert_eq!(
        talk(&outcome),
        [
            "warning: the input holds no RoleBinding and no ClusterRoleBinding, so that only what every server grants by \
          itself counts"
        ]
    );
}

#[test]
fn objects_that_name_no_namespace_are_in_the_default_one() {
    let rbac = "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r}
rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]
";
    let folder = Folder::with(&[("a.yaml", rbac.as_bytes())]);
    let code = |more: &[&str]| {
        run(&folder, &[&["can", "--as", "jane", "get", "pods", "-f", "."], more].concat()).code
    };
    assert_eq!((code(&[]), code(&["-n", "shop"]), code(&["-A"])), (0, 1, 1));
    let there = ["--default-namespace", "shop"];
    assert_eq!((code(&there), code(&[&there[..], &["-n", "shop"]].concat())), (1, 0));
}

#[test]
fn the_version_is_that_of_the_option_else_of_the_input_else_the_newest() {
    let version =
        |outcome: Outcome| outcome.valid_json(CAN)["kubernetesVersion"].as_str().unwrap().to_owned();
    let node =
        "apiVersion: v1\nkind: Node\nmetadata: {name: n}\nstatus: {nodeInfo: {kubeletVersion: v1.34.1}}\n";
    let folder = Folder::with(&[("node.yaml", node.as_bytes())]);
    let question = ["can", "--as", "jane", "get", "pods", "-o", "json", "-f", "."];
    assert_eq!(version(ask(&question[..7])), "1.36");
    assert_eq!(version(ask(&[&question[..7], &["--kubernetes-version", "1.35"]].concat())), "1.35");
    assert_eq!(version(run(&folder, &question)), "1.34");
}

#[test]
fn a_list_has_a_table_for_everywhere_and_for_each_namespace() {
    let outcome = can(PIPELINE, &["--list"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(outcome.stdout);
    assert!(outcome.stdout.lines().all(|line| line.chars().count() <= 80), "{}", outcome.stdout);
}

#[test]
fn a_list_of_one_namespace_has_what_holds_everywhere_too() {
    let sections = |more: &[&str]| -> Vec<Value> {
        let outcome = can(PIPELINE, &[&["--list", "-o", "json"], more].concat());
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
        let list = outcome.valid_json(CAN_LIST);
        assert_eq!((&list["complete"], &list["user"]), (&json!(true), &json!(PIPELINE)));
        list["sections"].as_array().unwrap().clone()
    };
    let places = |sections: &[Value]| -> Vec<Value> {
        sections.iter().map(|section| section["namespace"].clone()).collect()
    };
    assert_eq!(places(&sections(&[])), [Value::Null, json!("shop")]);
    assert_eq!(places(&sections(&["-n", "shop"])), [Value::Null, json!("shop")]);
    assert_eq!(places(&sections(&["-n", "ci"])), [Value::Null]);
    let of_shop = &sections(&["-n", "shop"])[1]["rules"];
    assert_eq!(of_shop.as_array().unwrap().len(), 2);
    assert_eq!(of_shop[1]["resourceNames"], json!(["registry"]));
    assert_eq!(of_shop[1]["because"][1]["path"], "/rules/1");
    let text = can(PIPELINE, &["--list", "-n", "shop"]).stdout;
    let titles: Vec<&str> =
        text.lines().filter(|line| line.starts_with("everywhere") || line.starts_with("in ")).collect();
    assert!(titles.is_empty(), "one table: {titles:?}");
}

#[test]
fn a_list_that_may_lack_something_is_unknown() {
    let folder = Folder::with(&[("a.yaml", BROKEN.as_bytes())]);
    let list = run(&folder, &["can", "--as", "jane", "--list", "-f", ".", "-o", "json"]);
    assert_eq!((list.code, &list.valid_json(CAN_LIST)["complete"]), (3, &json!(false)));
    let list = run(&folder, &["can", "--as", "jane", "--list", "-n", "ci", "-f", ".", "-o", "json"]);
    assert_eq!((list.code, &list.valid_json(CAN_LIST)["complete"]), (0, &json!(true)));
}

#[test]
fn what_is_there_for_a_moment_is_neither_yes_nor_no() {
    let hook = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: b, annotations: {helm.sh/hook: pre-install}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]
";
    let folder = Folder::with(&[("a.yaml", hook.as_bytes())]);
    for question in [
        &["can", "--as", "jane", "get", "pods"][..],
        &["can", "--as", "jane", "--list"],
        &["who-can", "get", "pods"],
    ] {
        let outcome = run(&folder, &[question, &["-f", "."]].concat());
        assert_eq!(outcome.code, 3, "{question:?}");
        let notes = outcome.stdout.lines().filter(|line| line.starts_with("note: ClusterRoleBinding b "));
        assert_eq!(notes.count(), 1, "{}", outcome.stdout);
    }
}

#[test]
fn a_question_that_is_none_is_refused() {
    for (words, error) in [
        (&["get"][..], "error: it is not said what is asked for"),
        (&["get", "/metrics", "--subresource", "x"], "error: `/metrics` is a path, and has no subresource"),
    ] {
        let outcome = can("jane", words);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{words:?}");
        assert_eq!(outcome.stderr.lines().next(), Some(error));
        assert!(outcome.stderr.lines().nth(1).is_some_and(|line| line.starts_with("help: ")));
    }
    assert_eq!(warnings(&["get", "pods"]), Vec::<String>::new());
}

#[test]
fn a_binding_to_a_role_that_is_not_there_is_told_with_its_line() {
    let outcome = can(PIPELINE, &["delete", "events", "-n", "shop", "-f", "forgotten", "-o", "json"]);
    let answer = outcome.valid_json(CAN);
    let found = &answer["diagnostics"][0];
    assert_eq!((&found["rule"], &found["evidence"]["line"]), (&json!("missing-role"), &json!(5)));
    assert_eq!((outcome.code, &answer["answer"]), (3, &json!("unknown")));
}
