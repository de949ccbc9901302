//! What people see of what is wrong: all of it at once, underlined, with the nearest right word.

use crate::support::{FULL, MINIMAL, intent, read_text, rendered, rules};

/// Slips of the pen, as they come.
const MISSPELT: &str = "\
apiVersion: watertight.dev/v1alpha1
kind: Flet
metadata: {name: Shop}
spec:
  clusters:
    - name: main
      kubernetesVersion: 1.36
      cniProfile: celium
      apiSeats: 0
      ingres: {namespace: ingress-nginx, className: nginx}
  environments:
    - name: staging
      isolation: namspace
      namespaces: staging
      quota: {requests: {cpu: 2 cores, memory: 8GB}}
      limits: {default: {memroy: 1Gi}}
    - name: production
      isolation: node
      access:
        teams: [{name: shop, groups: [system:authenticated], role: editor}]
    - {}
  applications:
    - name: web
      image: registry.example.com/web:latest
      port: 8080
      env: [{name: DEBUG, value: on}, {name: LEVEL, valueFrom: x}]
      overrides:
        - environment: prodction
          image: registry.example.com/web:stable
    - name: api
      helm: {chart: charts/api}
      manifests: k8s/
      scaling: {min: 3}
  boundaries:
    - from: staging
      to: production
      promises: [network, data]
      exceptions:
        - reason: because
          owner: me
          expires: 2026-02-30
";

/// What cannot be, although each line by itself could.
const IMPOSSIBLE: &str = "\
apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  clusters: [{name: main}, {name: lab}, {name: edge}]
  environments:
    - name: staging
      cluster: main
      namespaces: [shop, kube-system]
      quota: {requests: {cpu: 8}, limits: {cpu: 4}}
      limits: {default: {memory: 1Gi}, max: {memory: 512Mi}}
      priority: {value: 1000, preemptionPolicy: PreemptLowerPriority}
      access: {ci: [{name: deploy, users: [ci@example.com]}]}
    - name: production
      cluster: main
      namespaces: [shop]
      access: {ci: [{name: deploy, users: [ci@example.com]}, {name: nobody}]}
    - name: preview
      cluster: main
      isolation: cluster
    - name: qa
      egress: [{cidr: 203.0.113.0/24, except: [203.0.113.0/24], ports: [443]}]
  stores:
    - name: db
      engine: postgresql
      endpoints: [{environment: staging, host: db.example.com, cidrs: [10.0.0.1/8]}]
  applications:
    - name: web
      environments: [staging, production]
      image: r.example/web@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60
      dependsOn: [api]
      ports: [{name: http, containerPort: 8080}, {name: http, containerPort: 8081}]
      scaling: {min: 5, max: 2}
      resources: {requests: {memory: 2Gi}}
      routes: [{host: shop.example.com, port: htp}]
      stores: [db]
    - name: api
      environments: [staging]
      manifests: api/
      dependsOn: [web]
      overrides: [{environment: production, values: [v.yaml]}]
  boundaries:
    - from: staging
      to: staging
    - from: staging
      to: production
      promises: [api]
      exceptions:
        - connection: {from: web, to: api, ports: [9000]}
          reason: a test
          owner: team-a
          expires: 2026-11-19
    - {from: staging, to: production}
";

#[test]
fn slips_of_the_pen_are_all_shown_with_what_was_meant() {
    insta::assert_snapshot!(rendered(MISSPELT));
}

#[test]
fn what_cannot_be_is_all_shown() {
    insta::assert_snapshot!(rendered(IMPOSSIBLE));
}

#[test]
fn an_intent_with_errors_is_given_to_nobody() {
    for text in [MISSPELT, IMPOSSIBLE, "", "a: [", "kind: Fleet"] {
        let read = read_text(text);
        assert!(read.intent.is_none() && !read.diagnostics.is_empty(), "{text}");
    }
}

