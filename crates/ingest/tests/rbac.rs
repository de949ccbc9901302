//! Roles, what binds them, and ServiceAccounts.

mod support;

use support::{Read, read, read_files};
use watertight_base::{Labels, Operator, Requirement, Selector};
use watertight_model::{Admission, BlindScope, Channel, Role, RoleBinding, RoleRule, SubjectKind};

const RBAC: &str = "apiVersion: rbac.authorization.k8s.io/v1";

/// A Role `staging/r` with these rules, which are YAML in flow style.
fn role(rules: &str) -> Read {
    read(&format!("{RBAC}\nkind: Role\nmetadata: {{name: r, namespace: staging}}\nrules: {rules}\n"))
}

/// A ClusterRole `r` with these further fields.
fn cluster_role(fields: &str) -> Read {
    read(&format!("{RBAC}\nkind: ClusterRole\nmetadata: {{name: r}}\n{fields}\n"))
}

/// A RoleBinding `staging/b` of this role to these subjects.
fn binding(role: &str, subjects: &str) -> Read {
    read(&format!(
        "{RBAC}\nkind: RoleBinding\nmetadata: {{name: b, namespace: staging}}\nroleRef: {role}\n\
         subjects: {subjects}\n"
    ))
}

/// A ClusterRoleBinding `b` of this role to these subjects.
fn cluster_binding(role: &str, subjects: &str) -> Read {
    read(&format!(
        "{RBAC}\nkind: ClusterRoleBinding\nmetadata: {{name: b}}\nroleRef: {role}\nsubjects: {subjects}\n"
    ))
}

const EDIT: &str = "{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}";
const ACCOUNT: &str = "{kind: ServiceAccount, name: api, namespace: shop}";

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

impl Read {
    #[track_caller]
    fn role(&self) -> &Role {
        assert_eq!(self.snapshot().roles.len(), 1, "{:?}", self.diagnostics());
        &self.snapshot().roles[0]
    }

    #[track_caller]
    fn binding(&self) -> &RoleBinding {
        assert_eq!(self.snapshot().role_bindings.len(), 1, "{:?}", self.diagnostics());
        &self.snapshot().role_bindings[0]
    }

    /// Who the subjects are, and what stands there.
    fn subjects(&self) -> Vec<(SubjectKind, &str, String)> {
        let subjects = self.binding().subjects.iter();
        subjects
            .map(|subject| {
                let place = subject.span.map(|span| self.under(span));
                (subject.kind.clone(), subject.name.as_str(), place.unwrap_or_default())
            })
            .collect()
    }

    /// Severity and rule, and the text that is underlined, of each diagnostic.
    fn underlined(&self) -> Vec<(String, String)> {
        self.diagnostics().into_iter().map(|[rule, _, text, _, _]| (rule, text)).collect()
    }
}

/// The rule is reported at this text, as an error, and the object is there as a refused one.
#[track_caller]
fn assert_refused(read: &Read, rule: &str, text: &str) {
    assert_eq!(read.underlined(), [(format!("error {rule}"), text.to_owned())]);
    assert_eq!(read.blind_spots(), []);
    let snapshot = read.snapshot();
    let roles = snapshot.roles.iter().map(|role| role.admission);
    let bindings = snapshot.role_bindings.iter().map(|binding| binding.admission);
    assert_eq!(roles.chain(bindings).collect::<Vec<_>>(), [Admission::Refused]);
}

/// The rule is reported at this text, and the object is not there: only the channel `api` misses it.
#[track_caller]
fn assert_unclear(read: &Read, rule: &str, text: &str, scope: BlindScope) {
    assert_eq!(read.underlined(), [(format!("error {rule}"), text.to_owned())]);
    let snapshot = read.snapshot();
    let spots = &snapshot.blind_spots;
    let told: Vec<_> = spots.iter().map(|spot| (spot.rule, spot.scope.clone(), spot.hides)).collect();
    assert_eq!(told, [(rule, scope, [Channel::Api].as_slice())]);
    assert_eq!(snapshot.roles, []);
    assert_eq!(snapshot.role_bindings, []);
    assert_eq!(snapshot.service_accounts, []);
}

