//! Files of every sort: lists, dumps, templates, kustomizations, what is broken and what is not for us.

mod support;

use support::{Read, policy, read, read_files};
use watertight_base::Source;
use watertight_ingest::{Options, RULES};
use watertight_model::{BlindScope, BlindSpot, Channel};

const NAMESPACE: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n";

/// The one blind spot.
#[track_caller]
fn blind_spot(read: &Read) -> &BlindSpot {
    assert_eq!(read.snapshot().blind_spots.len(), 1, "{:?}", read.snapshot().blind_spots);
    &read.snapshot().blind_spots[0]
}

fn namespaces(read: &Read) -> Vec<&str> {
    read.snapshot().namespaces.iter().map(|namespace| namespace.name.as_str()).collect()
}

#[test]
fn nothing_is_nothing() {
    for text in ["", "\n", "# only a comment\n", "---\n---\n# x\n---\n", "null\n", "\u{feff}", "---\n...\n"] {
        let read = read(text);
        read.assert_clean();
        assert_eq!(read.snapshot(), &watertight_model::Snapshot::default(), "{text:?}");
    }
}

#[test]
fn line_ends_of_windows_are_fine() {
    let read = read(&format!("{NAMESPACE}---\n{}", policy("{}")).replace('\n', "\r\n"));
    read.assert_clean();
    assert_eq!(namespaces(&read), ["a", "staging"]);
}

#[test]
fn a_list_is_its_elements() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n\
                - apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Namespace, metadata: {name: b}}\n";
    let read = read(text);
    read.assert_clean();
    assert_eq!(namespaces(&read), ["a", "b"]);
    assert_eq!(read.snapshot().kinds.get("List"), None);
    let origin = read.snapshot().namespaces[0].origin.as_ref().unwrap();
    assert_eq!(read.under(origin.span), "{apiVersion: v1, kind: Namespace, metadata: {name: a}}");
}

#[test]
fn elements_of_typed_lists_may_leave_out_what_they_are() {
    let read = read(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicyList\nitems:\n- metadata: {name: p}\n  spec: {}\n---\n\
         apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: p}\n  spec: {containers: [{name: c}]}\n---\n\
         apiVersion: v1\nkind: NamespaceList\nitems: null\n---\napiVersion: v1\nkind: List\nitems: []\n",
    );
    read.assert_clean();
    assert_eq!((read.snapshot().policies.len(), read.snapshot().pods.len()), (1, 1));
}

#[test]
fn a_list_without_items_is_a_blind_spot() {
    // Field names are what they are in every letter, as kubectl has it.
    for fields in ["", "Items: [{apiVersion: v1, kind: Namespace, metadata: {name: a}}]\n"] {
        let read = read(&format!("apiVersion: v1\nkind: List\n{fields}"));
        assert_eq!(namespaces(&read), [""; 0]);
        let [spot] = read.snapshot().blind_spots.as_slice() else { panic!("one blind spot") };
        assert_eq!((spot.rule, &spot.scope), ("unknown-kind", &BlindScope::Everything));
        assert_eq!(spot.hides, Channel::ALL);
    }
}

#[test]
fn whatever_has_items_is_a_list() {
    let read = read(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nitems:\n\
         - {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n",
    );
    read.assert_clean();
    assert_eq!(namespaces(&read), ["a"]);
}

#[test]
fn a_dump_in_json_keeps_places() {
    let text = r#"{
    "apiVersion": "v1",
    "items": [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "labels": {"app": "web"},
                "managedFields": [{"fieldsV1": {"f:metadata": {}}, "manager": "kubelet"}],
                "name": "web-1", "namespace": "staging", "uid": "1",
                "ownerReferences": [{"apiVersion": "apps/v1", "controller": true, "kind": "ReplicaSet", "name": "web", "uid": "2"}]
            },
            "spec": {"containers": [{"name": "c", "ports": [{"containerPort": 80, "protocol": "TCP"}]}], "hostNetwork": true},
            "status": {"phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]}
        }
    ],
    "kind": "List",
    "metadata": {"resourceVersion": ""}
}"#;
    let read = read_files(&[("dump.json", text)]);
    read.assert_clean();
    let pod = read.pod();
    assert_eq!((pod.workload.kind.as_str(), pod.workload.name.as_str()), ("ReplicaSet", "web"));
    assert_eq!(pod.origin.object.uid.as_deref(), Some("1"));
    assert_eq!(read.under(pod.labels_span), r#"{"app": "web"}"#);
    assert_eq!(read.under(pod.host_network.unwrap()), "true");
    assert!(
        read.under(pod.origin.span)
            .starts_with("{\n            \"apiVersion\": \"v1\",\n            \"kind\": \"Pod\"")
    );
}

