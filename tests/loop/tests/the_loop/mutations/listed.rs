//! What can be taken away or made weaker without being seen, each with the reason. An entry that nothing needs fails.

use serde_json::Value;

/// Why nothing is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// The other side's policies close the way too: with all of them gone, it is found.
    OtherSide,
    /// Policies beside it close the way too: with all others of the cluster gone, it is found.
    BesideIt,
    /// NetworkPolicies close the way too: where they let everything through and the other side has no policy of the administrator,
    /// it is found.
    FirstFence,
    /// It is no wall of a channel that is examined.
    NoWall(&'static str),
}

/// A weakening that is not found.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The promise that the object serves, as it says itself.
    promise: &'static str,
    /// Its kind; `*` for any.
    kind: &'static str,
    /// Its name, or the start of it before a `*`.
    name: &'static str,
    /// What was done to it; `*` for anything.
    what: &'static str,
    /// Why nothing is found.
    pub(crate) why: Why,
}

const fn listed(promise: &'static str, [kind, name, what]: [&'static str; 3], why: Why) -> Listed {
    Listed { promise, kind, name, what, why }
}

const NOT_EXAMINED: Why = Why::NoWall("capacity is not examined yet");
const RUNS: Why = Why::NoWall("it is something that runs, and holds nothing back");
const ROUTE: Why = Why::NoWall("it leads in from outside, and what it leads to stays open to its proxy");
const WARNS: Why = Why::NoWall("it warns people, and refuses nothing");
const NEWEST: Why = Why::NoWall("without a version the level is that of the server, which asks no less");
const ADDS_UP: Why = Why::NoWall("rights only add up: without it, somebody may do less");
const FORWARDS_NOTHING: Why = Why::NoWall("it is about pods of neither side, which forward nothing");
const OWN_PROXY: Why = Why::NoWall("it is about a proxy that goes where its own environment sends it");
const INSIDE: Why = Why::NoWall("it is about pods of the environment itself");
const OUTSIDE: Why = Why::NoWall("it is about addresses outside of the clusters");
const POD_SECURITY: Why = Why::NoWall("Pod Security refuses the same");
const NOTHING_SHARED: Why = Why::NoWall(
    "it bounds what proxies of both sides carry, and here each side has its own: see `shared.rs`",
);

/// All of them.
pub(crate) const LISTED: &[Listed] = &[
    listed("capacity", ["*", "*", "gone"], NOT_EXAMINED),
    listed("network", ["ValidatingAdmissionPolicy*", "watertight-privileged-*", "*"], POD_SECURITY),
    listed("network", ["ValidatingAdmissionPolicy*", "watertight-services-*", "*"], NOTHING_SHARED),
    listed("api", ["ValidatingAdmissionPolicy*", "*", "*"], NOTHING_SHARED),
    listed("workload", ["*", "*", "gone"], RUNS),
    listed("must-reach", ["Ingress", "*", "gone"], ROUTE),
    listed("network", ["Namespace", "*", "without warn*"], WARNS),
    listed("network", ["Namespace", "*", "warn*"], WARNS),
    listed("network", ["Namespace", "*", "without enforce-version"], NEWEST),
    listed("api", ["RoleBinding", "*", "gone"], ADDS_UP),
    listed("api", ["Role", "*", "create on networkpolicies"], Why::OtherSide),
    listed("network", ["NetworkPolicy", "default-deny", "gone"], Why::BesideIt),
    listed("network", ["NetworkPolicy", "default-deny", "podSelector: nobody"], Why::BesideIt),
    listed("network", ["NetworkPolicy", "default-deny", "policyTypes without *"], Why::BesideIt),
    // Rules add up, so that what one policy lets pass no other takes back: only the other side does.
    listed("network", ["NetworkPolicy", "default-deny", "ingress: *"], Why::OtherSide),
    listed("network", ["NetworkPolicy", "default-deny", "egress: *"], Why::OtherSide),
    listed("network", ["NetworkPolicy", "allow-environment", "ingress: *"], Why::OtherSide),
    listed("network", ["NetworkPolicy", "allow-environment", "egress: *"], Why::OtherSide),
    listed("network", ["NetworkPolicy", "allow-dns", "egress: all ports"], FORWARDS_NOTHING),
    listed("network", ["NetworkPolicy", "allow-dns", "egress: any podSelector"], FORWARDS_NOTHING),
    listed("network", ["NetworkPolicy", "allow-dns", "egress: *"], Why::OtherSide),
    listed("network", ["NetworkPolicy", "allow-egress", "egress: all ports"], OUTSIDE),
    listed("network", ["NetworkPolicy", "allow-egress", "egress: *"], Why::OtherSide),
    listed("network", ["ClusterNetworkPolicy", "*", "ingress: pass-ingress-controller accepts"], OWN_PROXY),
    listed("network", ["ClusterNetworkPolicy", "*", "egress: pass-environment accepts"], INSIDE),
    listed("network", ["ClusterNetworkPolicy", "*", "egress: pass-dns accepts"], FORWARDS_NOTHING),
    listed("network", ["ClusterNetworkPolicy", "*", "egress: pass-dns at all ports"], FORWARDS_NOTHING),
    listed("network", ["ClusterNetworkPolicy", "*", "egress: pass-outside accepts"], OUTSIDE),
    listed("network", ["ClusterNetworkPolicy", "*", "egress: without deny-outside"], OUTSIDE),
    // What it accepts is asked of no policy of its own side any more.
    listed("network", ["ClusterNetworkPolicy", "*", "egress: deny-others accepts"], Why::OtherSide),
    listed("network", ["ClusterNetworkPolicy", "*", "egress: deny-outside accepts"], Why::OtherSide),
    listed("network", ["ClusterNetworkPolicy", "*", "egress: Accept everything"], Why::OtherSide),
    listed("network", ["ClusterNetworkPolicy", "*", "*"], Why::FirstFence),
    listed("must-reach", ["NetworkPolicy", "allow-routes-*", "ingress: all ports"], OWN_PROXY),
    listed("must-reach", ["NetworkPolicy", "allow-routes-*", "ingress: *"], Why::OtherSide),
    listed("must-reach", ["NetworkPolicy", "allow-stores-*", "egress: all ports"], OUTSIDE),
    listed("must-reach", ["NetworkPolicy", "allow-stores-*", "egress: *"], Why::OtherSide),
];

impl Listed {
    /// Whether it is about this.
    pub(crate) fn is_about(&self, object: &Value, what: &str) -> bool {
        let promise = object["metadata"]["annotations"]["watertight.dev/promise"].as_str();
        let kind = object["kind"].as_str().unwrap();
        let name = object["metadata"]["name"].as_str().unwrap();
        self.is_compiled(object)
            && promise == Some(self.promise)
            && fits(self.kind, kind)
            && fits(self.name, name)
            && fits(self.what, what)
    }

    /// Whether an object is one of those that it is about, whatever is done to it.
    pub(crate) fn is_compiled(&self, object: &Value) -> bool {
        object["metadata"]["annotations"]["watertight.dev/promise"] == self.promise
            && fits(self.kind, object["kind"].as_str().unwrap())
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => text == pattern,
    }
}