fn in_staging() -> BlindScope {
    BlindScope::Namespace("staging".to_owned())
}

#[test]
fn a_role_is_read_in_full() {
    let rule =
        "{apiGroups: [\"\", apps], resources: [pods, pods/log], verbs: [get, '*'], resourceNames: [a]}";
    let text = format!(
        "{RBAC}\nkind: Role\nmetadata: {{name: \"system:r\", namespace: staging, labels: {{a: b}}}}\n\
         rules: [{rule}]"
    );
    let read = read(&text);
    read.assert_clean();
    let role = read.role();
    assert_eq!(role.object.to_string(), "Role staging/system:r");
    assert_eq!(role.span.map(|span| read.under(span)).as_deref(), Some(text.as_str()));
    assert_eq!(role.labels, Labels::from([("a".to_owned(), "b".to_owned())]));
    assert_eq!((&role.aggregates, role.admission), (&None, Admission::Accepted));
    let span = role.rules[0].span;
    assert_eq!(span.map(|span| read.under(span)).as_deref(), Some(rule));
    let expected = RoleRule {
        span,
        verbs: texts(&["get", "*"]),
        api_groups: texts(&["", "apps"]),
        resources: texts(&["pods", "pods/log"]),
        resource_names: texts(&["a"]),
        non_resource_urls: Vec::new(),
    };
    assert_eq!(role.rules, [expected]);
}

#[test]
fn a_cluster_role_has_urls_and_may_aggregate_others() {
    let read = cluster_role(
        "rules: [{nonResourceURLs: [/healthz, /metrics/*], verbs: [get]}]\n\
         aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}, {matchExpressions: [{key: c, operator: Exists}]}, {}]}",
    );
    read.assert_clean();
    let role = read.role();
    assert_eq!(role.object.namespace, None);
    assert_eq!(role.rules[0].non_resource_urls, ["/healthz", "/metrics/*"]);
    let exists = Requirement { key: "c".to_owned(), operator: Operator::Exists, values: Vec::new() };
    let selectors =
        vec![Selector::label("a", "b"), Selector { requirements: vec![exists] }, Selector::default()];
    assert_eq!(role.aggregates, Some(selectors));
    let none = cluster_role("rules: null");
    none.assert_clean();
    assert_eq!((none.role().rules.len(), &none.role().aggregates), (0, &None));
}

#[test]
fn a_binding_is_read_in_full() {
    let user = "{apiGroup: rbac.authorization.k8s.io, kind: User, name: ada}";
    let group = "{kind: Group, name: \"system:masters\"}";
    let read = cluster_binding(EDIT, &format!("[{user}, {group}, {ACCOUNT}]"));
    read.assert_clean();
    let binding = read.binding();
    assert_eq!(binding.object.to_string(), "ClusterRoleBinding b");
    assert_eq!((binding.role.cluster, binding.role.name.as_str()), (true, "edit"));
    assert_eq!(binding.role.span.map(|span| read.under(span)).as_deref(), Some(EDIT));
    assert_eq!(binding.admission, Admission::Accepted);
    let expected = [
        (SubjectKind::User, "ada", user.to_owned()),
        (SubjectKind::Group, "system:masters", group.to_owned()),
        (SubjectKind::ServiceAccount("shop".to_owned()), "api", ACCOUNT.to_owned()),
    ];
    assert_eq!(read.subjects(), expected);
}

#[test]
fn a_role_binding_grants_roles_of_its_namespace_and_cluster_roles() {
    let read = binding("{kind: Role, name: r}", "[]");
    read.assert_clean();
    assert!(!read.binding().role.cluster);
    let read = binding("{kind: ClusterRole, name: \"system:a_B c\"}", "null");
    read.assert_clean();
    assert!(read.binding().role.cluster);
    assert_eq!(read.binding().role.name, "system:a_B c");
}

#[test]
fn a_service_account_without_a_namespace_is_that_of_the_binding() {
    let read = binding(EDIT, "[{kind: ServiceAccount, name: api}]");
    read.assert_clean();
    assert_eq!(read.subjects()[0].0, SubjectKind::ServiceAccount("staging".to_owned()));
    // A ClusterRoleBinding has none.
    let read = cluster_binding(EDIT, &format!("[{{kind: ServiceAccount, name: api}}, {ACCOUNT}]"));
    assert_refused(&read, "missing-field", "{kind: ServiceAccount, name: api}");
    assert_eq!(read.subjects().len(), 1);
    assert_eq!(read.subjects()[0].2, ACCOUNT);
}

