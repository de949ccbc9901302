//! What stands for the stars in rights: requests of which the proof says the same as of any other that they mean.

use crate::replay::rights::Deed;

/// Verb, group, and resource with what is below it behind a slash.
type Deeds = &'static [(&'static str, &'static str, &'static str)];

/// What stands for the stars in the rights of each rule.
const USUAL: &[(&str, Deeds)] = &[
    ("create-pods", &[("create", "", "pods")]),
    ("exec-into-pods", &[("create", "", "pods/exec")]),
    ("exec-by-get", &[("get", "", "pods/exec"), ("get", "", "pods/attach")]),
    ("attach-to-pods", &[("create", "", "pods/attach")]),
    (
        "add-ephemeral-containers",
        &[("patch", "", "pods/ephemeralcontainers"), ("update", "", "pods/ephemeralcontainers")],
    ),
    ("change-pods", &[("patch", "", "pods"), ("update", "", "pods")]),
    ("forward-ports", &[("create", "", "pods/portforward"), ("get", "", "pods/portforward")]),
    (
        "proxy-to-pods",
        &[
            ("get", "", "pods/proxy"),
            ("create", "", "services/proxy"),
            ("update", "", "pods/proxy"),
            ("patch", "", "pods/proxy"),
            ("delete", "", "services/proxy"),
        ],
    ),
    (
        "create-workloads",
        &[
            ("patch", "apps", "deployments"),
            ("create", "apps", "daemonsets"),
            ("update", "apps", "statefulsets"),
            ("patch", "apps", "replicasets"),
            ("create", "batch", "jobs"),
            ("update", "batch", "cronjobs"),
            ("patch", "", "replicationcontrollers"),
        ],
    ),
    (
        "create-custom-workloads",
        &[
            ("patch", "argoproj.io", "rollouts"),
            ("create", "", "podtemplates"),
            ("update", "argoproj.io", "clusterworkflowtemplates"),
        ],
    ),
    ("reach-kubelets", &[("create", "", "nodes/proxy"), ("get", "", "nodes/proxy")]),
    (
        "proxy-to-nodes",
        &[("patch", "", "nodes/proxy"), ("update", "", "nodes/proxy"), ("delete", "", "nodes/proxy")],
    ),
    ("change-nodes", &[("patch", "", "nodes"), ("delete", "", "nodes"), ("patch", "", "nodes/status")]),
    ("label-by-binding", &[("create", "", "pods/binding"), ("create", "", "bindings")]),
    ("bind-pods", &[("create", "", "bindings"), ("create", "", "pods/binding")]),
    ("create-volumes", &[("create", "", "persistentvolumes")]),
    ("rebind-volumes", &[("patch", "", "persistentvolumes"), ("update", "", "persistentvolumes")]),
    ("import-snapshots", &[("create", "snapshot.storage.k8s.io", "volumesnapshotcontents")]),
    ("read-secrets", &[("get", "", "secrets"), ("list", "", "secrets"), ("watch", "", "secrets")]),
    (
        "change-cluster-roles",
        &[
            ("patch", "rbac.authorization.k8s.io", "clusterroles"),
            ("delete", "rbac.authorization.k8s.io", "clusterrolebindings"),
            ("deletecollection", "rbac.authorization.k8s.io", "clusterroles"),
        ],
    ),
    (
        "mutating-webhooks",
        &[
            ("create", "admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
            ("patch", "admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
        ],
    ),
    (
        "validating-webhooks",
        &[
            ("create", "admissionregistration.k8s.io", "validatingwebhookconfigurations"),
            ("patch", "admissionregistration.k8s.io", "validatingwebhookconfigurations"),
        ],
    ),
    ("mutating-policies", &[("patch", "admissionregistration.k8s.io", "mutatingadmissionpolicies")]),
    (
        "admission-fence",
        &[
            ("delete", "admissionregistration.k8s.io", "validatingwebhookconfigurations"),
            ("patch", "admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
            ("create", "admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
            ("deletecollection", "admissionregistration.k8s.io", "validatingadmissionpolicies"),
        ],
    ),
    (
        "change-definitions",
        &[
            ("patch", "apiextensions.k8s.io", "customresourcedefinitions"),
            ("delete", "apiextensions.k8s.io", "customresourcedefinitions"),
        ],
    ),
    (
        "change-apiservices",
        &[
            ("create", "apiregistration.k8s.io", "apiservices"),
            ("patch", "apiregistration.k8s.io", "apiservices"),
        ],
    ),
    (
        "relabel-namespaces",
        &[
            ("patch", "", "namespaces"),
            ("patch", "", "namespaces/status"),
            ("update", "", "namespaces/finalize"),
        ],
    ),
    ("delete-namespaces", &[("delete", "", "namespaces")]),
    ("change-services", &[("patch", "", "services"), ("create", "", "services")]),
    ("change-endpoints", &[("create", "discovery.k8s.io", "endpointslices"), ("patch", "", "endpoints")]),
    (
        "change-ingresses",
        &[("patch", "networking.k8s.io", "ingresses"), ("patch", "networking.k8s.io", "ingresses/status")],
    ),
    ("change-routes", &[("patch", "gateway.networking.k8s.io", "httproutes")]),
    ("change-pod-status", &[("patch", "", "pods/status"), ("update", "", "pods/status")]),
    (
        "change-load-balancer-addresses",
        &[("patch", "", "services/status"), ("update", "", "services/status")],
    ),
    ("grant-references", &[("create", "gateway.networking.k8s.io", "referencegrants")]),
    (
        "delete-pods",
        &[("delete", "", "pods"), ("deletecollection", "", "pods"), ("create", "", "pods/eviction")],
    ),
    (
        "delete-workloads",
        &[
            ("delete", "apps", "deployments"),
            ("deletecollection", "batch", "jobs"),
            ("delete", "argoproj.io", "rollouts"),
        ],
    ),
    (
        "scale-workloads",
        &[
            ("patch", "apps", "deployments/scale"),
            ("update", "apps", "statefulsets/scale"),
            ("create", "autoscaling", "horizontalpodautoscalers"),
            ("delete", "autoscaling", "horizontalpodautoscalers"),
        ],
    ),
    ("resize-pods", &[("patch", "", "pods/resize"), ("update", "", "pods/resize")]),
    (
        "change-flow-control",
        &[
            ("create", "flowcontrol.apiserver.k8s.io", "flowschemas"),
            ("delete", "flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
        ],
    ),
    (
        "change-priorities",
        &[
            ("create", "scheduling.k8s.io", "priorityclasses"),
            ("delete", "scheduling.k8s.io", "priorityclasses"),
        ],
    ),
    (
        "change-quotas",
        &[
            ("patch", "", "resourcequotas"),
            ("create", "", "limitranges"),
            ("patch", "", "resourcequotas/status"),
        ],
    ),
    (
        "change-network-policies",
        &[
            ("create", "networking.k8s.io", "networkpolicies"),
            ("delete", "networking.k8s.io", "networkpolicies"),
            ("patch", "networking.k8s.io", "networkpolicies"),
            ("patch", "policy.networking.k8s.io", "adminnetworkpolicies"),
            ("delete", "policy.networking.k8s.io", "adminnetworkpolicies"),
        ],
    ),
    (
        "change-classes",
        &[
            ("create", "storage.k8s.io", "storageclasses"),
            ("delete", "networking.k8s.io", "ingressclasses"),
            ("patch", "node.k8s.io", "runtimeclasses"),
        ],
    ),
    (
        "change-objects",
        &[
            ("patch", "", "configmaps"),
            ("delete", "", "configmaps"),
            ("create", "", "configmaps"),
            ("deletecollection", "", "configmaps"),
            ("update", "", "configmaps"),
            ("create", "databases.example", "backups"),
            ("patch", "apps", "deployments/status"),
        ],
    ),
    (
        "change-cluster-objects",
        &[
            ("delete", "networking.k8s.io", "servicecidrs"),
            ("patch", "storage.k8s.io", "csinodes"),
            ("update", "storage.k8s.io", "volumeattachments"),
        ],
    ),
    (
        "read-objects",
        &[
            ("get", "", "configmaps"),
            ("list", "", "pods"),
            ("get", "apps", "deployments"),
            ("list", "", "services"),
        ],
    ),
    ("read-configmaps", &[("get", "", "configmaps"), ("list", "", "configmaps")]),
    (
        "read-environments",
        &[
            ("get", "", "pods"),
            ("list", "", "pods"),
            ("get", "apps", "deployments"),
            ("list", "apps", "deployments"),
            ("get", "apps", "replicasets"),
        ],
    ),
    (
        "system-config",
        &[("patch", "", "configmaps"), ("create", "", "configmaps"), ("delete", "", "configmaps")],
    ),
    (
        "system-leases",
        &[("patch", "coordination.k8s.io", "leases"), ("create", "coordination.k8s.io", "leases")],
    ),
    (
        "system-objects",
        &[("patch", "", "services"), ("create", "apps", "deployments"), ("delete", "", "services")],
    ),
];

/// What a rule is about, where a right does not spell it out.
pub(super) fn usual(rule: &str) -> Vec<Deed> {
    let deeds = USUAL.iter().filter(|(of, _)| *of == rule).flat_map(|(_, deeds)| *deeds);
    deeds.map(|(verb, group, resource)| Deed::new(verb, group, resource)).collect()
}
