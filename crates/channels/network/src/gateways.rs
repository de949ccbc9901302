//! Proxies that controllers make for Gateways, which are in no manifest: where they may run, and whom they may serve
//! (convention 8).

use crate::proxy;
use std::collections::BTreeSet;
use watertight_base::{Operator, Selector};
use watertight_model::{
    Admission, AllowedRoutes, Gateway, GatewayClass, Namespace, NamespaceId, RouteNamespaces, Snapshot,
};

/// Controllers, by the `controllerName` of their classes, whose proxies in the namespace of a Gateway serve the Gateways there and
/// nothing else. Others serve more: Istio's take listeners of any Gateway that names their Service as its address, and
/// Contour's read HTTPProxies of all namespaces.
///
/// Sources: <https://docs.nginx.com/nginx-gateway-fabric/overview/gateway-architecture/>,
/// <https://gateway.envoyproxy.io/docs/tasks/operations/gateway-namespace-mode/>,
/// <https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#manual-deployment>.
const OF_THEIR_NAMESPACE: &[&str] =
    &["gateway.envoyproxy.io/gatewayclass-controller", "gateway.nginx.org/nginx-gateway-controller"];

/// Those controllers.
pub(crate) fn of_their_namespace() -> &'static [&'static str] {
    OF_THEIR_NAMESPACE
}

/// The namespaces in which controllers may put proxies that routes of others lead: their own, those of Gateways at which more may
/// attach than what is the `to` side's, and those of Gateways that routes name and the input does not hold. `published` are
/// namespaces in which the hostile side writes what proxies go by.
pub(crate) fn provisioned(
    snapshot: &Snapshot,
    published: &[NamespaceId],
    to: &[NamespaceId],
) -> BTreeSet<NamespaceId> {
    let led = snapshot.gateways.iter().filter(|gateway| !serves_only(snapshot, gateway, published, to));
    let parents = snapshot.routes.iter().flat_map(|route| &route.parents);
    let absent = parents.filter(|parent| parent.kind.is_gateway()).filter_map(|parent| {
        let namespace = snapshot.namespace_named(&parent.namespace)?;
        let is_it = |gateway: &Gateway| {
            gateway.namespace == namespace
                && gateway.origin.object.name == parent.name
                && gateway.admission == Admission::Accepted
        };
        (!snapshot.gateways.iter().any(is_it)).then_some(namespace)
    });
    proxy::of_makers(snapshot).chain(led.map(|gateway| gateway.namespace)).chain(absent).collect()
}

/// Whether nothing but routes of the `to` side, and of the Gateway's own namespace, can attach to a Gateway and to what serves it.
fn serves_only(
    snapshot: &Snapshot,
    gateway: &Gateway,
    published: &[NamespaceId],
    to: &[NamespaceId],
) -> bool {
    let trusted = |id: NamespaceId| (id == gateway.namespace || to.contains(&id)) && !published.contains(&id);
    let is_trusted = |name: &String| snapshot.namespace_named(name).is_some_and(trusted);
    let is_closed = |routes: &AllowedRoutes| match &routes.namespaces {
        RouteNamespaces::All => false,
        RouteNamespaces::Same => trusted(gateway.namespace),
        RouteNamespaces::None => true,
        RouteNamespaces::Selected(selector) => names(selector).is_some_and(|mut names| names.all(is_trusted)),
    };
    let class = |name: &str| {
        let mut classes = snapshot.gateway_classes.iter().filter(|class| class.origin.object.name == name);
        let known = |controller: &str| OF_THEIR_NAMESPACE.contains(&controller);
        let stays = |class: &GatewayClass| class.admission == Admission::Accepted;
        classes.next().is_some_and(|class| known(&class.controller) && stays(class))
            && classes.next().is_none()
    };
    class(&gateway.class.text)
        && gateway.admission == Admission::Accepted
        && gateway.listener_sets == RouteNamespaces::None
        && !gateway.is_default
        && gateway.listeners.iter().all(|listener| is_closed(&listener.routes))
}

/// The names of namespaces beside which a selector selects none, whatever labels they come to have; `None` if it does not go by
/// their names.
fn names(selector: &Selector) -> Option<impl Iterator<Item = &String>> {
    let mut by_name = selector.requirements.iter().filter(|it| it.key == Namespace::NAME_LABEL);
    by_name.find(|it| it.operator == Operator::In).map(|it| it.values.iter())
}
