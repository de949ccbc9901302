//! What a real cluster holds besides: nodes, DNS, a proxy, those who act in several namespaces, and the applications themselves
//! where nothing is compiled of them. A proof about empty namespaces would say little.

use crate::fleet::Fleet;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use watertight_intent::{
    Cluster, ExceptionAllows, IngressController, RoutesOf, ServiceAccountRef, Spanned, Subject,
};

/// The roles and bindings that a real server of 1.36 has by itself.
const BOOTSTRAP: &str = include_str!("../../../../crates/kubernetes/data/bootstrap-1.36.json");

/// What the Deployment of those is called who resolve names.
pub(crate) const DNS: &str = "dns";

/// What is in each namespace of an environment, and the port on which it listens.
pub(crate) const TOOL: &str = "tool";
pub(crate) const TOOL_PORT: u16 = 3000;

/// What the proxies are called, with the namespace behind it for which each is there.
pub(crate) const PROXY: &str = "ingress-nginx";

/// The class of Gateways that have a proxy of their own beside them.
pub(crate) const OWN_CLASS: &str = "of-its-namespace";

const RBAC: &str = "rbac.authorization.k8s.io";

/// The objects of a cluster that nobody compiled.
pub(crate) fn surroundings(fleet: &Fleet, cluster: usize, compiled: &[Value]) -> Vec<Value> {
    let described = &fleet.intent.clusters[cluster];
    let mut objects = of_every_cluster(described);
    objects.push(json!({
        "apiVersion": format!("{RBAC}/v1"),
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "platform"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": "platform"}],
    }));
    for (ingress, namespace) in with_routes(fleet, cluster) {
        let at = ingress.namespace.value.as_str();
        match &ingress.serves {
            RoutesOf::Class(class) => objects.extend(proxy(at, &class.value, namespace)),
            RoutesOf::Gateway { namespace: of, name } => {
                let mut own =
                    fleet.environments(cluster).flat_map(|(_, environment)| &environment.namespaces);
                let is_own = own.any(|own| own.value == at) && !has_ingresses(fleet, cluster);
                let class = if is_own { OWN_CLASS } else { "public" };
                objects.extend(gateway((&of.value, &name.value), at, namespace, class));
                if class == OWN_CLASS {
                    objects.extend(controller_of_gateways());
                }
            }
        }
    }
    for (_, environment) in fleet.environments(cluster) {
        for namespace in &environment.namespaces {
            objects.push(object("v1", "ServiceAccount", (&namespace.value, "default"), json!({})));
            // Something that nobody compiled, as a chart would bring it.
            let listens = json!({"containerPort": TOOL_PORT});
            objects.push(deployment(
                (&namespace.value, TOOL),
                &json!({"app.kubernetes.io/name": TOOL}),
                &json!({"containers": [container(&[listens])]}),
            ));
        }
    }
    for account in accounts(fleet, cluster) {
        objects.push(object("v1", "ServiceAccount", (&account.namespace, &account.name), json!({})));
        objects.push(deployment(
            (&account.namespace, &account.name),
            &json!({"acts-as": account.name}),
            &json!({"serviceAccountName": account.name, "containers": [container(&[])]}),
        ));
    }
    for (name, placement, workload) in fleet.workloads(cluster) {
        let namespace = placement.namespace.value.as_str();
        if is_compiled(compiled, namespace, name) {
            continue;
        }
        let port = |port: &watertight_intent::Port| {
            let protocol = format!("{:?}", port.protocol.value).to_uppercase();
            json!({"name": port.name.value, "containerPort": port.container_port.value, "protocol": protocol})
        };
        let ports: Vec<Value> = workload.ports.iter().map(port).collect();
        let labels = json!({"app.kubernetes.io/name": name});
        objects.push(deployment((namespace, name), &labels, &json!({"containers": [container(&ports)]})));
    }
    let mut namespaces: BTreeSet<String> = BTreeSet::new();
    for object in objects.iter().chain(compiled) {
        namespaces.extend(object["metadata"]["namespace"].as_str().map(str::to_owned));
    }
    for object in compiled.iter().filter(|object| object["kind"] == "Namespace") {
        namespaces.remove(object["metadata"]["name"].as_str().unwrap());
    }
    for name in namespaces {
        let labels = json!({"kubernetes.io/metadata.name": name});
        objects.push(
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}),
        );
    }
    taken_once(objects, compiled)
}

/// Whether an object is of one of the proxies, or tells one what to serve.
pub(crate) fn is_of_a_proxy(object: &Value) -> bool {
    let kind = object["kind"].as_str().unwrap();
    let tells = ["Gateway", "GatewayClass", "HTTPRoute", "Ingress", "IngressClass"].contains(&kind);
    tells || object["metadata"]["name"].as_str().unwrap().starts_with(PROXY)
}

