//! An object of each kind that there is something to say of: the least that a server admits, also under the Pod Security
//! level `restricted`.

use anyhow::{Result, bail};
use serde_json::{Value, json};
use watertight_api::Resource;

/// The value that is to be kept.
pub(crate) const SECRET: &str = "correct-horse-battery-staple";

/// A ClusterRole that allows nothing, and that everybody may bind.
pub(crate) const EMPTY_ROLE: &str = "replay-empty";

/// The label of the only objects that webhooks of a replay are about.
pub(crate) const PROBE: &str = "replay.example.com/probe";

/// A kind of well-known projects, as far as rights see it.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) group: &'static str,
    pub(crate) plural: &'static str,
    kind: &'static str,
    scope: &'static str,
}

const fn namespaced(group: &'static str, plural: &'static str, kind: &'static str) -> Definition {
    Definition { group, plural, kind, scope: "Namespaced" }
}

/// The custom resources of which pages speak, besides those that the testbed installs.
pub(crate) const DEFINITIONS: &[Definition] = &[
    namespaced("argoproj.io", "rollouts", "Rollout"),
    Definition {
        scope: "Cluster",
        ..namespaced("argoproj.io", "clusterworkflowtemplates", "ClusterWorkflowTemplate")
    },
    Definition {
        scope: "Cluster",
        ..namespaced("snapshot.storage.k8s.io", "volumesnapshotcontents", "VolumeSnapshotContent")
    },
    namespaced("databases.example", "backups", "Backup"),
];

impl Definition {
    pub(crate) fn object(&self) -> Value {
        definition(self.group, self.plural, self.kind, self.scope)
    }
}

fn definition(group: &str, plural: &str, kind: &str, scope: &str) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {
            "name": format!("{plural}.{group}"),
            // A group of the project itself asks for it.
            "annotations": {"api-approved.kubernetes.io": "unapproved, for a test"},
        },
        "spec": {
            "group": group, "scope": scope,
            "names": {"plural": plural, "singular": kind.to_lowercase(), "kind": kind},
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
            }],
        },
    })
}

/// Whether an object is one of a resource.
pub(crate) fn is_of(object: &Value, resource: &Resource) -> bool {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    version.split_once('/').map_or("", |(group, _)| group) == resource.group
}

/// A pod that nothing schedules but what is tried.
pub(crate) fn pod_spec() -> Value {
    json!({
        "schedulerName": "nobody", "serviceAccountName": "default",
        "securityContext": {"runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{
            "name": "a", "image": "a.example/a",
            "resources": {"requests": {"memory": "8Mi"}, "limits": {"memory": "8Mi"}},
            "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
        }],
    })
}

/// A template of such pods.
fn template(name: &str, restarts: &str) -> Value {
    let mut spec = pod_spec();
    spec["restartPolicy"] = json!(restarts);
    json!({"metadata": {"labels": {"app": name}}, "spec": spec})
}

/// A name that a server takes for an object of this resource.
pub(crate) fn name(resource: &Resource, number: usize, prefix: &str) -> String {
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("apiregistration.k8s.io", "apiservices") => format!("v{number}.{prefix}.example.com"),
        ("apiextensions.k8s.io", "customresourcedefinitions") => format!("x{number}s.{prefix}.example.com"),
        ("networking.k8s.io", "ipaddresses") => format!("10.96.{}.{}", number / 250 % 250, number % 250 + 1),
        _ => format!("{prefix}-x{number}"),
    }
}

/// The least object of a resource.
pub(crate) fn object(resource: &Resource, name: &str, namespace: &str) -> Result<Value> {
    let version = resource.versions.first().map_or("v1", String::as_str);
    let api_version =
        if resource.group.is_empty() { version.to_owned() } else { format!("{}/{version}", resource.group) };
    let mut object = content(resource, name, namespace)?;
    object["apiVersion"] = json!(api_version);
    object["kind"] = json!(resource.kind);
    object["metadata"]["name"] = json!(name);
    if resource.namespaced {
        object["metadata"]["namespace"] = json!(namespace);
    }
    Ok(object)
}

