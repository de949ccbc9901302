//! The shape of amounts: what a container asks for and may take, and what all of an environment may.

use crate::shape::{Field, Object, Shape};

/// Objects that a quota counts, as `count/RESOURCE` and the older names of ResourceQuota say them: whatever the role `edit` creates. Sorted.
///
/// Source: <https://kubernetes.io/docs/concepts/policy/resource-quotas/#object-count-quota>.
pub const OBJECT_COUNTS: [&str; 20] = [
    "configmaps",
    "cronjobs.batch",
    "daemonsets.apps",
    "deployments.apps",
    "grpcroutes.gateway.networking.k8s.io",
    "horizontalpodautoscalers.autoscaling",
    "httproutes.gateway.networking.k8s.io",
    "ingresses.networking.k8s.io",
    "jobs.batch",
    "leases.coordination.k8s.io",
    "persistentvolumeclaims",
    "poddisruptionbudgets.policy",
    "pods",
    "replicasets.apps",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
    "statefulsets.apps",
    "tlsroutes.gateway.networking.k8s.io",
];

const COUNT: Shape = Shape::Integer { min: 0, max: 1_000_000 };

pub(super) const RESOURCES: Object = Object {
    name: "Resources",
    noun: "resources",
    about: "Amounts of what pods take, written as in Kubernetes.",
    fields: &[
        Field::optional("cpu", Shape::Quantity, "Cores, such as `500m`."),
        Field::optional("memory", Shape::Quantity, "Bytes of memory, such as `512Mi`."),
        Field::optional("ephemeral-storage", Shape::Quantity, "Bytes on the node's disk, such as `1Gi`."),
    ],
    one_of: &[],
    needs: &[],
};

/// What a container asks for and may take.
pub(super) const REQUIREMENTS: Object = Object {
    name: "ResourceRequirements",
    noun: "resources",
    about: "What a container asks for and may take.",
    fields: &[
        Field::default(
            "requests",
            Shape::Object(&RESOURCES),
            "What each pod is sure to get.",
            "`limits.defaultRequest` of the environment, resource by resource",
        ),
        Field::default(
            "limits",
            Shape::Object(&RESOURCES),
            "What each pod may take at most.",
            "`limits.default` of the environment, resource by resource",
        ),
    ],
    one_of: &[],
    needs: &[],
};

pub(super) const QUOTA: Object = Object {
    name: "Quota",
    noun: "quota",
    about: "What all pods of a namespace may take together: a ResourceQuota. Each namespace of an environment gets it.",
    fields: &[
        Field::default(
            "requests",
            Shape::Object(&RESOURCES),
            "What all pods may ask for.",
            "outside production 4 cores, 8Gi of memory and 20Gi of ephemeral storage: one node of usual size",
        ),
        Field::default(
            "limits",
            Shape::Object(&RESOURCES),
            "What all pods may take at most.",
            "outside production twice the default of the requests",
        ),
        Field::default(
            "storage",
            Shape::Quantity,
            "Bytes that all PersistentVolumeClaims may ask for.",
            "outside production `100Gi`",
        ),
        Field::default(
            "objects",
            Shape::Object(&COUNTS),
            "How many objects of a sort there may be.",
            "outside production what is listed there",
        ),
    ],
    one_of: &[],
    needs: &[],
};

const COUNTS: Object = Object {
    name: "ObjectCounts",
    noun: "objects",
    about: "How many objects of a sort there may be in a namespace. The sorts are named as in a ResourceQuota.",
    fields: &[
        Field::default("configmaps", COUNT, "ConfigMaps.", "outside production 100"),
        Field::default("cronjobs.batch", COUNT, "CronJobs.", "outside production 20"),
        Field::default("daemonsets.apps", COUNT, "DaemonSets.", "outside production 10"),
        Field::default("deployments.apps", COUNT, "Deployments.", "outside production 50"),
        Field::default("grpcroutes.gateway.networking.k8s.io", COUNT, "GRPCRoutes.", "outside production 50"),
        Field::default(
            "horizontalpodautoscalers.autoscaling",
            COUNT,
            "HorizontalPodAutoscalers.",
            "outside production 50",
        ),
        Field::default("httproutes.gateway.networking.k8s.io", COUNT, "HTTPRoutes.", "outside production 50"),
        Field::default("ingresses.networking.k8s.io", COUNT, "Ingresses.", "outside production 50"),
        Field::default("jobs.batch", COUNT, "Jobs.", "outside production 100"),
        Field::default(
            "leases.coordination.k8s.io",
            COUNT,
            "Leases, by which replicas agree on one of them.",
            "outside production 50",
        ),
        Field::default("persistentvolumeclaims", COUNT, "PersistentVolumeClaims.", "outside production 20"),
        Field::default(
            "poddisruptionbudgets.policy",
            COUNT,
            "PodDisruptionBudgets.",
            "outside production 50",
        ),
        Field::default("pods", COUNT, "Pods.", "outside production 100"),
        Field::default(
            "replicasets.apps",
            COUNT,
            "ReplicaSets: a Deployment keeps those of ten older versions.",
            "outside production 600",
        ),
        Field::default("secrets", COUNT, "Secrets.", "outside production 100"),
        Field::default("services", COUNT, "Services.", "outside production 50"),
        Field::default(
            "services.loadbalancers",
            COUNT,
            "Services of the type LoadBalancer, each with an address of its own.",
            "outside production 0",
        ),
        Field::default(
            "services.nodeports",
            COUNT,
            "Services of the type NodePort, each with a port on all nodes.",
            "outside production 0",
        ),
        Field::default("statefulsets.apps", COUNT, "StatefulSets.", "outside production 50"),
        Field::default("tlsroutes.gateway.networking.k8s.io", COUNT, "TLSRoutes.", "outside production 50"),
    ],
    one_of: &[],
    needs: &[],
};

pub(super) const LIMITS: Object = Object {
    name: "Limits",
    noun: "limits",
    about: "What one container gets and may take: a LimitRange of the type `Container`.",
    fields: &[
        Field::default(
            "default",
            Shape::Object(&RESOURCES),
            "The limits of a container that has none.",
            "500m, 512Mi and 1Gi of ephemeral storage",
        ),
        Field::default(
            "defaultRequest",
            Shape::Object(&RESOURCES),
            "The requests of a container that has none.",
            "100m, 128Mi and 256Mi of ephemeral storage",
        ),
        Field::optional("max", Shape::Object(&RESOURCES), "What no container may take more of."),
    ],
    one_of: &[],
    needs: &[],
};
