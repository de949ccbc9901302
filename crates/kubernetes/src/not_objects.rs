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

/// Definitions of well-known projects that live in no namespace, wherever the input does not hold them.
pub const IN_NO_NAMESPACE: &[(&str, &str)] = &[
    ("snapshot.storage.k8s.io", "volumesnapshotclasses"),
    ("snapshot.storage.k8s.io", "volumesnapshotcontents"),
    ("groupsnapshot.storage.k8s.io", "volumegroupsnapshotclasses"),
    ("groupsnapshot.storage.k8s.io", "volumegroupsnapshotcontents"),
];

/// Groups of reviews alone, which store nothing.
pub const OF_REVIEWS: &[&str] = &["authentication.k8s.io", "authorization.k8s.io"];
