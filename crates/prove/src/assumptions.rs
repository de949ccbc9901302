//! What the API channel's answer rests on and no object shows, with the command that checks it.

use std::collections::BTreeSet;
use watertight_api::{Sides, unversioned_controllers};
use watertight_model::{Assumption, Cloud, ObjectRef, Principal, Snapshot};

/// What the network channel has to assume as long as nobody asks who may do what.
const OF_THE_NETWORK_ALONE: [&str; 2] = ["kubelet-bypass", "namespaces-fixed"];

/// Whether the API channel answers what the network channel assumes by itself.
pub(crate) fn is_decided(assumption: &Assumption) -> bool {
    OF_THE_NETWORK_ALONE.contains(&assumption.id.as_str())
}

fn assume(id: &str, text: impl Into<String>, check: impl Into<String>) -> Assumption {
    Assumption { id: id.to_owned(), text: text.into(), check: check.into() }
}

/// What the answer rests on; `strict` asks for what is of lesser rank too.
pub(crate) fn of(sides: &Sides<'_>, administrators: &[Principal], strict: bool) -> Vec<Assumption> {
    let mut all = vec![
        rights_complete(sides.snapshot),
        assume(
            "rbac-decides",
            "no authorizer besides RBAC and that of the nodes lets anybody do anything",
            "look at `--authorization-mode` and `--authorization-config` of the API server",
        ),
        administrators_are_apart(administrators),
        trust_outside(sides),
        assume(
            "node-metadata",
            "what the metadata service of a cloud (169.254.169.254) gives to pods of the `from` side, and to whoever is on their nodes, opens nothing of the `to` side",
            "kubectl run -n NAMESPACE metadata --rm -i --restart=Never --image=curlimages/curl -- -sm 3 http://169.254.169.254/",
        ),
    ];
    all.extend(images(sides));
    all.extend(external_addresses(sides));
    all.extend(control_plane(sides));
    all.extend(forwarded(sides));
    all.extend(kubeconfigs(sides));
    all.extend(controllers(sides));
    all.extend(outside_webhooks(sides));
    all.extend(other_kinds(sides));
    if strict {
        all.push(assume(
            "names-are-known",
            "that the cluster's DNS tells everybody the names of Services and their addresses gives nothing away",
            "kubectl run -n NAMESPACE names --rm -i --restart=Never --image=busybox -- nslookup NAME.NAMESPACE.svc.cluster.local",
        ));
    }
    all
}

/// That the input holds all that grants rights (convention 4), with the kinds of which it holds nothing.
fn rights_complete(snapshot: &Snapshot) -> Assumption {
    let is_of_cluster = |object: &ObjectRef| object.namespace.is_none();
    let bindings = || snapshot.role_bindings.iter().map(|binding| is_of_cluster(&binding.object));
    let roles = || snapshot.roles.iter().map(|role| is_of_cluster(&role.object));
    let kinds = [
        ("Role", roles().any(|of_cluster| !of_cluster)),
        ("ClusterRole", roles().any(|of_cluster| of_cluster)),
        ("RoleBinding", bindings().any(|of_cluster| !of_cluster)),
        ("ClusterRoleBinding", bindings().any(|of_cluster| of_cluster)),
        ("ServiceAccount", !snapshot.service_accounts.is_empty()),
    ];
    let missing: Vec<&str> = kinds.iter().filter(|(_, is_there)| !is_there).map(|(kind, _)| *kind).collect();
    let none = match missing.as_slice() {
        [] => String::new(),
        missing => format!(", and the cluster has no {}", missing.join(", no ")),
    };
    assume(
        "rights-complete",
        format!(
            "the input holds every role, binding and ServiceAccount besides those that each server makes by itself{none}"
        ),
        "kubectl get roles,rolebindings,clusterroles,clusterrolebindings,serviceaccounts -A",
    )
}

fn administrators_are_apart(administrators: &[Principal]) -> Assumption {
    let mut names: Vec<String> = administrators.iter().map(ToString::to_string).collect();
    names.insert(0, "the group system:masters".to_owned());
    assume(
        "administrators",
        format!(
            "nobody of the `from` side has the credentials of a cluster administrator: {}",
            names.join(", ")
        ),
        "kubectl get clusterrolebindings -o wide | grep -w cluster-admin",
    )
}