/// Whether a Deployment of an application was compiled.
pub(crate) fn is_compiled(compiled: &[Value], namespace: &str, name: &str) -> bool {
    compiled.iter().any(|object| {
        let metadata = &object["metadata"];
        object["kind"] == "Deployment" && metadata["namespace"] == namespace && metadata["name"] == name
    })
}

/// The namespaces in which something has routes, each with who serves them; else the first of a cluster that has somebody.
fn with_routes(fleet: &Fleet, cluster: usize) -> Vec<(&IngressController, &str)> {
    let mut routed: Vec<(&IngressController, &str)> = Vec::new();
    for (_, placement, workload) in fleet.workloads(cluster) {
        let ingress = &fleet.intent.environments[placement.environment.0].ingress;
        let namespace = placement.namespace.value.as_str();
        if let Some(ingress) = ingress
            && !workload.routes.is_empty()
            && routed.iter().all(|(_, other)| *other != namespace)
        {
            routed.push((ingress, namespace));
        }
    }
    if routed.is_empty() {
        let first = fleet.environments(cluster).next();
        let first =
            first.and_then(|(_, first)| Some((first.ingress.as_ref()?, first.namespaces[0].value.as_str())));
        routed.extend(first);
    }
    routed
}

/// A Gateway for the routes of a namespace, with what serves it, which is known to nobody by what it runs.
fn gateway(place: (&str, &str), at: &str, namespace: &str, class: &str) -> Vec<Value> {
    let name = format!("{PROXY}-{namespace}");
    let labels = json!({"app.kubernetes.io/name": name});
    let selector = json!({"matchLabels": {"kubernetes.io/metadata.name": namespace}});
    let listener = json!({
        "name": "http",
        "port": 80,
        "protocol": "HTTP",
        "allowedRoutes": {"namespaces": {"from": "Selector", "selector": selector}},
    });
    let gateway = json!({"gatewayClassName": class, "listeners": [listener]});
    vec![
        deployment((at, &name), &labels, &json!({"containers": [container(&[])]})),
        object("gateway.networking.k8s.io/v1", "Gateway", place, json!({"spec": gateway})),
    ]
}

/// Whether Ingresses are served in a cluster: whoever is known to serve Gateways is taken to serve those of all too.
fn has_ingresses(fleet: &Fleet, cluster: usize) -> bool {
    let mut served = fleet.environments(cluster).filter_map(|(_, environment)| environment.ingress.as_ref());
    served.any(|ingress| matches!(ingress.serves, RoutesOf::Class(_)))
}

/// NGINX Gateway Fabric, which puts proxies into the namespaces of Gateways.
fn controller_of_gateways() -> Vec<Value> {
    let name = format!("{PROXY}-gateway-fabric");
    let labels = json!({"app.kubernetes.io/name": name});
    let mut controller = container(&[]);
    controller["image"] = json!("ghcr.io/nginx/nginx-gateway-fabric:2.2.0");
    vec![
        deployment(("nginx-gateway", &name), &labels, &json!({"containers": [controller]})),
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": OWN_CLASS},
            "spec": {"controllerName": "gateway.nginx.org/nginx-gateway-controller"},
        }),
    ]
}

/// The roles and bindings of a server, as it serves them.
pub(crate) fn bootstrap() -> Vec<Value> {
    let listed: Vec<Value> = serde_json::from_str(BOOTSTRAP).unwrap();
    let group = |value: &mut Value| {
        let is_account = value["kind"] == "ServiceAccount";
        if !is_account {
            value["apiGroup"] = json!(RBAC);
        }
    };
    let whole = |mut object: Value| {
        let fields = object.as_object_mut().unwrap();
        let mut metadata = json!({});
        for key in ["name", "namespace", "labels"] {
            if let Some(value) = fields.remove(key) {
                metadata[key] = value;
            }
        }
        fields.insert("metadata".to_owned(), metadata);
        fields.insert("apiVersion".to_owned(), json!(format!("{RBAC}/v1")));
        if fields.contains_key("roleRef") {
            group(&mut object["roleRef"]);
            object["subjects"].as_array_mut().into_iter().flatten().for_each(group);
        }
        object
    };
    listed.into_iter().map(whole).collect()
}

/// Objects of which each is there once, and none that was compiled.
fn taken_once(objects: Vec<Value>, compiled: &[Value]) -> Vec<Value> {
    let mut seen: BTreeSet<String> = compiled.iter().map(crate::fleet::called).collect();
    objects.into_iter().filter(|object| seen.insert(crate::fleet::called(object))).collect()
}

