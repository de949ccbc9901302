//! A certificate as it is written: `watertight.dev/certificate/v1`, as `schemas/certificate-v1.schema.json` has it.
//!
//! What is not known here is refused, and not passed over: a field that nobody checks proves nothing.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The value of `schema`.
pub(crate) const SCHEMA: &str = "watertight.dev/certificate/v1";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Certificate {
    pub(crate) schema: String,
    pub(crate) tool: Tool,
    /// Which rules it was written by.
    pub(crate) rules: u32,
    pub(crate) input_digest: String,
    /// The namespace of objects that name none.
    pub(crate) default_namespace: String,
    pub(crate) profile: Profile,
    pub(crate) from: Environment,
    pub(crate) to: Environment,
    /// Users and groups that were said to be of neither: `user:NAME`, `group:NAME`.
    #[serde(default)]
    pub(crate) elsewhere: Vec<String>,
    /// The kinds that are taken as harmless, each with why.
    pub(crate) accepted: Vec<Accepted>,
    /// Whether what is of lesser rank counts too.
    #[serde(default)]
    pub(crate) strict: bool,
    pub(crate) assumptions: Vec<Assumption>,
    pub(crate) channels: Vec<Channel>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) version: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) points: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Environment {
    pub(crate) name: String,
    /// What `--env` said of it.
    pub(crate) selectors: Vec<String>,
    /// What `--principal` said of it: `user:NAME`, `group:NAME`.
    pub(crate) principals: Vec<String>,
    pub(crate) namespaces: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accepted {
    pub(crate) kind: String,
    pub(crate) reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assumption {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) check: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Channel {
    pub(crate) channel: String,
    pub(crate) facts: Vec<Fact>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Fact {
    /// Nothing gets from some pods into some namespaces in one way.
    Closed { source: String, way: String, to: Vec<String>, cases: Vec<Case> },
    /// A namespace has no pod, and policies leave it none.
    NoPods { namespace: String, cases: Vec<Case> },
    /// Nobody there is on the host network, or could be; where Pod Security admits it, policies refuse it.
    NoHostNetwork {
        namespaces: Vec<String>,
        #[serde(default)]
        refused: Vec<RefusedObject>,
    },
    /// No node dials a pod for a probe of a pod there, or could.
    NoDialedHost {
        namespaces: Vec<String>,
        #[serde(default)]
        refused: Vec<RefusedObject>,
    },
    /// No pod there is on a further network that the hostile side is on, or could be.
    NoSharedNetwork { namespaces: Vec<String> },
    /// A namespace that may get other labels gets none of some, but for those that it has: policies refuse them.
    KeepsLabels { namespace: String, refused: Vec<RefusedObject> },
    /// A proxy connects only to where objects say, and none that could come to be leads it elsewhere.
    CarriesNothing {
        proxy: String,
        #[serde(default)]
        refused: Vec<RefusedObject>,
    },
    /// The hostile side may act as somebody.
    ActsAs {
        kind: Kind,
        #[serde(default)]
        namespace: Option<String>,
        name: String,
        #[serde(default)]
        impersonated: bool,
    },
    /// It comes to what rights yield by a row of the catalogue: somewhere or, without a scope, everywhere, and for objects of
    /// these names or, without any, of every name.
    Gains { row: String, scope: Option<String>, names: BTreeSet<String> },
    /// Nobody can bring such an object about.
    Refused { object: RefusedObject },
}

/// An object of which some is known, and that admission policies refuse in every way in which it could come to be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusedObject {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) resource: String,
    pub(crate) namespace: String,
    pub(crate) fields: Vec<KnownField>,
    pub(crate) by: Vec<RefusedBy>,
}

/// What is known of a field. `*` in its path is some element of a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct KnownField {
    pub(crate) path: Vec<String>,
    /// It is one of these texts.
    #[serde(default)]
    pub(crate) one_of: Option<BTreeSet<String>>,
    /// It is a text that is none of these.
    #[serde(default)]
    pub(crate) other_than: Option<BTreeSet<String>>,
    #[serde(default)]
    pub(crate) is: Option<Word>,
}

/// What a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Word {
    Absent,
    /// There, with any fields.
    Object,
    /// A list without elements.
    Empty,
    True,
    /// Any element of a list.
    Anything,
}

/// What refuses it, in one way in which it could come to be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusedBy {
    /// `CREATE` or `UPDATE`.
    pub(crate) operation: String,
    #[serde(default)]
    pub(crate) subresource: String,
    pub(crate) policy: String,
    pub(crate) binding: String,
    /// The number of the validation that fails; without one, a match condition cannot be evaluated.
    #[serde(default)]
    pub(crate) validation: Option<usize>,
}

/// Pods of a namespace that cannot come to have labels of a part.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusedPods {
    pub(crate) of: OfPods,
    pub(crate) namespace: String,
    pub(crate) by: Vec<RefusedBy>,
    /// What refuses those of them without any labels: then `by` is about those with some.
    #[serde(default)]
    pub(crate) bare: Vec<RefusedBy>,
}

/// At which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OfPods {
    Source,
    Target,
}

/// What somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Kind {
    User,
    Group,
    ServiceAccount,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Case {
    /// Its number. The case 0 is the whole.
    pub(crate) case: usize,
    /// The policies that close all of it.
    #[serde(default)]
    pub(crate) closed_by: Option<Vec<Closer>>,
    /// The pods of it that cannot come to be: the policies close the rest.
    #[serde(default)]
    pub(crate) refused: Vec<RefusedPods>,
    /// By what it is cut in two.
    #[serde(default)]
    pub(crate) cut: Option<Cut>,
    /// The case of what meets that.
    #[serde(default)]
    pub(crate) yes: Option<usize>,
    /// The case of what does not.
    #[serde(default)]
    pub(crate) no: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Side {
    Egress,
    Ingress,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Closer {
    pub(crate) side: Side,
    pub(crate) kind: String,
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Cut {
    Labels { of: OfLabels, key: String, operator: Operator, values: Vec<String> },
    Addresses { of: OfAddresses, cidrs: Vec<String> },
    Ports { of: OfPorts, ports: BTreeMap<String, Vec<(u16, u16)>> },
    PortName { of: OfNames, name: String },
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OfLabels {
    Source,
    Target,
    SourceNamespace,
    TargetNamespace,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OfAddresses {
    Source,
    Target,
    DialedNode,
    ArrivalNode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OfPorts {
    Target,
    DialedNode,
}

/// Which policies ask for a port name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OfNames {
    NetworkPolicies,
    AdministratorsPolicies,
}