/// Whom clouds and others outside trust is theirs to say.
fn trust_outside(sides: &Sides<'_>) -> Assumption {
    let is_to = |namespace: &Option<String>| {
        namespace.as_deref().is_some_and(|namespace| sides.to.contains(namespace))
    };
    let accounts = sides.snapshot.service_accounts.iter().filter(|account| is_to(&account.object.namespace));
    let named: BTreeSet<(Cloud, &str)> = accounts
        .flat_map(|account| &account.identities)
        .map(|identity| (identity.cloud, identity.name.text.as_str()))
        .collect();
    let names: Vec<String> = named.iter().map(|(_, name)| format!("`{name}`")).collect();
    let of_them = if names.is_empty() { String::new() } else { format!(": not for {}", names.join(", ")) };
    let clouds: BTreeSet<Cloud> = named.iter().map(|(cloud, _)| *cloud).collect();
    let asked = if clouds.is_empty() { Cloud::ALL.into_iter().collect() } else { clouds };
    let mut checks: Vec<&str> = asked.into_iter().map(check_of).collect();
    checks.push("vault list auth/kubernetes/role");
    assume(
        "trust-outside",
        format!(
            "nobody outside of the cluster (a cloud, Vault, another cluster) takes a ServiceAccount of the `from` side for one of the `to` side{of_them}"
        ),
        checks.join("; "),
    )
}

/// The command that shows whom an identity trusts.
fn check_of(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Aws => {
            "aws iam get-role --role-name NAME --query Role.AssumeRolePolicyDocument; aws eks list-pod-identity-associations --cluster-name CLUSTER"
        }
        Cloud::Azure => "az identity federated-credential list --identity-name NAME --resource-group GROUP",
        Cloud::Google => {
            "gcloud iam service-accounts get-iam-policy NAME; gcloud projects get-iam-policy PROJECT"
        }
    }
}

/// Images by their tags are whatever somebody pushes under them.
fn images(sides: &Sides<'_>) -> Option<Assumption> {
    let pods = sides.snapshot.pods.iter();
    let pods = pods.filter(|pod| sides.to.contains(sides.snapshot.namespace(pod.namespace).name.as_str()));
    let images = pods.flat_map(|pod| pod.containers.iter()).map(|container| container.image.as_str());
    let by_tag: BTreeSet<&str> =
        images.filter(|image| !image.is_empty() && !image.contains("@sha256:")).collect();
    let first = by_tag.first()?;
    let more = match by_tag.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    Some(assume(
        "images-are-productions",
        format!(
            "nobody of the `from` side can push the images that the `to` side runs by tags, which change: `{first}`{more}"
        ),
        "ask the registry who may push; an image by digest (`@sha256:`) cannot change",
    ))
}

/// Any writer of Services may claim any address, unless an admission plugin keeps them from it; and any writer of Gateways may
/// ask for it.
fn external_addresses(sides: &Sides<'_>) -> Option<Assumption> {
    let claims = sides.address_claimer().is_some() || sides.gateway_address_claimer().is_some();
    // Where it is assumed of some, no policy has to refuse it to the others.
    let all = Sides { policies: None, kept_away: None, ..*sides };
    let services = all.address_claimer().filter(|_| claims).map(|power| {
        let text = format!(
            "the admission plugin DenyServiceExternalIPs is on, or a policy does the same: {} may write Services, whose `externalIPs` take what pods of the `to` side send to any address",
            power.who
        );
        (text, "kubectl create service clusterip probe -n NAMESPACE --tcp=80 --dry-run=client -o json | jq '.spec.externalIPs=[\"192.0.2.1\"]' | kubectl create --dry-run=server -f -")
    });
    let gateways = all.gateway_address_claimer().filter(|_| claims).map(|power| {
        let text = format!(
            "no controller gives a Gateway an address of somebody else, or a policy refuses `spec.addresses`: {} may write Gateways, which may ask for any",
            power.who
        );
        (text, "jq -n '{apiVersion: \"gateway.networking.k8s.io/v1\", kind: \"Gateway\", metadata: {name: \"probe\"}, spec: {gatewayClassName: \"probe\", addresses: [{value: \"192.0.2.1\"}], listeners: [{name: \"probe\", port: 80, protocol: \"HTTP\"}]}}' | kubectl create -n NAMESPACE --dry-run=server -f -")
    });
    let (texts, checks): (Vec<String>, Vec<&str>) = services.into_iter().chain(gateways).unzip();
    (!texts.is_empty()).then(|| assume("external-ips-denied", texts.join("; "), checks.join("; ")))
}