/// What is in it besides its name.
fn content(resource: &Resource, name: &str, namespace: &str) -> Result<Value> {
    let labels = json!({"app": name});
    Ok(match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "pods") => json!({"metadata": {"labels": labels}, "spec": pod_spec()}),
        ("", "podtemplates") => json!({"template": template(name, "Always")}),
        ("", "secrets") => json!({"stringData": {"password": SECRET}}),
        ("", "services") => json!({
            "spec": {"type": "LoadBalancer", "allocateLoadBalancerNodePorts": false, "ports": [{"port": 80}]},
        }),
        ("", "endpoints") => {
            json!({"subsets": [{"addresses": [{"ip": "192.0.2.1"}], "ports": [{"port": 80}]}]})
        }
        ("", "persistentvolumeclaims") => json!({"spec": {
            "accessModes": ["ReadWriteOnce"], "storageClassName": "none",
            "resources": {"requests": {"storage": "1Gi"}},
        }}),
        ("", "persistentvolumes") => json!({"spec": {
            "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "none",
            "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": "/"},
        }}),
        ("", "replicationcontrollers") => json!({
            "spec": {"replicas": 1, "selector": labels, "template": template(name, "Always")},
        }),
        ("", "resourcequotas") => json!({"spec": {"hard": {"count/widgets.example.com": "5"}}}),
        ("", "limitranges") => json!({"spec": {"limits": [{"type": "Pod", "max": {"memory": "64Gi"}}]}}),
        ("", "events") => json!({
            "involvedObject": {"kind": "Pod", "name": "a", "namespace": namespace}, "reason": "Replay",
        }),
        ("apps", "deployments" | "replicasets") => json!({"spec": {
            "replicas": 1, "selector": {"matchLabels": labels}, "template": template(name, "Always"),
        }}),
        ("apps", "statefulsets") => json!({"spec": {
            "replicas": 1, "serviceName": name, "selector": {"matchLabels": labels},
            "template": template(name, "Always"),
        }}),
        ("apps", "daemonsets") => {
            json!({"spec": {"selector": {"matchLabels": labels}, "template": template(name, "Always")}})
        }
        ("apps", "controllerrevisions") => json!({"revision": 1, "data": {"image": "a.example/a"}}),
        ("batch", "jobs") => json!({"spec": {"template": template(name, "Never")}}),
        ("batch", "cronjobs") => json!({"spec": {
            "schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": template(name, "Never")}},
        }}),
        ("autoscaling", "horizontalpodautoscalers") => json!({"spec": {
            "maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"},
        }}),
        ("networking.k8s.io", "networkpolicies") => json!({"spec": {"podSelector": {}}}),
        ("networking.k8s.io", "ingresses") => json!({"spec": {
            "defaultBackend": {"service": {"name": "a", "port": {"number": 80}}},
        }}),
        ("networking.k8s.io", "ingressclasses") => json!({"spec": {"controller": "example.com/c"}}),
        ("networking.k8s.io", "ipaddresses") => json!({"spec": {"parentRef": {
            "resource": "services", "namespace": "default", "name": "kubernetes",
        }}}),
        ("networking.k8s.io", "servicecidrs") => json!({"spec": {"cidrs": ["10.97.0.0/24"]}}),
        ("discovery.k8s.io", "endpointslices") => {
            json!({"addressType": "IPv4", "endpoints": [{"addresses": ["192.0.2.1"]}], "ports": []})
        }
        ("storage.k8s.io", "storageclasses") => json!({"provisioner": "example.com/p"}),
        ("storage.k8s.io", "csidrivers") => json!({"spec": {}}),
        ("storage.k8s.io", "volumeattributesclasses") => {
            json!({"driverName": "d.example.com", "parameters": {"a": "b"}})
        }
        ("storage.k8s.io", "csinodes") => json!({"spec": {"drivers": []}}),
        ("storage.k8s.io", "volumeattachments") => json!({"spec": {
            "attacher": "a.example.com", "nodeName": "node-1", "source": {"persistentVolumeName": "a"},
        }}),
        ("storage.k8s.io", "csistoragecapacities") => json!({"storageClassName": "a"}),
        ("node.k8s.io", "runtimeclasses") => json!({"handler": "runc"}),
        ("scheduling.k8s.io", "priorityclasses") => json!({"value": 1000}),
        ("flowcontrol.apiserver.k8s.io", "flowschemas") => json!({"spec": {
            "matchingPrecedence": 9000, "priorityLevelConfiguration": {"name": "workload-low"},
        }}),
        ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations") => json!({"spec": {
            "type": "Limited", "limited": {"nominalConcurrencyShares": 1, "limitResponse": {"type": "Reject"}},
        }}),
        ("rbac.authorization.k8s.io", "roles" | "clusterroles") => json!({"rules": []}),
        ("rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings") => {
            json!({
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": EMPTY_ROLE},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "victim"}],
            })
        }
        ("admissionregistration.k8s.io", plural) => admission(plural, name),
        ("apiextensions.k8s.io", "customresourcedefinitions") => {
            let (plural, group) = name.split_once('.').unwrap_or((name, "example.com"));
            definition(group, plural, &format!("K{plural}"), "Namespaced")
        }
        ("apiregistration.k8s.io", "apiservices") => {
            let (version, group) = name.split_once('.').unwrap_or(("v1", name));
            json!({"spec": {
                "group": group, "version": version, "groupPriorityMinimum": 100, "versionPriority": 100,
                "insecureSkipTLSVerify": true, "service": {"namespace": "default", "name": "not-there"},
            }})
        }
        ("policy.networking.k8s.io", "adminnetworkpolicies") => json!({
            "spec": {"priority": 50, "subject": {"namespaces": {"matchLabels": {"not": "there"}}}},
        }),
        ("gateway.networking.k8s.io", "httproutes") => json!({"spec": {"hostnames": ["a.example.com"]}}),
        ("policy", "poddisruptionbudgets") => json!({"spec": {"selector": {"matchLabels": labels}}}),
        ("gateway.networking.k8s.io", "referencegrants") => json!({"spec": {
            "from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "other"}],
            "to": [{"group": "", "kind": "Service"}],
        }}),
        ("certificates.k8s.io", _) => bail!("a request for a certificate is made by hand"),
        _ => json!({"metadata": {}}),
    })
}

