//! An intent with routes: what serves them is in the cluster besides, and what is said where it is not known.

use crate::common::{Folder, Outcome, run};

const IMAGE: &str =
    "registry.example/web@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60";

/// Two environments that publish, each by an `ingress` of its own.
fn intent(manifests: &str, staging: &str, production: &str) -> String {
    format!(
        "apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {{name: shop}}
spec:
  clusters: [{{name: main{manifests}}}]
  environments:
    - name: staging
      ingress: {staging}
      access: {{teams: [{{name: shop, groups: [developers], role: edit}}]}}
    - name: production
      ingress: {production}
  applications:
    - name: web
      image: {IMAGE}
      ports: [{{name: http, containerPort: 8080}}]
      routes: [{{host: shop.example.com, port: http}}]
      overrides:
        - environment: staging
          routes: [{{host: shop.staging.example.com, port: http}}]
"
    )
}

/// An ingress-nginx for one environment, as its chart installs it with a scope.
fn ingress_nginx(environment: &str, watches: &str) -> String {
    format!(
        "apiVersion: v1
kind: Namespace
metadata: {{name: ingress-{environment}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: ingress-nginx, namespace: ingress-{environment}}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {{name: {environment}}}
spec: {{controller: k8s.io/ingress-nginx-{environment}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: ingress-nginx, namespace: {environment}}}
rules:
  - {{apiGroups: [''], resources: [configmaps, endpoints, pods, secrets, services], verbs: [get, list, watch]}}
  - {{apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [get, list, watch]}}
  - {{apiGroups: [networking.k8s.io], resources: [ingresses/status], verbs: [update]}}
  - {{apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [get, list, watch]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: ingress-nginx, namespace: {environment}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: ingress-nginx}}
subjects: [{{kind: ServiceAccount, name: ingress-nginx, namespace: ingress-{environment}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: ingress-nginx-controller, namespace: ingress-{environment}}}
spec:
  selector: {{matchLabels: {{app.kubernetes.io/name: ingress-nginx}}}}
  template:
    metadata: {{labels: {{app.kubernetes.io/name: ingress-nginx}}}}
    spec:
      serviceAccountName: ingress-nginx
      containers:
        - name: controller
          image: registry.k8s.io/ingress-nginx/controller:v1.15.1
          args: [/nginx-ingress-controller, --controller-class=k8s.io/ingress-nginx-{environment}, --ingress-class={environment}{watches}]
          ports: [{{name: http, containerPort: 80}}, {{name: https, containerPort: 443}}]
"
    )
}

/// A Gateway of one environment in its own namespace, whose proxy is made there by NGINX Gateway Fabric.
fn gateway(environment: &str, admits: &str) -> String {
    format!(
        "apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: public, namespace: {environment}}}
spec:
  gatewayClassName: nginx
  listeners:
    - {{name: http, port: 80, protocol: HTTP, allowedRoutes: {{namespaces: {{from: {admits}}}}}}}
"
    )
}

const GATEWAY_CONTROLLER: &str = "apiVersion: v1
kind: Namespace
metadata: {name: nginx-gateway}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: nginx}
spec: {controllerName: gateway.nginx.org/nginx-gateway-controller}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: nginx-gateway, namespace: nginx-gateway}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: nginx-gateway-fabric}}
  template:
    metadata: {labels: {app.kubernetes.io/name: nginx-gateway-fabric}}
    spec:
      containers: [{name: nginx-gateway, image: 'ghcr.io/nginx/nginx-gateway-fabric:2.2.0'}]
";

const BESIDE: &str = ", manifests: platform";

fn by_ingress(manifests: &str) -> String {
    let of = |environment: &str| format!("{{namespace: ingress-{environment}, className: {environment}}}");
    intent(manifests, &of("staging"), &of("production"))
}

fn by_gateway(manifests: &str) -> String {
    let of = |environment: &str| {
        format!("{{namespace: {environment}, gateway: {{namespace: {environment}, name: public}}}}")
    };
    intent(manifests, &of("staging"), &of("production"))
}

/// A folder with an intent and what is in its cluster besides.
fn folder(intent: &str, platform: &[String]) -> Folder {
    let folder = Folder::with(&[("watertight.yaml", intent.as_bytes())]);
    for (index, text) in platform.iter().enumerate() {
        folder.write(&format!("platform/{index}.yaml"), text.as_bytes());
    }
    folder
}