/// What the API server connects to for others, past its own checks (CVE-2020-8561, CVE-2020-8562).
fn control_plane(sides: &Sides<'_>) -> Option<Assumption> {
    let power = sides.closure.power("proxy-to-pods", |scope| !sides.to.contains(scope))?;
    Some(assume(
        "control-plane-network",
        format!(
            "nothing of the `to` side answers the API server without a login: {} may have it connect to pods or Services of `{}`, and to other hosts than it has checked (CVE-2020-8562)",
            power.who,
            power.scope.as_deref().unwrap_or_default()
        ),
        "kubectl auth can-i create services/proxy -n NAMESPACE --as=system:serviceaccount:NAMESPACE:NAME",
    ))
}

/// The kubelet dials `localhost` for whoever forwards ports, and on the host network that is the node.
///
/// Source: <https://kubernetes.io/docs/reference/kubectl/generated/kubectl_port-forward/>, and the pod's network that the container
/// runtime enters for it.
fn forwarded(sides: &Sides<'_>) -> Option<Assumption> {
    let is_third = |scope: &str| !sides.from.contains(scope) && !sides.to.contains(scope);
    let power = sides.closure.power("forward-ports", is_third)?;
    let to: Vec<_> = sides.to.iter().filter_map(|name| sides.snapshot.namespace_named(name)).collect();
    let scope = power.scope.as_deref().unwrap_or_default();
    sides.snapshot.listens_on_nodes(&to).then(|| {
        assume(
            "nothing-forwarded-to-nodes",
            format!(
                "{} may forward ports to pods of `{scope}`: none of these is on the host network of a node on which something of the `to` side can be dialled (node ports, host ports, pods on the host network)",
                power.who
            ),
            format!("kubectl get pods -n {scope} -o custom-columns=NAME:.metadata.name,HOST:.spec.hostNetwork,NODE:.spec.nodeName"),
        )
    })
}

/// A token without a form says nobody's name, nor does a command that fetches one.
fn kubeconfigs(sides: &Sides<'_>) -> Option<Assumption> {
    let is_of_from = |object: &ObjectRef| {
        object.namespace.as_deref().is_some_and(|namespace| sides.from.contains(namespace))
    };
    sides.snapshot.holds_kubeconfigs(is_of_from).then(|| {
        assume(
            "kubeconfigs-are-own",
            "credentials in kubeconfigs that the `from` side holds, and of which the input does not show whose they are, are good for nothing of the `to` side",
            "kubectl --kubeconfig FILE auth whoami",
        )
    })
}

/// An ingress-nginx that serves both sides, and of which the image does not say the version.
fn controllers(sides: &Sides<'_>) -> Option<Assumption> {
    let images = unversioned_controllers(sides);
    let image = images.first()?;
    Some(assume(
        "ingress-nginx-mended",
        format!("`{image}`, which serves both sides, is 1.13.9, 1.14.5, 1.15.1 or a later patch of these"),
        "kubectl exec -n NAMESPACE POD -- /nginx-ingress-controller --version",
    ))
}

/// Who answers outside of the cluster is nobody that the input knows.
fn outside_webhooks(sides: &Sides<'_>) -> Option<Assumption> {
    let outside = sides.closure.outside();
    let (host, object) = outside.first()?;
    let more = match outside.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    Some(assume(
        "outside-webhooks",
        format!(
            "nobody of the `from` side runs, or can stand in for, what the API server asks outside of the cluster about objects of the `to` side: `{host}` ({object}){more}"
        ),
        "kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations,customresourcedefinitions -o json | grep -E '\"(url|service)\":'",
    ))
}

/// What a right to make objects of any kind is a right to.
fn other_kinds(sides: &Sides<'_>) -> Option<Assumption> {
    let makes = sides.closure.makes_unseen_kinds(sides.snapshot, sides.to);
    makes.then(|| {
        assume(
            "no-other-kinds",
            "the cluster has no kinds of objects but its own and those that the input shows, and no DeviceClass but those of the input: the `from` side may make objects of any kind, or claim any device",
            "kubectl get customresourcedefinitions,apiservices,deviceclasses",
        )
    })
}
