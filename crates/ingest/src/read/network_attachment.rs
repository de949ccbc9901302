//! NetworkAttachmentDefinition, and the annotations of pods that ask for such networks (rule N56).

use super::passing;
use crate::context::{Context, Unclear};
use crate::tree::{Mapping, Node};
use serde_json::Value;
use watertight_model::{Admission, FurtherNetworks, NamespaceId, NetworkAttachment, NetworkName, Origin};

/// The annotation by which Multus and its like give a pod further networks.
const NETWORKS: &str = "k8s.v1.cni.cncf.io/networks";
/// The annotation by which Multus gives a pod another network than that of the cluster.
const DEFAULT_NETWORK: &str = "v1.multus-cni.io/default-network";

/// The annotation by which GKE gives a pod interfaces, of whatever Networks of the cluster it names.
///
/// Source: `InterfaceAnnotationKey` in `networking.gke.io/v1` of GKE.
const GKE_INTERFACES: &str = "networking.gke.io/interfaces";
/// The names of the network of the cluster itself in it.
const GKE_OWN_NETWORKS: [&str; 2] = ["default", "pod-network"];

/// Plugins that make no interface: those of service meshes, and those of the CNI project that only change one.
///
/// Sources: the manifests of Istio and Linkerd for OpenShift; <https://www.cni.dev/plugins/current/meta/>.
const WITHOUT_INTERFACE: &[&str] =
    &["istio-cni", "linkerd-cni", "tuning", "portmap", "bandwidth", "sbr", "firewall", "vrf", "loopback"];

/// Reads a NetworkAttachmentDefinition. Its namespace is filled in when all namespaces are known.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<NetworkAttachment, Unclear> {
    let spec = context.mapping(object.entry("spec"))?;
    // The configuration is JSON in a string, which need not be there: a file on the node may hold it.
    let config = spec.as_ref().and_then(|spec| spec.get("config")?.text());
    let config: Option<Value> = config.and_then(|text| serde_json::from_str(&text).ok());
    let types = config.as_ref().map(types).unwrap_or_default();
    // A plugin that does not say what it is may be any.
    let makes_one = |kind: &Option<&str>| kind.is_none_or(|kind| !WITHOUT_INTERFACE.contains(&kind));
    // In the place of an object that may not be there, another may be.
    let metadata = context.mapping(object.entry("metadata"))?;
    let is_sure = passing::admission(context, metadata.as_ref())? == Admission::Accepted;
    let gives_interface = !is_sure || types.is_empty() || types.iter().any(makes_one);
    let plugins = types.into_iter().flatten().map(str::to_owned).collect();
    Ok(NetworkAttachment { origin, namespace: NamespaceId(0), plugins, gives_interface })
}

/// The types of the plugins that a CNI configuration, or a list of them, names; `None` for one that has none.
fn types(config: &Value) -> Vec<Option<&str>> {
    let alone = std::slice::from_ref(config);
    let list = config.get("plugins").and_then(Value::as_array).map_or(alone, Vec::as_slice);
    list.iter().map(|plugin| plugin.get("type")?.as_str()).collect()
}

/// The networks that a pod's annotations ask for beside the cluster's own, or in its place.
pub(super) fn of_pod(metadata: &Mapping<'_>) -> Vec<FurtherNetworks> {
    let Some(annotations) = metadata.get("annotations").and_then(Node::mapping) else { return Vec::new() };
    let asked = [(NETWORKS, false), (DEFAULT_NETWORK, true)].into_iter();
    let of_multus = asked.filter_map(|(key, replaces_default)| {
        let node = annotations.get(key)?;
        let text = node.text()?.trim().to_owned();
        let names = names(&text);
        let asks = !text.is_empty() && text != "[]";
        asks.then(|| FurtherNetworks { span: node.span(), text, replaces_default, names })
    });
    of_multus.chain(of_gke(&annotations)).collect()
}

/// The networks of GKE that a pod is on beside the cluster's own. What they are is not read: no policy is known to govern them.
fn of_gke(annotations: &Mapping<'_>) -> Option<FurtherNetworks> {
    let node = annotations.get(GKE_INTERFACES)?;
    let text = node.text()?.trim().to_owned();
    let interfaces: Option<Vec<Value>> = serde_json::from_str(&text).ok();
    let is_own = |interface: &Value| {
        let network = interface.get("network").and_then(Value::as_str);
        network.is_some_and(|network| GKE_OWN_NETWORKS.contains(&network))
    };
    let is_plain = interfaces.is_some_and(|interfaces| interfaces.iter().all(is_own));
    (!is_plain).then(|| FurtherNetworks { span: node.span(), text, replaces_default: false, names: None })
}

/// The networks that an annotation names: a JSON list, or `namespace/name@interface` with commas between.
fn names(text: &str) -> Option<Vec<NetworkName>> {
    if text.starts_with(['[', '{']) {
        let elements: Vec<Value> = serde_json::from_str(text).ok()?;
        let field = |element: &Value, key: &str| element.get(key)?.as_str().map(str::to_owned);
        let name = |element| {
            Some(NetworkName { namespace: field(element, "namespace"), name: field(element, "name")? })
        };
        return elements.iter().map(name).collect();
    }
    text.split(',').map(|element| short_name(element.trim())).collect()
}

fn short_name(text: &str) -> Option<NetworkName> {
    let (text, _interface) = text.split_once('@').unwrap_or((text, ""));
    let (namespace, name) = match text.split_once('/') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name),
        None => (None, text),
    };
    let is_whole = !name.is_empty() && !name.contains('/') && namespace.as_deref() != Some("");
    is_whole.then(|| NetworkName { namespace, name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(namespace: Option<&str>, name: &str) -> NetworkName {
        NetworkName { namespace: namespace.map(str::to_owned), name: name.to_owned() }
    }

    #[test]
    fn networks_are_named_in_two_ways() {
        let two = Some(vec![named(Some("lan"), "one"), named(None, "two")]);
        assert_eq!(names("lan/one@eth1, two"), two);
        assert_eq!(names(r#"[{"namespace": "lan", "name": "one"}, {"name": "two"}]"#), two);
        for odd in ["lan/", "/one", "a/b/c", "one,,two", "[{}]", "{\"name\": \"one\"}", "[oops"] {
            assert_eq!(names(odd), None, "{odd}");
        }
    }
}
