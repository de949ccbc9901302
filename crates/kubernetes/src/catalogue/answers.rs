//! What whoever answers the API server comes to: the servers of webhooks, of API groups, and of conversions. No right is
//! needed for it but to run what answers.

use super::workloads::WORKLOADS;
use crate::primitive::{ActsAs, EVER, Primitive};
use std::ops::RangeInclusive;
use watertight_model::Gain;

/// What the answers of webhooks yield, by what they are about.
#[derive(Debug)]
pub struct Answer {
    /// Whether it takes a webhook that can change what it is asked about. To refuse it, any can.
    pub rewrites: bool,
    /// The requests that count.
    pub operations: &'static [&'static str],
    /// What it is asked about.
    pub about: About,
    /// What it yields.
    pub row: Primitive,
}

/// What a webhook is asked about.
#[derive(Debug, Clone, Copy)]
pub enum About {
    /// Any of these in a namespace.
    In(&'static [(&'static str, &'static str)]),
    /// Any objects in a namespace.
    Anything,
    /// The Namespace.
    Itself,
    /// Any of these, which live in none.
    OfCluster(&'static [(&'static str, &'static str)]),
    /// Any objects that live in none.
    AnythingOfCluster,
}

const FIX: &str = "serve it from a namespace of production or of neither side in which staging may change nothing, or give it a \
                   `namespaceSelector` that leaves production out, and rules with `scope: Namespaced`";

/// A row of the first of these rules.
const fn row(gain: Gain, does: &'static str, fix: &'static str) -> Primitive {
    Primitive {
        rule: "webhook-served-by-staging",
        needs: &[],
        gain,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does,
        fix,
    }
}

const fn rewrites(about: About, gain: Gain, does: &'static str) -> Answer {
    Answer { rewrites: true, operations: WRITES, about, row: row(gain, does, FIX) }
}

const fn sees(about: About, gain: Gain, does: &'static str) -> Answer {
    Answer { rewrites: false, operations: ALL, about, row: row(gain, does, FIX) }
}

/// The same in some versions.
const fn until(versions: RangeInclusive<u32>, answer: Answer) -> Answer {
    let Answer { rewrites, operations, about, row } = answer;
    let Primitive { rule, needs, gain, acts_as, does, fix, .. } = row;
    Answer { rewrites, operations, about, row: Primitive { rule, needs, gain, acts_as, versions, does, fix } }
}

/// The same of requests that are passed on to a pod or a node. What a webhook makes of them is passed on.
///
/// Source: `ConnectResource` of `pkg/endpoints/handlers/rest.go` of `k8s.io/apiserver`.
const fn passed_on(answer: Answer) -> Answer {
    let Answer { rewrites, about, row, .. } = answer;
    Answer { rewrites, operations: CONNECTS, about, row }
}

const WRITES: &[&str] = &["CREATE", "UPDATE"];
const ALL: &[&str] = &["CREATE", "UPDATE", "DELETE"];
const CONNECTS: &[&str] = &["CONNECT"];

/// The versions in which webhooks are asked about reviews. From 1.37 on they are not (feature
/// ExcludeAdmissionWebhookVirtualResources, `pkg/features/kube_features.go` of `k8s.io/apiserver`).
const ASKS_ABOUT_REVIEWS: RangeInclusive<u32> = 0..=36;

/// Requests about pods, which store no object of their own, and those for the tokens that pods have.
pub const ABOUT_PODS: &[(&str, &str)] =
    &[("", "bindings"), ("", "pods/binding"), ("", "pods/eviction"), ("", "serviceaccounts/token")];

/// What opens a connection to a pod, passed on by the API server.
pub const TO_PODS: &[(&str, &str)] = &[
    ("", "pods/attach"),
    ("", "pods/exec"),
    ("", "pods/portforward"),
    ("", "pods/proxy"),
    ("", "services/proxy"),
];

const CERTIFICATES: &[(&str, &str)] = &[
    ("certificates.k8s.io", "certificatesigningrequests"),
    ("certificates.k8s.io", "certificatesigningrequests/approval"),
    ("certificates.k8s.io", "certificatesigningrequests/status"),
];
const TOKEN_REVIEWS: &[(&str, &str)] = &[("authentication.k8s.io", "tokenreviews")];
const ACCESS_REVIEWS: &[(&str, &str)] = &[("authorization.k8s.io", "subjectaccessreviews")];
const OWN_REVIEWS: &[(&str, &str)] = &[
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authorization.k8s.io", "subjectaccessreviews"),
];
const LOCAL_REVIEWS: &[(&str, &str)] = &[("authorization.k8s.io", "localsubjectaccessreviews")];

/// The worst first: of each place the first that fits is told.
pub const ANSWERS: &[Answer] = &[
    rewrites(
        About::OfCluster(&[
            ("rbac.authorization.k8s.io", "clusterroles"),
            ("rbac.authorization.k8s.io", "clusterrolebindings"),
        ]),
        Gain::GrantsRights,
        "rewrite ClusterRoles and their bindings while they are written, and so grant itself any right",
    ),
    until(
        ASKS_ABOUT_REVIEWS,
        rewrites(
            About::OfCluster(ACCESS_REVIEWS),
            Gain::GrantsRights,
            "rewrite what other servers ask about rights, kubelets among them, and so be allowed anything by them",
        ),
    ),
    // What is reviewed is somebody's token, which works for whoever has it.
    until(
        ASKS_ABOUT_REVIEWS,
        sees(
            About::OfCluster(TOKEN_REVIEWS),
            Gain::ActsAsAnybody,
            "see the tokens that other servers have the API server review, and act as whose they are",
        ),
    ),
    // Who is asked for stays who asked for it, and the key is another one.
    rewrites(
        About::OfCluster(CERTIFICATES),
        Gain::MintsTokens,
        "put a key of its own into requests for certificates, and so get those of nodes and others",
    ),
    until(
        ASKS_ABOUT_REVIEWS,
        rewrites(
            About::In(LOCAL_REVIEWS),
            Gain::GrantsRights,
            "rewrite what other servers ask about rights in {}, and so be allowed anything by them",
        ),
    ),
    rewrites(
        About::In(&[("", "pods")]),
        Gain::RunsPods,
        "rewrite the pods of {} while they are written, and so run any code in them",
    ),
    rewrites(
        About::In(WORKLOADS),
        Gain::RunsPods,
        "rewrite the workloads of {} while they are written, and so run any code in their pods",
    ),
    rewrites(
        About::In(&[("rbac.authorization.k8s.io", "roles"), ("rbac.authorization.k8s.io", "rolebindings")]),
        Gain::GrantsRights,
        "rewrite the Roles and RoleBindings of {} while they are written, and so grant itself any right there",
    ),
    passed_on(rewrites(
        About::In(&[("", "pods/exec")]),
        Gain::EntersPods,
        "rewrite the commands that are run in the pods of {}",
    )),
    // An object that is deleted is shown too.
    sees(
        About::In(&[("", "secrets")]),
        Gain::ReadsSecrets,
        "see the Secrets of {} while they are written, and refuse them",
    ),
    rewrites(
        About::In(&[("networking.k8s.io", "networkpolicies")]),
        Gain::ChangesFence,
        "rewrite the network policies of {} while they are written",
    ),
    rewrites(About::Itself, Gain::RelabelsNamespace, "rewrite the labels of {} while it is written"),
    rewrites(
        About::In(&[("", "bindings"), ("", "pods/binding")]),
        Gain::MovesPods,
        "choose the nodes of the pods of {} while they are bound",
    ),
    rewrites(About::Anything, Gain::ChangesObjects, "rewrite objects of {} while they are written"),
    sees(
        About::In(&[("", "pods")]),
        Gain::StopsPods,
        "see the pods of {} while they are written, and refuse them",
    ),
    sees(
        About::In(WORKLOADS),
        Gain::StopsPods,
        "see the workloads of {} while they are written, and refuse them",
    ),
    sees(
        About::In(ABOUT_PODS),
        Gain::StopsPods,
        "refuse that the pods of {} are bound to nodes, get tokens, or are moved elsewhere",
    ),
    passed_on(sees(
        About::In(TO_PODS),
        Gain::ChangesObjects,
        "see and refuse the commands and connections that go to the pods of {}",
    )),
    until(
        ASKS_ABOUT_REVIEWS,
        sees(
            About::In(LOCAL_REVIEWS),
            Gain::ChangesObjects,
            "refuse what other servers ask about rights in {}",
        ),
    ),
    sees(About::Anything, Gain::ChangesObjects, "see objects of {} while they are written, and refuse them"),
    sees(About::Itself, Gain::ChangesObjects, "refuse changes of {} itself"),
    sees(
        About::OfCluster(CERTIFICATES),
        Gain::ChangesObjects,
        "see and refuse the certificates of nodes and others",
    ),
    passed_on(sees(
        About::OfCluster(&[("", "nodes/proxy")]),
        Gain::ChangesObjects,
        "see and refuse what goes to the kubelets of all nodes",
    )),
    until(
        ASKS_ABOUT_REVIEWS,
        sees(
            About::OfCluster(OWN_REVIEWS),
            Gain::ChangesObjects,
            "refuse what others ask about their rights and those of others",
        ),
    ),
    sees(
        About::AnythingOfCluster,
        Gain::ChangesObjects,
        "see objects of the whole cluster on which production may depend while they are written, and refuse them",
    ),
];

/// What the server of an API group comes to. The aggregator tells it who asks, and no credential of theirs.
pub const GROUP: Primitive = Primitive {
    rule: "api-served-by-staging",
    ..row(
        Gain::TakesTraffic,
        "answer everybody who asks for that group of the API, and hold up the deletion of every namespace",
        "serve it from a namespace of production or of neither side in which staging may change nothing",
    )
};

/// What the server of conversions comes to.
pub const CONVERSION: Primitive = Primitive {
    rule: "conversion-served-by-staging",
    ..row(
        Gain::ChangesObjects,
        "read and rewrite every object of that kind, in every namespace, whenever it is converted",
        "serve it from a namespace of production or of neither side in which staging may change nothing",
    )
};

const CUT_FIX: &str =
    "let nobody of staging change Services, endpoints, workloads or network policies where it is served";

/// What comes of a webhook without an answer if it has the request refused,
pub const CUT_CLOSED: Primitive = Primitive {
    rule: "extension-cut-off",
    ..row(
        Gain::StopsPods,
        "cut off the webhook, without whose answer nothing that it is about is written in {}",
        CUT_FIX,
    )
};

/// and if it is passed over then.
pub const CUT_OPEN: Primitive = Primitive {
    rule: "extension-cut-off",
    ..row(
        Gain::ChangesFence,
        "cut off the webhook, which is passed over then (`failurePolicy: Ignore`), in {}",
        CUT_FIX,
    )
};

/// What comes of a group of the API or of a conversion that nobody answers for.
pub const CUT_GROUP: Primitive = Primitive {
    rule: "extension-cut-off",
    ..row(
        Gain::ChangesObjects,
        "cut off the server, without which nobody reads or writes those objects",
        CUT_FIX,
    )
};