#[test]
fn an_exception_holds_on_its_last_day_and_no_longer() {
    let with = |day: &str| FULL.replace("expires: 2026-12-31", &format!("expires: {day}"));
    assert_eq!(rules(&with("2026-11-20")), [""; 0]);
    assert_eq!(rules(&with("2026-11-19")), ["expired-exception", "expired-exception"]);
}

#[test]
fn every_place_is_in_the_file_and_every_error_says_how_it_is_mended() {
    for text in [MISSPELT, IMPOSSIBLE] {
        for diagnostic in read_text(text).diagnostics {
            let (span, label) = diagnostic.at.clone().unwrap();
            assert!(span.start < span.end && span.end <= text.len(), "{diagnostic:?}");
            assert!(!label.is_empty() && diagnostic.help.is_some(), "{diagnostic:?}");
            assert!(!diagnostic.message.ends_with('.'), "{diagnostic:?}");
            let first = diagnostic.message.chars().next().unwrap();
            assert!(first.is_lowercase() || first == '`', "{diagnostic:?}");
        }
    }
}

#[test]
fn what_is_no_intent_has_one_error() {
    for text in
        ["", "# nothing\n", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {}\n", "[]", "3", "a: b"]
    {
        assert_eq!(rules(text), ["not-an-intent"], "{text}");
    }
    assert_eq!(rules(&format!("{MINIMAL}---\n{MINIMAL}")), ["not-an-intent"]);
    assert_eq!(rules("kind: [Fleet"), ["unparsable"]);
}

#[test]
fn a_key_that_is_there_twice_is_an_error() {
    assert_eq!(rules(&format!("{MINIMAL}kind: Fleet\n")), ["duplicate-key"]);
}

#[test]
fn json_is_read_too() {
    let text = "{\"apiVersion\": \"watertight.dev/v1alpha1\", \"kind\": \"Fleet\", \"metadata\": {\"name\": \"shop\"}, \
                \"spec\": {\"environments\": [{\"name\": \"staging\"}]}}";
    assert_eq!(rules(text), [""; 0]);
}

#[test]
fn a_field_that_is_misspelt_is_one_error() {
    assert_eq!(rules(&MINIMAL.replace("{name: production}", "{nam: production}")), ["unknown-field"]);
    assert_eq!(rules(&MINIMAL.replace("{name: production}", "{quota: {}}")), ["missing-field"]);
}

#[test]
fn a_service_account_stands_on_the_side_on_which_it_lives() {
    let with = |namespace: &str| {
        let account = format!("{{namespace: {namespace}, name: deploy}}");
        let access = format!("access: {{ci: [{{name: deploy, serviceAccounts: [{account}]}}]}}");
        rules(&MINIMAL.replace("{name: production}", &format!("{{name: production, {access}}}")))
    };
    assert_eq!(with("ci"), [""; 0]);
    assert_eq!(with("production"), [""; 0]);
    assert_eq!(with("staging"), ["shared-principal"]);
}

#[test]
fn an_exception_lets_somebody_act_on_both_sides_as_far_as_it_goes() {
    let with = |role: &str| {
        let text = "  environments:
    - {name: staging, access: {teams: [{name: shop, groups: [shop]}]}}
    - {name: production, access: {teams: [{name: shop, groups: [shop], role: ROLE}]}}
  boundaries:
    - from: staging
      to: production
      exceptions:
        - {access: {group: shop, role: view}, reason: a move, owner: team-a, expires: 2026-12-31}
    - from: production
      to: staging
      exceptions:
        - {access: {group: shop, role: edit}, reason: a move, owner: team-a, expires: 2026-12-31}
";
        let (head, _) = MINIMAL.split_once("  environments").unwrap();
        rules(&format!("{head}{}", text.replace("ROLE", role)))
    };
    assert_eq!(with("view"), [""; 0]);
    assert_eq!(with("edit"), ["shared-principal"]);
}

#[test]
fn nothing_of_one_cluster_is_an_exception_in_another() {
    let with = |allows: &str| {
        let text = "  clusters: [{name: main}]
  environments: [{name: staging, isolation: cluster}, {name: production}]
  applications: [{name: web, manifests: web/}]
  boundaries:
    - from: staging
      to: production
      exceptions: [{ALLOWS, reason: a move, owner: team-a, expires: 2026-12-31}]
";
        let (head, _) = MINIMAL.split_once("  environments").unwrap();
        rules(&format!("{head}{}", text.replace("ALLOWS", allows)))
    };
    assert_eq!(with("access: {group: shop, role: view}"), [""; 0]);
    let refused = ["invalid-value"];
    assert_eq!(with("access: {serviceAccount: {namespace: staging, name: web}, role: view}"), refused);
    assert_eq!(with("connection: {from: web, to: web, ports: [80]}"), refused);
}

#[test]
fn a_list_beyond_its_bound_is_one_error_and_is_not_read_to_its_end() {
    let environments: String = (0..20_000).map(|number| format!("{{name: e{number}}}, ")).collect();
    let text = MINIMAL.replace("{name: staging}, ", &environments);
    assert_eq!(rules(&text), ["invalid-value"]);
}

#[test]
fn each_ring_is_shown_once_by_its_shortest_way() {
    let applications = |depends: &[(&str, &str)]| {
        let list: String = depends
            .iter()
            .map(|(name, on)| format!("    - {{name: {name}, manifests: x/, dependsOn: [{on}]}}\n"))
            .collect();
        let read = read_text(&format!("{MINIMAL}  applications:\n{list}"));
        read.diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect::<Vec<_>>()
    };
    let ring = |names: &str| format!("applications depend on each other in a ring: {names}");
    assert_eq!(applications(&[("a", "b"), ("b", "c"), ("c", "")]), [""; 0]);
    assert_eq!(applications(&[("a", "a")]), [ring("`a` → `a`")]);
    let two = applications(&[("a", "b, c"), ("b", "c"), ("c", "a"), ("d", "a, e"), ("e", "d")]);
    assert_eq!(two, [ring("`a` → `c` → `a`"), ring("`b` → `c` → `a` → `b`"), ring("`d` → `e` → `d`")]);
}

#[test]
fn no_two_clusters_have_one_name_by_default() {
    let own = "{name: default, namespaces: [lab], isolation: cluster}, ";
    for text in [
        MINIMAL.replace("[{name: staging}", &format!("[{own}{{name: staging}}")),
        MINIMAL.replace("{name: production}", &format!("{own}{{name: production}}")),
    ] {
        assert_eq!(rules(&text), ["repeated-name"], "{text}");
    }
}

#[test]
fn a_cluster_that_an_environment_has_for_itself_is_nobodys_default() {
    let of = |environment: &str| {
        let clusters = "spec:\n  clusters: [{name: main, provider: gke}, {name: lab}]\n";
        let own = format!("[{environment}, {{name: staging}}");
        let text = MINIMAL.replace("spec:\n", clusters).replace("[{name: staging}", &own);
        let intent = intent(&text);
        let environments = intent.environments.iter();
        let cluster = |index: usize| {
            let cluster = &intent.clusters[index];
            (cluster.name.value.clone(), cluster.provider.value.clone())
        };
        environments.map(|environment| cluster(environment.cluster.0)).collect::<Vec<_>>()
    };
    let expected = |own: (&str, &str)| {
        [own, ("main", "gke"), ("main", "gke")].map(|(name, provider)| (name.to_owned(), provider.to_owned()))
    };
    for environment in
        ["{name: lab, isolation: cluster}", "{name: preview, isolation: cluster, cluster: lab}"]
    {
        assert_eq!(of(environment), expected(("lab", "other")), "{environment}");
    }
    // One that is not listed is made as the only other one.
    let text = MINIMAL
        .replace("spec:\n", "spec:\n  clusters: [{name: main, provider: gke}]\n")
        .replace("{name: staging}", "{name: staging, isolation: cluster}");
    let clusters = intent(&text).clusters;
    assert_eq!(clusters.len(), 2);
    assert_eq!((clusters[1].name.value.as_str(), clusters[1].provider.value.as_str()), ("staging", "gke"));
}