#[test]
fn json_may_be_a_stream_and_may_be_yaml() {
    let stream = read(
        "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"a\"}}\n\
         {\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"b\"}}",
    );
    stream.assert_clean();
    assert_eq!(namespaces(&stream), ["a", "b"]);
    let flow = read("{apiVersion: v1, kind: Namespace, metadata: {name: a}} # comment\n");
    flow.assert_clean();
    assert_eq!(namespaces(&flow), ["a"]);
}

#[test]
fn yaml_and_json_of_one_object_are_read_alike() {
    let yaml = policy("{podSelector: {matchLabels: {a: b}}, ingress: [{ports: [{port: 80}]}]}");
    let json = r#"{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "staging"},
        "spec": {"podSelector": {"matchLabels": {"a": "b"}}, "ingress": [{"ports": [{"port": 80}]}]}}"#;
    let read = read_files(&[("a.yaml", &yaml), ("a.json", json)]);
    assert_eq!(read.rules(), ["duplicate-object"]);
    assert_eq!(read.snapshot().policies.len(), 1);
}

#[test]
fn templates_are_one_blind_spot_and_nothing_of_them_counts() {
    for text in [
        format!("{{{{- if .Values.on }}}}\n{NAMESPACE}{{{{- end }}}}\n"),
        format!("{NAMESPACE}---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {{{{ .Values.name }}}}\n"),
        format!("{NAMESPACE}---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: \"{{{{ .Values.name }}}}\"\n"),
        format!(
            "{NAMESPACE}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x-{{{{ .Values.name }}}}\n"
        ),
        format!("{NAMESPACE}---\n{}", policy("{ingress: [{ports: [{port: \"{{ .Values.port }}\"}]}]}")),
        format!("{NAMESPACE}---\n{}", policy("{}").replace("v1", "\"{{ .Values.version }}\"")),
    ] {
        let read = read(&text);
        assert_eq!(read.blind_spots(), [("helm-template", BlindScope::Everything)], "{text}");
        assert_eq!(read.rules(), Vec::<&str>::new(), "{text}");
        assert!(read.snapshot().namespaces.is_empty(), "{text}");
        assert_eq!(
            blind_spot(&read).help,
            "render the chart with `helm template` and give the output instead"
        );
    }
}

