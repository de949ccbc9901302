//! `prove` and `map` answer the same on what a cluster serves as on the files that were given to it.

use crate::answer::{Said, answer};
use crate::input::Input;
use anyhow::Result;
use watertight_model::Peer;

/// On which side something is said that the other does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Files,
    Dump,
}

/// Something that only one side can say, and why.
struct Difference {
    /// The reason, in one sentence.
    because: &'static str,
    covers: fn(Side, &Said) -> bool,
}

/// Reads both sides of an input, and holds them against each other.
async fn compare(input: Input, differences: &[Difference]) -> Result<()> {
    let files = answer(&input.files()?, input.from, input.to)?;
    let Some(dump) = input.dump().await? else { return Ok(()) };
    let dump = answer(&dump, input.from, input.to)?;
    let only_files = files.difference(&dump).map(|said| (Side::Files, said));
    let only_dump = dump.difference(&files).map(|said| (Side::Dump, said));
    let mut occurred = vec![false; differences.len()];
    let mut unlisted = Vec::new();
    for (side, (profile, said)) in only_files.chain(only_dump) {
        match differences.iter().position(|difference| (difference.covers)(side, said)) {
            Some(index) => occurred[index] = true,
            None => unlisted.push(format!("{side:?} alone say under {profile}: {said:?}")),
        }
    }
    let shown = unlisted.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(unlisted.is_empty(), "{} unlisted differences, such as\n{shown}", unlisted.len());
    for (difference, occurred) in differences.iter().zip(occurred) {
        assert!(occurred, "this difference does not occur any more: {}", difference.because);
    }
    assert!(dump.contains(&("conservative", Said::Verdict(input.verdict))), "it is not {}", input.verdict);
    assert!(dump.len() > 100, "only {} things are said", dump.len());
    Ok(())
}

#[tokio::test]
async fn the_leaky_shop_leaks_alike() -> Result<()> {
    compare(SHOP_LEAKY, &[FEWER_PLACES, FIXED_PLACES]).await
}

#[tokio::test]
async fn the_watertight_shop_is_isolated_live() -> Result<()> {
    compare(SHOP_WATERTIGHT, &[FEWER_PLACES, FIXED_PLACES]).await
}

#[tokio::test]
async fn online_boutique_comes_back() -> Result<()> {
    compare(ONLINE_BOUTIQUE, &[NODES, ADDRESSES, VERSION]).await
}

#[tokio::test]
async fn kube_prometheus_comes_back() -> Result<()> {
    compare(KUBE_PROMETHEUS, &[NODES, ADDRESSES, VERSION]).await
}

#[tokio::test]
async fn argo_cd_comes_back() -> Result<()> {
    compare(ARGO_CD, &[NODES, ADDRESSES, VERSION]).await
}

#[tokio::test]
async fn every_sort_of_workload_and_service_comes_back() -> Result<()> {
    compare(CORNERS, &[NODES, ADDRESSES, DONE, VERSION]).await
}

const SHOP_LEAKY: Input = Input {
    folders: &["examples/shop-leaky"],
    holds_nodes: true,
    afterwards: &[],
    from: "staging",
    to: "production",
    verdict: "breached",
};

const SHOP_WATERTIGHT: Input =
    Input { folders: &["examples/shop-watertight"], verdict: "isolated", ..SHOP_LEAKY };

const ONLINE_BOUTIQUE: Input = Input {
    folders: &["tests/control-plane/inputs/beside", "tests/corpus/online-boutique"],
    holds_nodes: false,
    afterwards: &[],
    from: "staging",
    to: "default",
    verdict: "breached",
};

const KUBE_PROMETHEUS: Input = Input {
    folders: &["tests/control-plane/inputs/beside", "tests/corpus/kube-prometheus"],
    to: "monitoring",
    ..ONLINE_BOUTIQUE
};

const ARGO_CD: Input =
    Input { folders: &["tests/control-plane/inputs/beside", "tests/corpus/argo-cd"], ..ONLINE_BOUTIQUE };

const CORNERS: Input = Input {
    folders: &["tests/control-plane/inputs/corners"],
    holds_nodes: false,
    // The first of two ReplicaSets stays, with no pods.
    afterwards: &[&["set", "image", "-n", "staging", "deployment/rolled", "main=registry.example/rolled:2"]],
    from: "staging",
    to: "production",
    verdict: "isolated",
};

/// The manifests of projects name no nodes.
const NODES: Difference = Difference {
    because: "a live cluster has nodes, and the manifests hold none",
    covers: |side, said| {
        side == Side::Dump && (is_edge(said, "may", is_node) || is_edge(said, "must", is_node))
    },
};

const ADDRESSES: Difference = Difference {
    because: "pods and nodes that are there show where pods get their addresses",
    covers: |side, said| side == Side::Dump && *said == Said::Assumption("pod-network".to_owned()),
};

const VERSION: Difference = Difference {
    because: "the nodes of a live cluster say which version it is",
    covers: |side, said| side == Side::Files && *said == Said::Assumption("pod-security-version".to_owned()),
};

const FEWER_PLACES: Difference = Difference {
    because: "a pod that runs shares the one node that it is on, and a pod to come may share any",
    covers: |side, said| side == Side::Files && is_edge(said, "may", is_node),
};

const FIXED_PLACES: Difference = Difference {
    because: "a node surely reaches the pods that run on it, and on which one a pod to come will be is open",
    covers: |side, said| side == Side::Dump && is_edge(said, "must", is_node),
};

const DONE: Difference = Difference {
    because: "a Job that is done makes no pod any more",
    covers: |side, said| {
        side == Side::Files && (is_edge(said, "may", is_job) || is_edge(said, "must", is_job))
    },
};

fn is_node(peer: &Peer) -> bool {
    matches!(peer, Peer::Node { .. })
}

fn is_job(peer: &Peer) -> bool {
    matches!(peer, Peer::Workload { kind, .. } if kind == "Job")
}

/// Whether it is an edge of this relation with such a peer at one end.
fn is_edge(said: &Said, wanted: &str, is_such: fn(&Peer) -> bool) -> bool {
    matches!(said, Said::Edge { relation, from, to, .. } if *relation == wanted && (is_such(from) || is_such(to)))
}