#[test]
fn service_accounts_are_known_by_namespace_and_name() {
    let text = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: api.v1, namespace: shop}\n\
                automountServiceAccountToken: false\nimagePullSecrets: [{name: a}]\nsecrets: [{name: b}]";
    let read = read(text);
    read.assert_clean();
    let [account] = read.snapshot().service_accounts.as_slice() else { panic!("one account") };
    assert_eq!(account.object.to_string(), "ServiceAccount shop/api.v1");
    assert_eq!(read.under(account.span), text);
}

#[test]
fn lists_are_read_and_everything_is_sorted() {
    let item = |kind: &str, name: &str, namespace: &str| {
        let namespace =
            if namespace.is_empty() { String::new() } else { format!(", namespace: {namespace}") };
        let role =
            if kind.ends_with("Binding") { format!("roleRef: {EDIT}") } else { "rules: []".to_owned() };
        format!("{{metadata: {{name: {name}{namespace}}}, {role}}}")
    };
    let list =
        |kind: &str, items: [String; 2]| format!("{RBAC}\nkind: {kind}List\nitems: [{}]\n", items.join(", "));
    let accounts = "apiVersion: v1\nkind: ServiceAccountList\n\
                    items: [{metadata: {name: c, namespace: a}}, {metadata: {name: b, namespace: a}}]\n";
    let text = [
        list("Role", [item("Role", "b", "s"), item("Role", "a", "t")]),
        list("ClusterRole", [item("ClusterRole", "z", ""), item("ClusterRole", "d", "")]),
        list("RoleBinding", [item("RoleBinding", "b", "s"), item("RoleBinding", "a", "s")]),
        list(
            "ClusterRoleBinding",
            [item("ClusterRoleBinding", "z", ""), item("ClusterRoleBinding", "d", "")],
        ),
        accounts.to_owned(),
    ];
    let read = read(&text.join("---\n"));
    read.assert_clean();
    let snapshot = read.snapshot();
    let names = |objects: Vec<String>| objects.join(", ");
    assert_eq!(
        names(snapshot.roles.iter().map(|role| role.object.to_string()).collect()),
        "ClusterRole d, ClusterRole z, Role s/b, Role t/a"
    );
    assert_eq!(
        names(snapshot.role_bindings.iter().map(|binding| binding.object.to_string()).collect()),
        "ClusterRoleBinding d, ClusterRoleBinding z, RoleBinding s/a, RoleBinding s/b"
    );
    assert_eq!(
        names(snapshot.service_accounts.iter().map(|account| account.object.to_string()).collect()),
        "ServiceAccount a/b, ServiceAccount a/c"
    );
    assert_eq!(snapshot.kinds["ClusterRole"], 2);
}

#[test]
fn a_rule_that_lacks_a_part_is_refused_and_read() {
    let read = role("[{apiGroups: [\"\"], resources: [pods]}]");
    assert_refused(&read, "missing-field", "{apiGroups: [\"\"], resources: [pods]}");
    assert_eq!(read.role().rules[0].resources, ["pods"]);
    assert_refused(&role("[{apiGroups: [\"\"], resources: [pods], verbs: []}]"), "missing-field", "[]");
    let rule = "{resources: [pods], verbs: [get]}";
    assert_refused(&role(&format!("[{rule}]")), "missing-field", rule);
    let rule = "{apiGroups: [\"\"], verbs: [get]}";
    assert_refused(&role(&format!("[{rule}]")), "missing-field", rule);
    assert_eq!(role("[null]").rules(), ["missing-field"; 3]);
}

