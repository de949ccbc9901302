//! `watertight compile` of applications that are manifests, kustomizations and charts.

use crate::common::{Folder, Outcome, example, program};
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

const INTENT: &str = "\
apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  environments:
    - {name: staging, access: {teams: [{name: developers, groups: [developers]}]}}
    - {name: production, access: {teams: [{name: auditors, groups: [auditors]}]}}
  applications:
";

const WEB: &str = "\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example/web@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60
";

const PASSWORD: &str = "marked-7f3c9a";

fn fleet(applications: &str, files: &[(&str, &str)]) -> Folder {
    let intent = format!("{INTENT}{applications}");
    let mut all = vec![("watertight.yaml", intent.as_bytes())];
    all.extend(files.iter().map(|(path, text)| (*path, text.as_bytes())));
    Folder::with(&all)
}

/// Compiles with these folders to look for programs in.
fn compile_with(path: Option<OsString>, folder: &Path, arguments: &[&str]) -> Outcome {
    let mut command = program(folder, &[&["compile", "--output-dir", "out"], arguments].concat());
    if let Some(path) = path {
        command.env("PATH", path);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Compiles where no program is to be found.
fn compile(folder: &Folder) -> Outcome {
    compile_with(Some("/nowhere".into()), folder.path(), &[])
}

/// Where programs are looked for, if all of these are there. Elsewhere a test says that it was not made, and fails where `CI`
/// is set.
#[expect(clippy::print_stderr, reason = "a test that is not made says so")]
pub(crate) fn path_to(programs: &[&str]) -> Option<OsString> {
    let answers = |program: &&&str| {
        let arguments: &[&str] = if **program == "kubectl" { &["version", "--client"] } else { &["version"] };
        let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
        output.is_ok_and(|output| output.status.success())
    };
    let missing: Vec<&&str> = programs.iter().filter(|program| !answers(program)).collect();
    if missing.is_empty() {
        return variable("PATH");
    }
    assert!(
        variable("CI").is_none_or(|ci| ci.is_empty()),
        "{missing:?} must be there in CI: `cargo xtask testbed build`"
    );
    eprintln!("not tested: {missing:?} is not on PATH; run it with `cargo xtask testbed run -- cargo test`");
    None
}

#[expect(clippy::disallowed_methods, reason = "tests find programs as people do")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

#[expect(clippy::disallowed_methods, reason = "a test that looks at what was written")]
fn text(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join("out").join(path)).unwrap()
}

/// Whether each of two environments is proved isolated from the other.
fn assert_isolated(folder: &Path) {
    for (from, to) in [("staging", "production"), ("production", "staging")] {
        let output = program(
            folder,
            &["prove", "-f", "out", "--from", from, "--to", to, "--channel", "network", "--channel", "api"],
        )
        .output()
        .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn manifests_are_a_file_or_a_folder_from_where_the_intent_is() {
    let folder =
        fleet("    - {name: web, manifests: apps/web}\n    - {name: api, manifests: api.yaml}\n", &[]);
    folder.write("fleet/apps/web/a.yaml", WEB.split("---\n").next().unwrap().as_bytes());
    folder.write("fleet/apps/web/below/b.yml", WEB.split("---\n").nth(1).unwrap().as_bytes());
    folder.write(
        "fleet/api.yaml",
        WEB.replace("web", "api").replace("registry.example/api", "registry.example/web").as_bytes(),
    );
    folder.write(
        "fleet/watertight.yaml",
        format!(
            "{INTENT}    - {{name: web, manifests: apps/web}}\n    - {{name: api, manifests: ./api.yaml}}\n"
        )
        .as_bytes(),
    );
    let outcome = compile_with(None, folder.path(), &["-f", "fleet/watertight.yaml"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let web = text(folder.path(), "default/staging/applications/web.yaml");
    for part in [
        "watertight.dev/source: apps/web/a.yaml",
        "watertight.dev/source: apps/web/below/b.yml",
        "namespace: staging",
        "priorityClassName: staging",
    ] {
        assert!(web.contains(part), "{part}: {web}");
    }
    let api = text(folder.path(), "default/production/applications/api.yaml");
    assert!(api.contains("watertight.dev/source: api.yaml"), "{api}");
    assert_isolated(folder.path());
}

#[test]
fn what_is_not_read_of_a_folder_is_said() {
    let web = "    - {name: web, manifests: apps}\n";
    let all = [("apps/web.yaml", WEB), ("apps/jobs/queue.yaml.j2", WEB), ("apps/README.md", "web")];
    let folder = fleet(web, &all);
    let outcome = compile(&folder);
    let said = "info[unread-files]: `apps/jobs/queue.yaml.j2` is not read";
    assert_eq!((outcome.code, outcome.stderr.matches(said).count()), (0, 1), "{}", outcome.stderr);
    assert_eq!(outcome.stderr.matches("info[").count(), 1, "{}", outcome.stderr);
}

#[test]
fn a_path_does_not_lead_out_of_the_folder_of_the_intent() {
    for (path, says) in [
        ("../web.yaml", "is not below the folder of the intent"),
        ("apps/../../web.yaml", "is not below the folder of the intent"),
        ("/etc/hosts", "is not below the folder of the intent"),
        ("https://example.com/web.yaml", "is not below the folder of the intent"),
        ("link.yaml", "leads out of the folder of the intent"),
        ("apps", "leads out of the folder of the intent"),
        ("missing", "there is no file or folder `fleet/missing`"),
    ] {
        for (field, source) in [
            ("manifests", path.to_owned()),
            ("kustomization", path.to_owned()),
            ("helm", format!("{{chart: '{path}'}}")),
        ] {
            if field != "manifests" && path == "apps" {
                continue;
            }
            let folder = Folder::with(&[("web.yaml", WEB.as_bytes()), ("fleet/apps/own.yaml", b"")]);
            link(&folder.path().join("web.yaml"), &folder.path().join("fleet/link.yaml"));
            link(&folder.path().join("web.yaml"), &folder.path().join("fleet/apps/link.yaml"));
            let intent = format!("{INTENT}    - {{name: web, {field}: {source}}}\n");
            folder.write("fleet/watertight.yaml", intent.as_bytes());
            let outcome = compile_with(None, folder.path(), &["-f", "fleet/watertight.yaml"]);
            assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{field} {path}");
            let said = outcome.stderr.replace('\n', " ");
            assert!(
                said.split_whitespace().collect::<Vec<_>>().join(" ").contains(says),
                "{field} {path}: {said}"
            );
            assert!(!folder.path().join("out").exists());
        }
    }
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) {
    std::os::unix::fs::symlink(to, at).unwrap();
}

#[test]
fn all_that_is_wrong_with_applications_is_said_at_once() {
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: []\n";
    let folder = fleet(
        "    - {name: web, manifests: web.yaml}\n    - {name: api, manifests: api.yaml}\n    - {name: mail, kustomization: mail}\n    - {name: search, helm: {chart: search}}\n",
        &[
            ("web.yaml", role),
            ("mail/kustomization.yaml", "resources: []\n"),
            ("search/Chart.yaml", "name: search\n"),
        ],
    );
    let outcome = compile(&folder);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "error: `api` in `staging`: there is no file or folder `api.yaml`",
        "error: `mail` in `staging`: `kubectl` is not there",
        "help: install kubectl by https://kubernetes.io/docs/tasks/tools",
        "error: `search` in `production`: `helm` is not there",
        "error[refused-kind]: Role `r` is of a kind that does not come from an application",
        "help: say in `access` of the environment who may do what",
        "`watertight.yaml` has 7 errors, and nothing is compiled",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn values_of_secrets_are_shown_nowhere() {
    let secret = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: elsewhere}}\nstringData: {{password: {PASSWORD}}}\n"
    );
    let shared = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: t}}\nstringData: {{password: {PASSWORD}}}\n---\napiVersion: v1\nkind: Secret\nstringData: {{password: {PASSWORD}}}\n---\nkind: Secret\nstringData: {{password: {PASSWORD}, [\n"
    );
    let folder =
        fleet("    - {name: web, manifests: apps}\n", &[("apps/a.yaml", &secret), ("apps/b.yaml", &shared)]);
    let outcome = compile(&folder);
    assert_eq!(outcome.code, 2);
    for part in ["same-credential", "foreign-namespace", "not-an-object", "unparsable"] {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }
    assert!(!outcome.stderr.contains("7f3c9a"), "{}", outcome.stderr);
}

#[test]
fn an_overlay_is_rendered_for_its_environment() {
    let Some(path) = path_to(&["kubectl"]) else { return };
    let folder = fleet(
        "    - name: web\n      kustomization: web/base\n      overrides: [{environment: production, kustomization: web/production}]\n",
        &[
            (
                "web/base/kustomization.yaml",
                "resources: [web.yaml]\nconfigMapGenerator: [{name: settings, literals: [level=debug]}]\n",
            ),
            ("web/base/web.yaml", WEB),
            (
                "web/production/kustomization.yaml",
                "resources: [../base]\nreplicas: [{name: web, count: 3}]\n",
            ),
        ],
    );
    let outcome = compile_with(Some(path.clone()), folder.path(), &[]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let of = |environment: &str| text(folder.path(), &format!("default/{environment}/applications/web.yaml"));
    assert!(!of("staging").contains("replicas") && of("production").contains("replicas: 3"));
    assert!(
        of("production").contains("watertight.dev/source: web/production")
            && of("staging").contains("level: debug")
    );
    assert_isolated(folder.path());
    let again = compile_with(Some(path.clone()), folder.path(), &["--check"]);
    assert_eq!((again.code, again.stdout.as_str()), (0, "nothing changes in out\n"));

    folder.write("web/production/kustomization.yaml", b"resources: [../missing]\n");
    let outcome = compile_with(Some(path), folder.path(), &[]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("error: `web` in `production`: `kubectl` failed"), "{said}");
    assert!(said.contains("missing") && said.contains("nothing is compiled"), "{said}");
}

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";

#[test]
fn a_chart_is_rendered_with_the_values_of_its_environment() {
    let Some(path) = path_to(&["helm"]) else { return };
    let template = WEB
        .replace("  selector: {match", "  replicas: {{ .Values.replicas }}\n  selector: {match")
        .replace("name: web}", "name: \"{{ .Release.Name }}\"}");
    let setting = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: where, namespace: \"{{ .Release.Namespace }}\"}\ndata: {level: \"{{ .Values.level }}\"}\n";
    let test = "apiVersion: v1\nkind: Pod\nmetadata: {name: ask, annotations: {helm.sh/hook: test}}\nspec: {containers: [{name: ask, image: x}]}\n";
    let folder = fleet(
        "    - name: web\n      helm: {chart: charts/web, releaseName: front, values: [common.yaml]}\n      overrides: [{environment: production, values: [production.yaml]}]\n",
        &[
            ("charts/web/Chart.yaml", CHART),
            ("charts/web/values.yaml", "replicas: 1\nlevel: none\n"),
            ("charts/web/templates/web.yaml", &template),
            ("charts/web/templates/where.yaml", setting),
            ("charts/web/templates/test.yaml", test),
            ("common.yaml", "level: debug\n"),
            ("production.yaml", "replicas: 3\nlevel: info\n"),
        ],
    );
    let outcome = compile_with(Some(path.clone()), folder.path(), &[]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(
        outcome.stderr.matches("is a test of its chart, and is left out").count(),
        1,
        "{}",
        outcome.stderr
    );
    let of = |environment: &str| text(folder.path(), &format!("default/{environment}/applications/web.yaml"));
    assert!(
        of("staging").contains("replicas: 1") && of("staging").contains("level: debug"),
        "{}",
        of("staging")
    );
    assert!(of("production").contains("replicas: 3") && of("production").contains("level: info"));
    assert!(of("production").contains("name: front") && of("production").contains("namespace: production"));
    assert!(!of("production").contains("kind: Pod\n"));
    assert_isolated(folder.path());

    folder.write("charts/web/templates/fails.yaml", b"{{ fail \"this chart wants a password\" }}\n");
    let outcome = compile_with(Some(path), folder.path(), &[]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("`web` in `staging`: `helm` failed"), "{said}");
    assert!(said.contains("this chart wants a password"), "{said}");
}

#[test]
fn a_chart_that_makes_up_passwords_is_refused() {
    let Some(path) = path_to(&["helm"]) else { return };
    let template = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: \"{{ randAlphaNum 16 }}\"}\n";
    let folder = fleet(
        "    - {name: web, helm: {chart: web}}\n",
        &[("web/Chart.yaml", CHART), ("web/templates/secret.yaml", template)],
    );
    let outcome = compile_with(Some(path), folder.path(), &[]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(
        outcome.stderr.contains("the chart `web` renders to something else each time"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn the_example_with_every_field_compiles() {
    let Some(path) = path_to(&["helm", "kubectl"]) else { return };
    let folder = Folder::with(&[]);
    let intent = example("intent-full").join("watertight.yaml");
    let arguments = ["-f", intent.to_str().unwrap(), "--today", "2026-11-20"];
    let outcome = compile_with(Some(path.clone()), folder.path(), &arguments);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    for (environment, application) in
        ["staging", "production"].iter().flat_map(|it| ["legacy", "mail", "search"].map(|name| (it, name)))
    {
        let file = text(folder.path(), &format!("main/{environment}/applications/{application}.yaml"));
        assert!(file.contains(&format!("name: {application}\n")), "{file}");
        // What is written does not depend on where the intent is.
        assert!(!file.contains(example("intent-full").to_str().unwrap()), "{file}");
    }
    let again = compile_with(Some(path), folder.path(), &[&arguments[..], &["--check"]].concat());
    assert_eq!((again.code, again.stdout.as_str()), (0, "nothing changes in out\n"));
}

#[test]
fn what_was_compiled_is_not_compiled_again() {
    let folder = fleet("    - {name: web, manifests: web}\n", &[("web/web.yaml", WEB)]);
    let compile = || {
        let output = program(folder.path(), &["compile", "--output-dir", "web/out"]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(compile().0, Some(0));
    let (code, said) = compile();
    assert_eq!(code, Some(2));
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("was compiled from an intent, and is not compiled again"), "{said}");
}

#[test]
fn what_a_server_would_refuse_is_said_before_it_is_asked() {
    let broken = WEB
        .replace("matchLabels: {app: web}", "matchLabels: {app: other}")
        .replace("port: 80,", "port: 80000,");
    let folder = fleet("    - {name: web, manifests: web.yaml}\n", &[("web.yaml", &broken)]);
    let outcome = compile(&folder);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    for part in ["invalid-selector", "invalid-port-range", "has 2 errors"] {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }
    assert!(!folder.path().join("out").exists());
}

/// One object of each kind that may come from an application, but for those that publish it: the proxy that would serve them is
/// in no intent.
const EVERYTHING: &str = "\
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ServiceAccount, metadata: {name: web, annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::111122223333:role/ENV-web'}}}
  - {apiVersion: v1, kind: Secret, metadata: {name: web}, stringData: {password: ENV-9b1deb4d3b7d, url: 'postgresql://web:ENV-1c0ffee5@db.ENV.example.com/shop', user: web}}
  - {apiVersion: v1, kind: Secret, type: kubernetes.io/dockerconfigjson, metadata: {name: pull}, stringData: {.dockerconfigjson: '{\"auths\": {\"registry.example\": {\"username\": \"ENV\", \"password\": \"ENV-5bad5eed7\"}}}'}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {level: info, peers: 'api.ENV.svc:80'}}
  - {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: web}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
  - {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: web}, spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {}}]}], egress: [{to: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 80}]}]}}
  - {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}}
  - {apiVersion: v1, kind: Pod, metadata: {name: shell, labels: {app: web}}, spec: {POD}}
  - {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web}, spec: {selector: {matchLabels: {app: rs}}, template: {metadata: {labels: {app: rs}}, spec: {POD}}}}
  - {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web, k8s-app: kube-dns}}, spec: {POD}}}}
  - {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web}, spec: {serviceName: web, selector: {matchLabels: {app: ss}}, template: {metadata: {labels: {app: ss}}, spec: {POD}}}}
  - {apiVersion: apps/v1, kind: DaemonSet, metadata: {name: web}, spec: {selector: {matchLabels: {app: ds}}, template: {metadata: {labels: {app: ds}}, spec: {POD}}}}
  - {apiVersion: batch/v1, kind: Job, metadata: {name: web}, spec: {template: {spec: {restartPolicy: Never, POD}}}}
  - {apiVersion: batch/v1, kind: CronJob, metadata: {name: web}, spec: {schedule: '@daily', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, POD}}}}}}
  - {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web}, spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}
  - {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web}, spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}}
  - {apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: web}, spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: metrics}]}}
  - {apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: web}, spec: {selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: metrics}]}}
  - {apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: {name: web}, spec: {groups: []}}
";

#[test]
fn of_every_kind_that_is_accepted_it_is_proved_that_the_walls_stand() {
    let pod = "serviceAccountName: web, containers: [{name: web, image: 'registry.example/web@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60', env: [{name: API_TOKEN, value: ENV-7a1b2c3d4e}], ports: [{containerPort: 8080}]}]";
    let of = |environment: &str| EVERYTHING.replace("POD", pod).replace("ENV", environment);
    let folder = fleet(
        "    - name: web\n      manifests: staging.yaml\n      overrides: [{environment: production, manifests: production.yaml}]\n",
        &[("staging.yaml", &of("staging")), ("production.yaml", &of("production"))],
    );
    let outcome = compile(&folder);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let written = text(folder.path(), "default/staging/applications/web.yaml");
    assert_eq!(written.matches("\nkind: ").count(), EVERYTHING.matches("kind: ").count() - 2, "{written}");
    assert_isolated(folder.path());
}
