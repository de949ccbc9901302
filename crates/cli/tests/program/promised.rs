//! What gets through the walls that are compiled, because of what else is in a cluster or of what nodes dial for pods: compiling says it, in
//! the words of the proof.

use crate::common::{Folder, run};

/// Two environments, and a user of the first in whatever cluster it is.
fn intent(clusters: &str, environments: &str, more: &str) -> String {
    format!(
        "apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {{name: shop}}
spec:
  clusters: [{clusters}]
  environments: [{environments}]
{more}"
    )
}

const SHARED: &str = "{name: main, manifests: platform}";
const BOTH: &str = "{name: staging, access: {teams: [{name: devs, groups: [devs]}]}}, {name: production}";

const BINDING: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: devs}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: devs}]
";

/// A harmless object.
const CLASS: &str = "apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: batch}
value: -10
";

/// What `compile` says, with what `prove` exits with; and all is written.
fn compiled(intent: &str, platform: &str) -> (String, i32) {
    let folder = Folder::with(&[("watertight.yaml", intent.as_bytes())]);
    folder.write("platform/all.yaml", platform.as_bytes());
    let outcome = run(&folder, &["compile", "--output-dir", "deploy"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let proved = run(&folder, &["prove", "-f", "deploy", "--from", "staging", "--to", "production"]);
    (outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" "), proved.code)
}

const SAYS: &str = "so `prove` calls the wall from `staging` to `production` breached";

#[test]
fn a_right_that_leads_through_the_wall_is_said_when_it_is_compiled() {
    let (said, proved) = compiled(&intent(SHARED, BOTH, ""), BINDING);
    assert!(
        said.contains("warning[create-pods]: Group devs can run any code") && said.contains(SAYS),
        "{said}"
    );
    assert!(said.contains("`manifests` of the cluster `main`"), "{said}");
    assert_eq!(proved, 1);
    let (said, proved) = compiled(&intent(SHARED, BOTH, ""), CLASS);
    assert_eq!((said.as_str(), proved), ("", 0));
}

#[test]
fn what_is_not_understood_is_said_too() {
    let unread = "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop, namespace: production}
spec: {interval: 10m, chart: {spec: {chart: shop, sourceRef: {kind: HelmRepository, name: shop}}}}
";
    let (said, proved) = compiled(&intent(SHARED, BOTH, ""), unread);
    let so = SAYS.replace("breached", "unknown");
    assert!(said.contains("HelmRelease") && said.contains(&so), "{said}");
    assert_eq!(proved, 3);
}

#[test]
fn a_template_beside_the_walls_is_not_understood() {
    let folder = Folder::with(&[("watertight.yaml", intent(SHARED, BOTH, "").as_bytes())]);
    folder.write("platform/class.yaml", CLASS.as_bytes());
    folder.write("platform/binding.yaml.j2", BINDING.replace("name: admin", "name: {{ role }}").as_bytes());
    let outcome = run(&folder, &["compile", "--output-dir", "deploy"]);
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    let so = SAYS.replace("breached", "unknown");
    assert!(said.contains("platform/binding.yaml.j2") && said.contains(&so), "{said}");
    let proved = run(&folder, &["prove", "-f", "deploy", "--from", "staging", "--to", "production"]);
    assert_eq!((outcome.code, proved.code), (0, 3), "{proved:?}");
}

#[test]
fn somebody_of_another_cluster_may_be_bound_here() {
    let clusters = "{name: lab}, {name: main, manifests: platform}";
    let environments = "{name: staging, cluster: lab, access: {teams: [{name: devs, groups: [devs]}]}}, {name: production, cluster: main}";
    let (said, proved) = compiled(&intent(clusters, environments, ""), BINDING);
    assert!(said.contains("warning[create-pods]") && said.contains(SAYS), "{said}");
    assert_eq!(proved, 1);
}

#[test]
fn what_an_exception_lets_through_is_said_once() {
    let exception = "  boundaries:
    - from: staging
      to: production
      exceptions: [{access: {group: devs, role: edit}, reason: move, owner: platform, expires: 2999-06-30}]
";
    let (said, proved) = compiled(&intent(SHARED, BOTH, exception), CLASS);
    assert!(said.contains("warning[exception]") && !said.contains(SAYS), "{said}");
    assert_eq!(proved, 1);
}

#[test]
fn walls_that_are_not_proved_are_counted() {
    let names: Vec<String> = (0..9).map(|number| format!("{{name: staging-{number}}}")).collect();
    let environments = format!("{{name: production}}, {{name: staging}}, {}", names.join(", "));
    let (said, _) = compiled(&intent(SHARED, &environments, ""), CLASS);
    assert!(said.contains("46 walls are not proved here"), "{said}");
    // Where nothing is beside the walls, none of them is in doubt.
    let (said, _) = compiled(&intent("{name: main}", &environments, ""), CLASS);
    assert_eq!(said, "");
}

#[test]
fn a_server_of_volumes_that_may_be_a_pod_is_said_when_it_is_compiled() {
    let with = |server: &str| {
        let environments = "{name: staging, podSecurity: baseline}, {name: production}";
        let applications =
            "  applications: [{name: web, manifests: apps/web.yaml, environments: [staging]}]\n";
        let folder = Folder::with(&[(
            "watertight.yaml",
            intent("{name: main}", environments, applications).as_bytes(),
        )]);
        let pod = format!(
            "apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  containers: [{{name: web, image: web}}]
  volumes: [{{name: data, nfs: {{server: {server}, path: /}}}}]
"
        );
        folder.write("apps/web.yaml", pod.as_bytes());
        let outcome = run(&folder, &["compile", "--output-dir", "deploy"]);
        assert_eq!(outcome.code, 0, "{outcome:?}");
        let proved = run(&folder, &["prove", "-f", "deploy", "--from", "staging", "--to", "production"]);
        (outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" "), proved.code)
    };
    let (said, proved) = with("10.1.2.3");
    assert!(
        said.contains("has its node dial `10.1.2.3`") && said.contains(&SAYS.replace("breached", "unknown")),
        "{said}"
    );
    assert_eq!(proved, 3);
    let (said, proved) = with("files.example.com");
    assert!(!said.contains("so `prove` calls"), "{said}");
    assert_eq!(proved, 0);
}