/// The ServiceAccounts that an intent names in a cluster.
fn accounts(fleet: &Fleet, cluster: usize) -> BTreeSet<ServiceAccountRef> {
    let environments = fleet.environments(cluster);
    let parties = environments.flat_map(|(_, environment)| environment.access.parties());
    let named = parties.flat_map(|party| &party.service_accounts);
    let mut accounts: BTreeSet<ServiceAccountRef> = named.map(|account| account.value.clone()).collect();
    for boundary in &fleet.intent.boundaries {
        if fleet.intent.environments[boundary.to.0].cluster.0 != cluster {
            continue;
        }
        for exception in &boundary.exceptions {
            if let ExceptionAllows::Access {
                subject: Spanned { value: Subject::ServiceAccount(account), .. },
                ..
            } = &exception.allows
            {
                accounts.insert(account.clone());
            }
        }
    }
    accounts
}

fn object(api_version: &str, kind: &str, (namespace, name): (&str, &str), fields: Value) -> Value {
    let mut object = json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
    });
    object.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    object
}

fn container(ports: &[Value]) -> Value {
    json!({"name": "main", "image": "registry.example/main:1", "ports": ports})
}

fn deployment(place: (&str, &str), labels: &Value, pod: &Value) -> Value {
    object(
        "apps/v1",
        "Deployment",
        place,
        json!({"spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        }}),
    )
}

/// Nodes with addresses, DNS, and what runs on each node.
fn of_every_cluster(cluster: &Cluster) -> Vec<Value> {
    let dns = &cluster.dns;
    let namespace = dns.namespace.value.as_str();
    let (key, value) = &dns.pod_label.value;
    let port = dns.port.value;
    let listens: Vec<Value> = ["UDP", "TCP"]
        .into_iter()
        .map(|protocol| json!({"containerPort": port, "protocol": protocol}))
        .collect();
    let serves: Vec<Value> = ["UDP", "TCP"]
        .into_iter()
        .map(|protocol| {
            json!({"name": protocol.to_lowercase(), "port": 53, "targetPort": port, "protocol": protocol})
        })
        .collect();
    let labels = json!({key: value});
    let mut objects = vec![
        deployment((namespace, DNS), &labels, &json!({"containers": [container(&listens)]})),
        object("v1", "Service", (namespace, DNS), json!({"spec": {"selector": labels, "ports": serves}})),
        object(
            "apps/v1",
            "DaemonSet",
            ("kube-system", "node-agent"),
            json!({"spec": {
                "selector": {"matchLabels": {"name": "node-agent"}},
                "template": {
                    "metadata": {"labels": {"name": "node-agent"}},
                    "spec": {"hostNetwork": true, "containers": [container(&[])]},
                },
            }}),
        ),
    ];
    for number in 1..=2 {
        let mut status =
            json!({"addresses": [{"type": "InternalIP", "address": format!("172.31.16.{number}")}]});
        if let Some(version) = &cluster.kubernetes_version {
            status["nodeInfo"] = json!({"kubeletVersion": format!("v{}.0", version.value)});
        }
        let network = format!("10.244.{number}.0/24");
        objects.push(json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": format!("node-{number}")},
            "spec": {"podCIDR": network, "podCIDRs": [network]},
            "status": status,
        }));
    }
    objects
}

/// A proxy for the routes of a namespace, as ingress-nginx is installed for one: it sees no other.
fn proxy(at: &str, class: &str, namespace: &str) -> Vec<Value> {
    let name = format!("{PROXY}-{namespace}");
    let labels = json!({"app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/instance": name});
    let ports = [("http", 80), ("https", 443)];
    let listens = ports.map(|(name, port)| json!({"name": name, "containerPort": port}));
    let serves = ports.map(|(name, port)| json!({"name": name, "port": port, "targetPort": name}));
    let mut controller = container(&listens);
    controller["image"] = json!("registry.k8s.io/ingress-nginx/controller:v1.15.1");
    controller["args"] = json!([
        "/nginx-ingress-controller",
        format!("--ingress-class={class}"),
        format!("--watch-namespace={namespace}"),
    ]);
    let pod = json!({"serviceAccountName": name, "containers": [controller]});
    let reads = |group: &str, resources: &[&str]| json!({"apiGroups": [group], "resources": resources, "verbs": ["get", "list", "watch"]});
    let rules = [
        reads("", &["configmaps", "endpoints", "pods", "secrets", "services"]),
        reads("networking.k8s.io", &["ingresses"]),
        reads("discovery.k8s.io", &["endpointslices"]),
        json!({"apiGroups": ["networking.k8s.io"], "resources": ["ingresses/status"], "verbs": ["update"]}),
    ];
    let binding = json!({
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": at}],
    });
    let service = json!({"type": "LoadBalancer", "selector": labels, "ports": serves});
    let version = format!("{RBAC}/v1");
    vec![
        object("v1", "ServiceAccount", (at, &name), json!({})),
        deployment((at, &name), &labels, &pod),
        object("v1", "Service", (at, &name), json!({"spec": service})),
        object(&version, "Role", (namespace, &name), json!({"rules": rules})),
        object(&version, "RoleBinding", (namespace, &name), binding),
        json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": class},
            "spec": {"controller": "k8s.io/ingress-nginx"},
        }),
    ]
}