#[test]
fn urls_stand_alone_and_in_cluster_roles() {
    assert_refused(&role("[{nonResourceURLs: [/healthz], verbs: [get]}]"), "invalid-value", "[/healthz]");
    let read =
        cluster_role("rules: [{nonResourceURLs: [/a], apiGroups: [\"\"], resources: [pods], verbs: [get]}]");
    assert_refused(&read, "invalid-value", "[/a]");
    let rule = &read.role().rules[0];
    assert_eq!((rule.non_resource_urls.len(), rule.resources.len()), (1, 1));
    let read = cluster_role("rules: [{nonResourceURLs: [/a], resourceNames: [x], verbs: [get]}]");
    assert_refused(&read, "invalid-value", "[/a]");
}

#[test]
fn what_aggregates_has_selectors() {
    let read = cluster_role("aggregationRule: {clusterRoleSelectors: []}");
    assert_refused(&read, "missing-field", "{clusterRoleSelectors: []}");
    assert_eq!(read.role().aggregates, Some(Vec::new()));
    let read = cluster_role(
        "aggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: a, operator: Gt, values: [b]}]}]}",
    );
    assert_unclear(&read, "invalid-selector", "Gt", BlindScope::Everything);
    let read = cluster_role("aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: -b}}]}");
    assert_refused(&read, "invalid-label", "-b");
}

#[test]
fn names_of_roles_are_segments_of_a_path() {
    for name in ["a/b", "a%b", ".", ".."] {
        let text = format!("{RBAC}\nkind: Role\nmetadata: {{name: \"{name}\", namespace: staging}}\n");
        assert_refused(&read(&text), "invalid-name", &format!("\"{name}\""));
        let role = format!("{{kind: Role, name: \"{name}\"}}");
        assert_refused(&binding(&role, "[]"), "invalid-name", &format!("\"{name}\""));
    }
    for name in ["system:node", "A_b c", "...", "é"] {
        read(&format!("{RBAC}\nkind: ClusterRole\nmetadata: {{name: \"{name}\"}}\n")).assert_clean();
    }
}

#[test]
fn a_role_that_cannot_be_granted_leaves_the_binding_unclear() {
    let read = cluster_binding("{kind: Role, name: r}", "[]");
    assert_unclear(&read, "invalid-value", "Role", BlindScope::Everything);
    let read = binding("{kind: Cluster, name: r}", "[]");
    assert_unclear(&read, "invalid-value", "Cluster", in_staging());
    assert_unclear(&binding("{kind: Role}", "[]"), "missing-field", "{kind: Role}", in_staging());
    assert_unclear(&binding("{name: r}", "[]"), "missing-field", "{name: r}", in_staging());
    // The server asks for the group, and goes by the kind alone.
    let read = binding("{apiGroup: authorization.openshift.io, kind: Role, name: r}", "[]");
    assert_refused(&read, "invalid-value", "authorization.openshift.io");
    assert_eq!(read.binding().role.name, "r");
}

#[test]
fn who_can_be_nobody_is_left_out_and_the_others_stay() {
    for (subject, rule, text) in [
        ("{kind: User}", "missing-field", "{kind: User}"),
        ("{kind: user, name: ada}", "invalid-value", "user"),
        ("{kind: Robot, name: r}", "invalid-value", "Robot"),
        ("{name: ada}", "missing-field", "{name: ada}"),
    ] {
        let read = binding(EDIT, &format!("[{subject}, {ACCOUNT}]"));
        assert_refused(&read, rule, text);
        let left: Vec<String> = read.subjects().into_iter().map(|(_, _, text)| text).collect();
        assert_eq!(left, [ACCOUNT]);
    }
}

#[test]
fn who_is_refused_and_known_is_granted_as_it_is_written() {
    for (subject, rule, text) in [
        ("{kind: User, apiGroup: v1, name: ada}", "invalid-value", "v1"),
        ("{kind: Group, apiGroup: apps, name: ada}", "invalid-value", "apps"),
        (
            "{kind: ServiceAccount, apiGroup: rbac.authorization.k8s.io, name: ada}",
            "invalid-value",
            "rbac.authorization.k8s.io",
        ),
        ("{kind: ServiceAccount, name: a_b}", "invalid-name", "a_b"),
    ] {
        let read = binding(EDIT, &format!("[{subject}]"));
        assert_refused(&read, rule, text);
        assert_eq!(read.subjects().len(), 1, "{subject}");
    }
}