/// What stands in the way of writing, or changes what is written. It is about nothing but what carries a label with its
/// name.
fn admission(plural: &str, name: &str) -> Value {
    let rules = json!([{
        "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps", "pods"],
    }]);
    let selector = json!({"matchLabels": {PROBE: name}});
    match plural {
        "mutatingwebhookconfigurations" | "validatingwebhookconfigurations" => json!({"webhooks": [{
            "name": "w.example.com", "clientConfig": {"url": "https://127.0.0.1:9/"}, "timeoutSeconds": 1,
            "rules": rules, "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "objectSelector": selector,
        }]}),
        "mutatingadmissionpolicies" => json!({"spec": {
            "reinvocationPolicy": "Never",
            "matchConstraints": {"resourceRules": rules, "objectSelector": selector},
            "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": {"expression":
                "Object{metadata: Object.metadata{labels: Object.metadata.labels{rewritten: \"true\"}}}"}}],
        }}),
        "validatingadmissionpolicies" => json!({"spec": {
            "matchConstraints": {"resourceRules": rules, "objectSelector": selector},
            "validations": [{"expression": "false"}],
        }}),
        "validatingadmissionpolicybindings" => {
            json!({"spec": {"policyName": "not-there", "validationActions": ["Deny"]}})
        }
        _ => json!({"spec": {"policyName": "not-there"}}),
    }
}

/// A change of what an object says: a JSON Merge Patch, and the text that the object then holds.
pub(crate) fn change(resource: &Resource, mark: &str) -> (Value, String) {
    let evil = format!("{mark}.example/evil");
    let containers = json!([{"name": "a", "image": evil, "securityContext": {
        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
    }}]);
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("apps", "deployments" | "replicasets" | "daemonsets" | "statefulsets")
        | ("", "replicationcontrollers") => {
            (json!({"spec": {"template": {"spec": {"containers": containers}}}}), evil)
        }
        ("batch", "cronjobs") => (
            json!({"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": containers}}}}}}),
            evil,
        ),
        ("", "configmaps" | "secrets") => {
            (json!({"metadata": {"labels": {"changed": mark}}, "data": {mark: "YQ=="}}), mark.to_owned())
        }
        ("", "services") => (json!({"spec": {"selector": {"app": mark}}}), mark.to_owned()),
        ("networking.k8s.io", "networkpolicies") => {
            (json!({"spec": {"podSelector": {"matchLabels": {"app": mark}}}}), mark.to_owned())
        }
        ("", "persistentvolumes") => {
            (json!({"spec": {"claimRef": {"namespace": "default", "name": mark}}}), mark.to_owned())
        }
        ("", "nodes") => (
            json!({"metadata": {"labels": {"pool": mark}}, "spec": {"unschedulable": true}}),
            mark.to_owned(),
        ),
        ("", "namespaces") => (json!({"metadata": {"labels": {"environment": mark}}}), mark.to_owned()),
        _ => (json!({"metadata": {"annotations": {"changed": mark}}}), mark.to_owned()),
    }
}