#[test]
fn braces_in_data_are_no_template() {
    read(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, annotations: {x: \"{{ y }}\"}}\ndata:\n  a: |\n    {{ .Values.x }}\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {x: \"{{ y }}\"}}\n\
         spec: {containers: [{name: c, args: [\"--format={{ .Name }}\"]}]}\n",
    )
    .assert_clean();
}

#[test]
fn what_is_no_kubernetes_object_is_reported_once_a_file() {
    let values = read_files(&[("chart/values.yaml", "replicas: 3\n---\nport: 80\n")]);
    let spot = blind_spot(&values);
    assert_eq!(spot.rule, "not-kubernetes");
    assert_eq!(spot.reason, "`chart/values.yaml` holds 2 documents that are no Kubernetes objects");
    assert_eq!(
        spot.help,
        "this is part of a Helm chart: render it with `helm template` and give the output instead"
    );
    assert_eq!(values.under(spot.span.unwrap()), "replicas: 3");
    let other = read(&format!("{NAMESPACE}---\n- a list\n"));
    assert_eq!(blind_spot(&other).reason, "`input.yaml` holds a document that is no Kubernetes object");
    assert_eq!(blind_spot(&other).help, "give it an `apiVersion` and a `kind`, or leave the file out");
    assert_eq!(namespaces(&other), ["a"]);
    for text in
        ["kind: Pod\nmetadata: {name: p}\n", "apiVersion: v2\nname: chart\n", "just text\n", "[1, 2]\n"]
    {
        assert_eq!(blind_spot(&read(text)).rule, "not-kubernetes", "{text}");
    }
}

#[test]
fn a_broken_document_does_not_hide_the_others() {
    let read = read(&format!("{NAMESPACE}---\na: [\n---\n{}", NAMESPACE.replace("name: a", "name: b")));
    assert_eq!(namespaces(&read), ["a", "b"]);
    assert_eq!(read.rules(), ["unparsable"]);
    assert_eq!(read.blind_spots(), [("unparsable", BlindScope::Everything)]);
}

#[test]
fn a_broken_file_with_braces_in_its_data_is_no_template() {
    let alert = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: \"{{ $value }}\"\n";
    assert_eq!(read(alert).rules(), ["unparsable"]);
}

#[test]
fn what_is_broken_is_a_blind_spot_of_everything() {
    for (bytes, rule) in [
        (b"a\0b".as_slice(), "not-text"),
        (b"a: \xff\n", "not-text"),
        (b"a: &a [*a]\n", "alias-bomb"),
        (b"a: \"\n", "unparsable"),
        (b"a: *b\n", "unparsable"),
    ] {
        let source = Source { name: "x".into(), bytes: bytes.to_vec() };
        let read = watertight_ingest::read(&[source], &Options::default());
        let rules: Vec<_> =
            read.snapshot.blind_spots.iter().map(|spot| (spot.rule, spot.scope.clone())).collect();
        assert_eq!(rules, [(rule, BlindScope::Everything)], "{bytes:?}");
        assert_eq!(read.diagnostics.len(), 1, "{bytes:?}");
    }
}

#[test]
fn kinds_that_could_matter_are_one_blind_spot_each() {
    let route = |name: &str| {
        format!(
            "apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {{name: {name}, namespace: a}}\n\
                 spec: {{to: {{kind: Service, name: web}}}}\n"
        )
    };
    let kafka = "apiVersion: kafka.strimzi.io/v1beta2\nkind: Kafka\nmetadata: {name: k}\n";
    let read = read(&[route("x"), route("z"), kafka.to_owned()].join("---\n"));
    assert_eq!(read.rules(), Vec::<&str>::new());
    let [first, second] = read.snapshot().blind_spots.as_slice() else { panic!("two blind spots") };
    assert_eq!(
        first.reason,
        "2 objects of kind Route (`route.openshift.io/v1`) are not evaluated: it publishes Services through a proxy"
    );
    assert_eq!(first.rule, "unevaluated-kind");
    assert_eq!(first.object.as_ref().unwrap().to_string(), "Route a/x");
    assert_eq!(
        first.help,
        "if Route cannot change who connects to whom or may do what, say so: `--accept Route=REASON`"
    );
    assert_eq!(second.rule, "unknown-kind");
    assert_eq!(second.reason, "nothing is known of the 1 object of kind Kafka (`kafka.strimzi.io/v1beta2`)");
    assert_eq!(read.snapshot().kinds["Route"], 2);
}

#[test]
fn harmless_kinds_are_counted_and_nothing_else() {
    let read = read(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n---\n\
         apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: s, namespace: a, labels: {x: [1]}}\n",
    );
    read.assert_clean();
    assert_eq!(read.snapshot().kinds.keys().collect::<Vec<_>>(), ["ClusterRole", "ResourceQuota"]);
    assert_eq!(namespaces(&read), ["a"]);
}

const KUSTOMIZATION: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";

