//! The shape of an environment.

use super::access::ACCESS;
use super::cluster::INGRESS;
use super::resources::{LIMITS, QUOTA};
use crate::formats::Format;
use crate::shape::{Field, Object, Shape, Words};

/// Ways to separate an environment.
pub(crate) const ISOLATION: Words = Words {
    words: &["namespace", "cluster"],
    later: &[("node", "nodes of its own for an environment are not compiled yet")],
};

/// Levels of the Pod Security Standards behind which a wall stands.
pub(crate) const POD_SECURITY: &[&str] = &["baseline", "restricted"];

/// Whether pods may take the place of others.
pub(crate) const PREEMPTION: &[&str] = &["PreemptLowerPriority", "Never"];

/// Who reaches whom in an environment.
const INSIDE: &[&str] = &["open", "declared"];

/// What goes over the wire.
pub(crate) const PROTOCOLS: &[&str] = &["TCP", "UDP", "SCTP"];

pub(super) const PORT: Shape = Shape::Integer { min: 1, max: 65535 };

pub(super) const ENVIRONMENT: Object = Object {
    name: "Environment",
    noun: "environment",
    about: "A named set of namespaces with those who may act in it, behind a wall.",
    fields: &[
        Field::required("name", Shape::Text(Format::Name), "Its name."),
        Field::default(
            "production",
            Shape::Boolean,
            "Whether it is production: its pods come first, and it has no quota unless one is given.",
            "true if the name is `production` or `prod`",
        ),
        Field::default(
            "cluster",
            Shape::Text(Format::Name),
            "Its cluster.",
            "the only cluster that no other environment has for itself; for the isolation `cluster` one of the environment's name, which is made as the only other one is",
        ),
        Field::default(
            "namespaces",
            Shape::List { of: &Shape::Text(Format::Name), min: 1, max: 100 },
            "Its namespaces.",
            "one of the environment's name",
        ),
        Field::default(
            "isolation",
            Shape::Word(ISOLATION),
            "How it is separated: by its namespaces in a shared cluster, or by a cluster of its own.",
            "`namespace`",
        ),
        Field::default(
            "inside",
            Shape::word(INSIDE),
            "Whether its pods reach each other: all of them, or those alone that `dependsOn` names, at their ports. An application reaches its own pods.",
            "`open`",
        ),
        Field::default(
            "podSecurity",
            Shape::word(POD_SECURITY),
            "The level of the Pod Security Standards that its namespaces enforce.",
            "`baseline`, without which a pod could use the node's network",
        ),
        Field::default(
            "quota",
            Shape::Object(&QUOTA),
            "What all its pods may take together.",
            "the defaults of its fields",
        ),
        Field::default(
            "limits",
            Shape::Object(&LIMITS),
            "What one container gets and may take.",
            "the defaults of its fields",
        ),
        Field::default(
            "priority",
            Shape::Object(&PRIORITY),
            "Whose pods come first where there is not room for all.",
            "the defaults of its fields",
        ),
        Field::optional("access", Shape::Object(&ACCESS), "Who may do something in it."),
        Field::default(
            "ingress",
            Shape::Object(&INGRESS),
            "Who serves its routes from outside. Two environments of a cluster that have routes each need one of their own.",
            "that of the cluster",
        ),
        Field::optional(
            "identity",
            Shape::Text(Format::Text),
            "The cloud identity as which its applications act, as the provider of its cluster names it: the ARN of a role (`eks`), the e-mail address of a service account (`gke`), a client ID (`aks`). No two environments have the same.",
        ),
        Field::optional(
            "egress",
            Shape::list(&Shape::Object(&EGRESS)),
            "What its pods may reach outside of the clusters. Without it, nothing.",
        ),
        Field::optional(
            "hosts",
            Shape::list(&Shape::Text(Format::Host)),
            "Hosts that its Ingresses and routes may name, beside those that its applications publish. Below `*.staging.example.com` is every host that ends so.",
        ),
        Field::default(
            "tolerations",
            Shape::list(&Shape::Text(Format::LabelKey)),
            "Keys of taints that its pods may tolerate, beside those of Kubernetes itself (`node.kubernetes.io/…`).",
            "none; in production any",
        ),
    ],
    one_of: &[],
    needs: &[],
};

const PRIORITY: Object = Object {
    name: "Priority",
    noun: "priority",
    about: "The PriorityClass of the environment's pods.",
    fields: &[
        Field::default(
            "value",
            Shape::Integer { min: -1_000_000_000, max: 1_000_000_000 },
            "The greater comes first. The bounds are those of a PriorityClass.",
            "1000 in production, else 0, which is what pods without a class have",
        ),
        Field::default(
            "preemptionPolicy",
            Shape::word(PREEMPTION),
            "Whether its pods may take the place of others.",
            "`PreemptLowerPriority` in production, else `Never`",
        ),
    ],
    one_of: &[],
    needs: &[],
};

const EGRESS: Object = Object {
    name: "Egress",
    noun: "egress rule",
    about: "Addresses outside of the clusters that pods may reach.",
    fields: &[
        Field::required("cidr", Shape::Text(Format::Cidr), "The addresses."),
        Field::optional(
            "except",
            Shape::list(&Shape::Text(Format::Cidr)),
            "Addresses among them that are left out.",
        ),
        Field::required("ports", Shape::some(&PORT), "The ports there."),
        Field::default("protocol", Shape::word(PROTOCOLS), "The protocol.", "`TCP`, as in a NetworkPolicy"),
    ],
    one_of: &[],
    needs: &[],
};