#[test]
fn a_field_that_is_dropped_leaves_what_remains_and_no_refusal() {
    let warned = |read: &Read, field: &str| {
        assert_eq!(read.underlined(), [("warning unknown-field".to_owned(), field.to_owned())]);
        assert_eq!(read.blind_spots(), []);
    };
    let read = role("[{apiGroups: [\"\"], resources: [secrets], verbs: [get], resourceName: [a]}]");
    warned(&read, "resourceName");
    assert_eq!(
        read.diagnostics()[0][4],
        "did you mean `resourceNames`? Without strict validation it is dropped"
    );
    assert_eq!((read.role().rules[0].resource_names.len(), read.role().admission), (0, Admission::Accepted));
    let read = binding("{kind: Role, name: r, namespace: other}", "[]");
    warned(&read, "namespace");
    assert_eq!(read.binding().admission, Admission::Accepted);
    warned(&binding(EDIT, "[{kind: Group, name: g, apigroup: x}]"), "apigroup");
    warned(&cluster_role("Rules: []"), "Rules");
    warned(&cluster_role("aggregationRule: {clusterRoleSelectors: [{matchlabels: {}}]}"), "matchlabels");
    let read =
        support::read(&format!("{RBAC}\nkind: ClusterRole\nmetadata: {{name: r, Labels: {{a: b}}}}\n"));
    warned(&read, "Labels");
    assert_eq!(read.role().admission, Admission::Accepted);
}

#[test]
fn another_type_leaves_the_object_unclear_to_the_channel_api_alone() {
    let read = role("[{apiGroups: [\"\"], resources: [pods], verbs: get}]");
    assert_unclear(&read, "wrong-type", "get", in_staging());
    // Its namespace is there all the same.
    assert_eq!(read.snapshot().namespaces.len(), 1);
    assert_unclear(&role("{}"), "wrong-type", "{}", in_staging());
    assert_unclear(&cluster_role("rules: x"), "wrong-type", "x", BlindScope::Everything);
    assert_unclear(&binding(EDIT, "ada"), "wrong-type", "ada", in_staging());
    let account =
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: staging}\nsecrets: b\n";
    assert_unclear(&support::read(account), "wrong-type", "b", in_staging());
    let nameless = support::read(&format!("{RBAC}\nkind: ClusterRole\nmetadata: {{}}\n"));
    assert_unclear(&nameless, "missing-field", "{}", BlindScope::Everything);
}

#[test]
fn older_versions_mean_the_same_and_are_refused() {
    for version in ["v1beta1", "v1alpha1"] {
        let text = format!(
            "apiVersion: rbac.authorization.k8s.io/{version}\nkind: Role\n\
             metadata: {{name: r, namespace: staging}}\nrules: []\n"
        );
        assert_refused(&read(&text), "unknown-api-version", &format!("rbac.authorization.k8s.io/{version}"));
    }
}

#[test]
fn given_twice_alike_it_is_one_object() {
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: staging}\n";
    let role = format!(
        "{RBAC}\nkind: Role\nmetadata: {{name: r, namespace: staging}}\n\
         rules: [{{apiGroups: [\"\"], resources: [pods], verbs: [get]}}]\n"
    );
    let binding = format!(
        "{RBAC}\nkind: ClusterRoleBinding\nmetadata: {{name: b}}\nroleRef: {EDIT}\nsubjects: [{ACCOUNT}]\n"
    );
    let text = [account, role.as_str(), binding.as_str()].join("---\n");
    let read = read_files(&[("a.yaml", &text), ("b.yaml", &format!("# moved\n{text}"))]);
    assert_eq!(read.rules(), ["duplicate-object"; 3]);
    assert_eq!(read.blind_spots(), []);
    let snapshot = read.snapshot();
    let counts = [snapshot.roles.len(), snapshot.role_bindings.len(), snapshot.service_accounts.len()];
    assert_eq!(counts, [1; 3]);
}

#[test]
fn given_twice_in_other_words_nobody_knows_which_to_the_channel_api_alone() {
    let of = |verb: &str| {
        format!(
            "{RBAC}\nkind: ClusterRole\nmetadata: {{name: r}}\n\
             rules: [{{apiGroups: [\"\"], resources: [pods], verbs: [{verb}]}}]\n"
        )
    };
    let read = read(&[of("get"), of("list")].join("---\n"));
    assert_unclear(&read, "ambiguous-object", "r", BlindScope::Everything);
}