#[test]
fn a_kustomization_that_lists_what_was_read_changes_nothing() {
    let lists = |resources: &str| format!("{KUSTOMIZATION}resources: [{resources}]\n");
    read_files(&[("k8s/kustomization.yaml", &lists("a.yaml, ./a.yaml")), ("k8s/a.yaml", NAMESPACE)])
        .assert_clean();
    let sub =
        |folder: &str| (format!("{folder}kustomization.yml"), lists("a.yaml"), format!("{folder}a.yaml"));
    for (over, resource, folder) in [
        ("kustomization.yaml", "sub", "sub/"),
        ("./k/o/kustomization.yaml", "../b/", "k/b/"),
        ("o/kustomization.yaml", "..", ""),
    ] {
        let (name, text, listed) = sub(folder);
        read_files(&[(over, &lists(resource)), (&name, &text), (&listed, NAMESPACE)]).assert_clean();
        let without = read_files(&[(over, &lists(resource)), (&listed, NAMESPACE)]);
        let reason =
            format!("`{over}` is a kustomization with the resource `{resource}`, which was not read");
        assert_eq!(blind_spot(&without).reason, reason, "what else is in the folder is not known");
    }
    read_files(&[("/x/kustomization.yml", "resources:\n- a.yaml\n"), ("/x/a.yaml", NAMESPACE)])
        .assert_clean();
    read(&format!("{KUSTOMIZATION}images: [{{name: a, newTag: b}}]\npatches: []\n")).assert_clean();
}

/// Why what is there beside a kustomization of the folder `k`, which lists `a.yaml`, is a blind spot.
fn unlisted(files: &[&str]) -> Option<String> {
    let listing =
        format!("{KUSTOMIZATION}resources: [a.yaml]\nconfigMapGenerator: [{{name: x, files: [x.yaml]}}]\n");
    let others: Vec<(&str, String)> =
        files.iter().enumerate().map(|(index, &file)| (file, namespace(&format!("n{index}")))).collect();
    let mut all = vec![("k/kustomization.yaml", listing.as_str()), ("k/a.yaml", NAMESPACE)];
    all.extend(others.iter().map(|(file, text)| (*file, text.as_str())));
    let read = read_files(&all);
    if read.snapshot().blind_spots.is_empty() {
        return None;
    }
    let spot = blind_spot(&read);
    assert_eq!(spot.rule, "kustomization");
    assert_eq!(spot.span.map(|span| read.under(span)).as_deref(), Some("resources"));
    Some(spot.reason.clone())
}

fn namespace(name: &str) -> String {
    NAMESPACE.replace("{name: a}", &format!("{{name: {name}}}"))
}

#[test]
fn what_a_kustomization_does_not_list_is_not_applied() {
    let said = |what: &str| format!("`k/kustomization.yaml` is a kustomization that does not list {what}");
    for file in ["k/fence.yaml", "k/sub/fence.yaml", "./k/x.yaml", "k/../k/fence.json"] {
        let one = format!("`{file}`, which lies beside it or below and was read: it does not apply it");
        assert_eq!(unlisted(&[file]), Some(said(&one)));
    }
    let three =
        "`k/b.yaml` and 2 other files, which lie beside it or below and were read: it does not apply them";
    assert_eq!(unlisted(&["k/b.yaml", "k/bc.yaml", "k/c/d.yaml"]), Some(said(three)));
    assert_eq!(unlisted(&["fence.yaml", "l/fence.yaml", "kk/fence.yaml"]), None, "elsewhere");
    // What holds no object is not missed.
    read_files(&[("k/kustomization.yaml", KUSTOMIZATION), ("k/none.yaml", "# nothing\n")]).assert_clean();
}

