//! Node.

use super::metadata::label_map;
use super::scheduling;
use crate::context::{Context, Unclear};
use crate::tree::{Mapping, Node as TreeNode};
use watertight_model::{Node, Origin};

/// A node, and the version of its kubelet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadNode {
    pub(crate) node: Node,
    /// Major and minor.
    pub(crate) kubelet: Option<(u32, u32)>,
}

/// Reads a Node. What its kubelet reports is taken as it is.
pub(crate) fn read(context: &mut Context, object: &Mapping<'_>, origin: Origin) -> Result<ReadNode, Unclear> {
    let metadata = context.mapping(object.entry("metadata"))?;
    let labels = label_map(context, metadata.as_ref(), "labels")?.labels;
    let elements = |path: &[&str]| object.path(path).and_then(TreeNode::sequence).unwrap_or_default();
    let addresses = elements(&["status", "addresses"])
        .into_iter()
        .filter_map(|node| node.mapping()?.get("address")?.text()?.parse().ok())
        .collect();
    let single = object.path(&["spec", "podCIDR"]).and_then(TreeNode::text);
    let several = elements(&["spec", "podCIDRs"]).into_iter().filter_map(TreeNode::text);
    let mut pod_cidrs: Vec<ipnet::IpNet> =
        single.into_iter().chain(several).filter_map(|text| text.parse().ok()).collect();
    pod_cidrs.sort_unstable();
    pod_cidrs.dedup();
    let taints = elements(&["spec", "taints"])
        .into_iter()
        .filter_map(|node| scheduling::taint(&node.mapping()?))
        .collect();
    let kubelet = object.path(&["status", "nodeInfo", "kubeletVersion"]).and_then(TreeNode::text);
    let node = Node { name: origin.object.name.clone(), origin, labels, addresses, pod_cidrs, taints };
    Ok(ReadNode { node, kubelet: kubelet.and_then(|version| minor_version(&version)) })
}

/// Major and minor of `v1.36.3+k3s1`.
fn minor_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?;
    let digits = minor.find(|c: char| !c.is_ascii_digit()).unwrap_or(minor.len());
    Some((major, minor[..digits].parse().ok()?))
}