fn compile(folder: &Folder) -> Outcome {
    let outcome = run(folder, &["compile", "--output-dir", "deploy"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    outcome
}

fn prove(folder: &Folder, [from, to]: [&str; 2], more: &[&str]) -> Outcome {
    run(folder, &[&["prove", "-f", "deploy", "--from", from, "--to", to], more].concat())
}

const BOTH: [[&str; 2]; 2] = [["staging", "production"], ["production", "staging"]];

fn assert_isolated(folder: &Folder) {
    let compiled = compile(folder);
    assert!(!compiled.stderr.contains("unseen-proxy"), "{compiled:?}");
    for pair in BOTH {
        let proved = prove(folder, pair, &["--certificate", "proof.json"]);
        assert_eq!(proved.code, 0, "{proved:?}");
        let checked = run(folder, &["check-certificate", "proof.json", "-f", "deploy"]);
        assert_eq!(checked.code, 0, "{checked:?}");
    }
}

/// Both directions are unknown, and compiling says so at the `ingress` of both, by the words of the proof.
fn assert_unknown(folder: &Folder) {
    let compiled = compile(folder);
    for (name, line) in [("staging", 8), ("production", 11)] {
        let says = format!("so `prove` calls the walls of `{name}` unknown");
        assert!(compiled.stderr.contains(&says), "{}", compiled.stderr);
        assert!(compiled.stderr.contains(&format!("watertight.yaml:{line}:")), "{}", compiled.stderr);
    }
    for pair in BOTH {
        let proved = prove(folder, pair, &[]);
        assert_eq!(proved.code, 3, "{proved:?}");
        let rule = "the input, or not known as one, and the other side is open to";
        for text in [&proved.stdout, &compiled.stderr] {
            assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(rule), "{text}");
        }
    }
}

#[test]
fn ingresses_are_isolated_where_their_controllers_are_known() {
    let nginx = |name: &str| ingress_nginx(name, &format!(", --watch-namespace={name}"));
    assert_isolated(&folder(&by_ingress(BESIDE), &[nginx("staging"), nginx("production")]));
    assert_unknown(&folder(&by_ingress(""), &[]));
    // Another program serves Ingresses than those that are known.
    let other = |name: &str| nginx(name).replace("ingress-nginx/controller:", "some/proxy:");
    assert_unknown(&folder(&by_ingress(BESIDE), &[other("staging"), other("production")]));
    // It goes where Ingresses of all namespaces lead it, which guards bound, unless it has faults.
    let wide = |program: &str| folder(&by_ingress(BESIDE), &[nginx("staging"), program.to_owned()]);
    let of_all = ingress_nginx("production", "");
    assert_isolated(&wide(&of_all));
    let faulty = wide(&of_all.replace(":v1.15.1", ":v1.12.0"));
    compile(&faulty);
    assert_eq!(prove(&faulty, BOTH[0], &[]).code, 1);
}

#[test]
fn a_gateway_is_isolated_where_its_own_routes_alone_attach() {
    let with = |admits: &str| {
        let gateways = ["staging", "production"].map(|name| gateway(name, admits));
        let platform = [&gateways[..], &[GATEWAY_CONTROLLER.to_owned()]].concat();
        folder(&by_gateway(BESIDE), &platform)
    };
    assert_isolated(&with("Same"));
    assert_unknown(&with("All"));
    assert_unknown(&folder(&by_gateway(""), &[]));
}

#[test]
fn what_is_in_a_cluster_besides_is_read_with_it_and_has_to_be_there() {
    let nginx = |name: &str| ingress_nginx(name, &format!(", --watch-namespace={name}"));
    let folder = folder(&by_ingress(BESIDE), &[nginx("staging"), nginx("production")]);
    compile(&folder);
    let proved = prove(&folder, BOTH[0], &["--certificate", "proof.json"]);
    assert_eq!(proved.code, 0, "{proved:?}");
    // Named twice, it is read once.
    let twice = prove(&folder, BOTH[0], &["-f", "platform"]);
    assert!(twice.code == 0 && !twice.stdout.contains("duplicate-object"), "{twice:?}");
    let map = run(&folder, &["map", "-f", "deploy"]);
    assert!(map.stdout.contains("ingress-nginx-controller"), "{map:?}");
    folder.write("platform/more.yaml", b"apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n");
    assert_eq!(run(&folder, &["check-certificate", "proof.json", "-f", "deploy"]).code, 1);
    folder.write("deploy/fleet.yaml", &fleet("/etc"));
    let absolute = prove(&folder, BOTH[0], &[]);
    assert!(absolute.stderr.contains("is no path from its folder"), "{absolute:?}");
    folder.write("deploy/fleet.yaml", &fleet("../gone"));
    let gone = prove(&folder, BOTH[0], &[]);
    assert!(gone.code == 2 && gone.stderr.contains("`gone` for what else is in the cluster"), "{gone:?}");
}

fn fleet(manifests: &str) -> Vec<u8> {
    format!(
        "apiVersion: watertight.dev/v1alpha1\nkind: CompiledFleet\nmetadata: {{name: shop}}\nspec:\n  clusters: [{{name: main, manifests: {manifests}}}]\n  environments: [{{name: staging, cluster: main}}, {{name: production, cluster: main}}]\n"
    )
    .into_bytes()
}

#[test]
fn manifests_of_a_cluster_are_below_the_intent_and_apart_from_it() {
    for (path, says) in [
        ("gone", "there is no file or folder `gone`"),
        ("../outside", "is not below the folder of the intent"),
        (".", "holds the intent"),
    ] {
        let folder =
            Folder::with(&[("watertight.yaml", by_ingress(&format!(", manifests: {path}")).as_bytes())]);
        let outcome = run(&folder, &["compile", "--output-dir", "deploy"]);
        assert!(outcome.code == 2 && outcome.stderr.contains(says), "{outcome:?}");
    }
}