#[test]
fn only_a_namespace_that_is_named_is_seen() {
    let of = |namespace: &str| {
        let roles = format!("{RBAC}\nkind: Role\nmetadata: {{name: r{namespace}}}\n");
        let accounts = format!("apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: a{namespace}}}\n");
        read(&[roles, accounts].join("---\n"))
    };
    let names = |read: &Read| -> Vec<String> {
        read.snapshot().namespaces.iter().map(|namespace| namespace.name.clone()).collect()
    };
    assert_eq!(names(&of(", namespace: shop")), ["shop"]);
    let unnamed = of("");
    assert_eq!(names(&unnamed), Vec::<String>::new());
    assert_eq!(unnamed.role().object.namespace.as_deref(), Some("default"));
}

#[test]
fn a_blind_spot_says_which_channels_it_hides_something_from() {
    let hides = |text: &str| -> Vec<&'static [Channel]> {
        read(text).snapshot().blind_spots.iter().map(|spot| spot.hides).collect()
    };
    let all = Channel::ALL.as_slice();
    let (network, api) = ([Channel::Network].as_slice(), [Channel::Api].as_slice());
    assert_eq!(hides("a: [\n"), [all]);
    assert_eq!(hides("a: b\n"), [all]);
    assert_eq!(hides("apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{ x }}\"}\n"), [all]);
    assert_eq!(hides("apiVersion: v1\nkind: ServiceAccountList\nitems: x\n"), [all]);
    assert_eq!(
        hides("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [gone.yaml]\n"),
        [all]
    );
    assert_eq!(
        hides("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p}\n"),
        [network]
    );
    let both = [Channel::Network, Channel::Api].as_slice();
    assert_eq!(hides("apiVersion: x.example/v1\nkind: Odd\nmetadata: {name: p}\n"), [both]);
    assert_eq!(hides("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: x\n"), [network]);
    assert_eq!(hides(&format!("{RBAC}\nkind: role\nmetadata: {{name: p}}\n")), [api]);
    assert_eq!(hides(&format!("{RBAC}\nkind: RoleList\nitems: x\n")), [all]);
}

#[test]
fn what_can_match_nothing_is_told() {
    let told = |rule: &str| -> Vec<[String; 3]> {
        let read = role(&format!("[{{{rule}}}]"));
        assert_eq!(read.blind_spots(), []);
        assert_eq!(read.role().admission, Admission::Accepted);
        let diagnostics = read.diagnostics().into_iter();
        diagnostics.map(|[rule, _, text, _, help]| [rule, text, help]).collect()
    };
    let dead = |text: &str, help: &str| {
        vec![["warning dead-role-rule".to_owned(), text.to_owned(), help.to_owned()]]
    };
    let pods = "apiGroups: [\"\"], resources: [pods]";
    assert_eq!(told(&format!("{pods}, verbs: [list, Get]")), dead("Get", "write `get`"));
    assert_eq!(
        told("apiGroups: [\"\"], resources: [Pods/Log], verbs: [get]"),
        dead("Pods/Log", "write `pods/log`")
    );
    let core = "the group of Pods and Secrets is the empty text: `\"\"`";
    for group in ["v1", "core"] {
        assert_eq!(
            told(&format!("apiGroups: [{group}], resources: [pods], verbs: [get]")),
            dead(group, core)
        );
    }
    let versioned = "apiGroups: [apps, apps/v1], resources: [deployments], verbs: [get]";
    assert_eq!(told(versioned), dead("apps/v1", "leave out the version: `apps`"));
    for alive in [
        // Another program may ask about any verb, and another group may have any resource.
        "apiGroups: [example.com], resources: [Pods], verbs: [Approve]",
        "apiGroups: [\"*\"], resources: [\"*\"], verbs: [\"*\"]",
        // Who applies on the server's side creates an object by its name.
        "apiGroups: [\"\"], resources: [pods], verbs: [create], resourceNames: [a]",
    ] {
        assert_eq!(told(alive), Vec::<[String; 3]>::new(), "{alive}");
    }
}
