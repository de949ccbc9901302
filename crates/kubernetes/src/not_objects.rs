//! What is no object although rules name it, and definitions of which it is known where their objects live.

/// What looks like an object or a part of one, and is a request or a note: it changes nothing that anybody owns, or a row
/// of its own says what it yields.
pub const NOT_OBJECTS: &[(&str, &str)] = &[
    ("", "bindings"),
    ("", "events"),
    ("events.k8s.io", "events"),
    ("", "pods/attach"),
    ("", "pods/binding"),
    ("", "pods/eviction"),
    ("", "pods/exec"),
    ("", "pods/portforward"),
    ("", "pods/proxy"),
    ("", "services/proxy"),
    ("", "nodes/proxy"),
    ("", "serviceaccounts/token"),
    ("", "componentstatuses"),
    ("", "namespaces"),
    ("", "namespaces/finalize"),
    ("", "namespaces/status"),
    ("certificates.k8s.io", "certificatesigningrequests"),
    ("certificates.k8s.io", "certificatesigningrequests/approval"),
    ("certificates.k8s.io", "certificatesigningrequests/status"),
];

/// Subresources that only say something about an object, in whatever group, or that nobody serves.
pub const PARTS_THAT_TELL: &[&str] = &["status", "scale", "log", "finalizers"];

/// Subresources of well-known projects that a `get` only reads.
///
/// Source: the ClusterRole `kubevirt.io:view` of KubeVirt.
pub const PARTS_THAT_READ: &[(&str, &str)] = &[
    ("subresources.kubevirt.io", "virtualmachineinstances/filesystemlist"),
    ("subresources.kubevirt.io", "virtualmachineinstances/guestosinfo"),
    ("subresources.kubevirt.io", "virtualmachineinstances/objectgraph"),
    ("subresources.kubevirt.io", "virtualmachineinstances/userlist"),
    ("subresources.kubevirt.io", "virtualmachines/expand-spec"),
    ("subresources.kubevirt.io", "virtualmachines/objectgraph"),
];

/// Groups that other servers answer for with measurements alone.
pub const OF_METRICS: &[&str] = &["metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io"];

/// Definitions of well-known projects that live in no namespace, wherever the input does not hold them.
pub const IN_NO_NAMESPACE: &[(&str, &str)] = &[
    ("snapshot.storage.k8s.io", "volumesnapshotclasses"),
    ("snapshot.storage.k8s.io", "volumesnapshotcontents"),
    ("groupsnapshot.storage.k8s.io", "volumegroupsnapshotclasses"),
    ("groupsnapshot.storage.k8s.io", "volumegroupsnapshotcontents"),
];

/// Groups of reviews alone, which store nothing.
pub const OF_REVIEWS: &[&str] = &["authentication.k8s.io", "authorization.k8s.io"];