#[test]
fn another_kustomization_may_list_a_file_and_one_that_is_closer_has_to() {
    let spots = |of_closer: &str| {
        let over = format!("{KUSTOMIZATION}resources: [sub, more/b.yaml]\n");
        let closer = format!("{KUSTOMIZATION}resources: [{of_closer}]\n");
        let files = [
            ("kustomization.yaml", over.as_str()),
            ("more/b.yaml", &namespace("b")),
            ("more/kustomization.yaml", KUSTOMIZATION),
            ("sub/kustomization.yaml", &closer),
            ("sub/a.yaml", NAMESPACE),
        ];
        read_files(&files).snapshot().blind_spots.len()
    };
    assert_eq!((spots("a.yaml"), spots("")), (0, 1));
}

#[test]
fn of_two_kustomizations_that_list_the_same_one_may_not_be_applied() {
    let over = |more: &str| format!("{KUSTOMIZATION}resources: [../base{more}]\n");
    let read = read_files(&[
        ("base/kustomization.yaml", &format!("{KUSTOMIZATION}resources: [a.yaml]\n")),
        ("base/a.yaml", NAMESPACE),
        ("fenced/kustomization.yaml", &over(", fence.yaml")),
        ("fenced/fence.yaml", &namespace("b")),
        ("open/kustomization.yaml", &over("")),
    ]);
    let reason = "`open/kustomization.yaml` is a kustomization that lists `base`, as `fenced/kustomization.yaml` does: which of them is applied is not known";
    assert_eq!(blind_spot(&read).reason, reason);
}

#[test]
fn any_other_kustomization_is_a_blind_spot_that_names_the_field() {
    for (text, reason, under) in [
        ("namePrefix: x-\n", "whose `namePrefix` changes objects or adds some", "namePrefix"),
        ("patches: [{path: p.yaml}]\n", "whose `patches` changes objects or adds some", "patches"),
        ("resources: [b.yaml]\n", "with the resource `b.yaml`, which was not read", "b.yaml"),
        (
            "resources: [\"https://example.com/a.yaml\"]\n",
            "with the resource `https://example.com/a.yaml`, which was not read",
            "\"https://example.com/a.yaml\"",
        ),
    ] {
        let read =
            read_files(&[("kustomization.yaml", &format!("{KUSTOMIZATION}{text}")), ("a.yaml", NAMESPACE)]);
        let spot = blind_spot(&read);
        assert_eq!(spot.rule, "kustomization");
        assert_eq!(spot.reason, format!("`kustomization.yaml` is a kustomization {reason}"));
        assert_eq!(read.under(spot.span.unwrap()), under);
        assert_eq!(spot.object.as_ref().unwrap().kind, "Kustomization");
        assert_eq!(read.rules(), Vec::<&str>::new());
    }
}

#[test]
fn all_rules_that_are_met_here_are_listed() {
    let read = read(&format!("{}---\na: [\n---\nx: y\n", policy("{ingress: [{from: [{}]}]}")));
    for rule in read.rules().into_iter().chain(read.blind_spots().into_iter().map(|(rule, _)| rule)) {
        assert!(RULES.contains(&rule), "{rule}");
    }
}

#[test]
fn a_document_that_kubectl_passes_over_is_a_blind_spot() {
    let deny = policy("{policyTypes: [Ingress]}");
    for text in [format!("{NAMESPACE}...\n{deny}"), format!("{NAMESPACE}--- {{}}\n---\n{deny}")] {
        let read = read(&text);
        assert_eq!(read.rules(), ["unparsable"], "{text}");
        assert_eq!(read.blind_spots().len(), 1 + usize::from(text.contains("{}\n---")), "{text}");
        assert_eq!(read.snapshot().policies.len(), 1, "what is there counts where it opens something");
    }
}

#[test]
fn a_line_break_of_yaml_1_1_may_hide_a_field() {
    let read = read(&policy("{} # \u{2028}"));
    assert_eq!(read.rules(), ["unparsable"]);
    assert_eq!(read.blind_spots(), [("unparsable", BlindScope::Everything)]);
}

#[test]
fn a_value_in_base64_is_not_read_as_text() {
    let read = read(&policy("{podSelector: {matchLabels: {app: !!binary c3Rn}}}"));
    assert_eq!(read.rules(), ["unparsable"]);
    assert!(read.snapshot().policies.is_empty());
}
