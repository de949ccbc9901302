//! What production publishes to everybody (convention 7).

use crate::world::World;
use watertight_network::public_entries;

fn messages(world: &World) -> Vec<String> {
    let snapshot = world.ingest().snapshot;
    let to = snapshot.namespace_named("production").unwrap();
    let from = snapshot.namespace_named("staging").unwrap();
    let entries = public_entries(&snapshot, &[from], &[to]);
    assert!(entries.iter().all(|entry| entry.because.iter().all(|because| because.evidence.is_some())));
    entries.into_iter().map(|entry| entry.message).collect()
}

fn shop() -> World {
    World::new().object(
        "v1",
        "Service",
        "name: shop\nnamespace: production",
        "spec: {selector: {app: b}, ports: [{port: 80}]}\n",
    )
}

fn ingress(world: World, namespace: &str, spec: &str) -> World {
    let metadata = format!("name: web\nnamespace: {namespace}");
    world.object("networking.k8s.io/v1", "Ingress", &metadata, &format!("spec: {{{spec}}}\n"))
}

fn route(world: World, kind: &str, spec: &str) -> World {
    let metadata = "name: web\nnamespace: production";
    world.object("gateway.networking.k8s.io/v1", kind, metadata, &format!("spec: {{{spec}}}\n"))
}

const BACKEND: &str = "backend: {service: {name: shop, port: {number: 80}}}";

#[test]
fn an_ingress_publishes_a_service_at_each_of_its_paths() {
    let path = |path: &str| format!("{{path: {path}, pathType: Prefix, {BACKEND}}}");
    let rules =
        format!("rules: [{{host: shop.example, http: {{paths: [{}, {}]}}}}]", path("/"), path("/api"));
    let behind = "Service production/shop (Pod production/b)";
    assert_eq!(
        messages(&ingress(shop(), "production", &rules)),
        [
            format!("Ingress production/web publishes {behind} at shop.example to everybody"),
            format!("Ingress production/web publishes {behind} at shop.example/api to everybody"),
        ]
    );
}

#[test]
fn a_default_backend_is_published_for_the_rest_and_may_be_missing() {
    let spec = "defaultBackend: {service: {name: gone, port: {number: 80}}}";
    assert_eq!(
        messages(&ingress(shop(), "production", spec)),
        [
            "Ingress production/web publishes Service production/gone (not in the input) at whatever no rule matches to everybody"
        ]
    );
}

#[test]
fn what_staging_publishes_is_not_productions() {
    let spec = "defaultBackend: {service: {name: shop, port: {number: 80}}}";
    assert_eq!(messages(&ingress(shop(), "staging", spec)), Vec::<String>::new());
}

#[test]
fn a_route_publishes_what_it_forwards_to_and_not_what_it_mirrors_to() {
    let mirror = "filters: [{type: RequestMirror, requestMirror: {backendRef: {name: copy, port: 80}}}]";
    let rules = format!("rules: [{{backendRefs: [{{name: shop, port: 80}}], {mirror}}}]");
    let published = |parent: &str| {
        messages(&route(
            shop(),
            "HTTPRoute",
            &format!("parentRefs: [{parent}], hostnames: [shop.example], {rules}"),
        ))
    };
    assert_eq!(
        published("{name: public}"),
        [
            "HTTPRoute production/web publishes Service production/shop (Pod production/b) at shop.example to everybody"
        ]
    );
    assert_eq!(published("{group: \"\", kind: Service, name: shop}"), Vec::<String>::new(), "inside a mesh");
}

#[test]
fn a_route_of_a_shared_namespace_publishes_what_it_is_granted() {
    let api = "gateway.networking.k8s.io/v1";
    let route = |namespace: &str| {
        let spec = "spec: {parentRefs: [{name: g}], rules: [{backendRefs: [{name: shop, namespace: production, port: 80}]}]}\n";
        let world = shop().namespace("edge", "env: edge");
        world.object(api, "HTTPRoute", &format!("name: web\nnamespace: {namespace}"), spec)
    };
    let granted = |world: World, kind: &str, namespace: &str, name: &str| {
        let spec = format!(
            "spec: {{from: [{{group: gateway.networking.k8s.io, kind: {kind}, namespace: {namespace}}}], to: [{{group: \"\", kind: Service{name}}}]}}\n"
        );
        let grant = "name: g\nnamespace: production";
        messages(&world.object("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", grant, &spec)).len()
    };
    assert_eq!(messages(&route("edge")).len(), 0, "nothing is granted");
    assert_eq!(granted(route("edge"), "HTTPRoute", "edge", ""), 1);
    assert_eq!(granted(route("edge"), "HTTPRoute", "edge", ", name: shop"), 1);
    assert_eq!(granted(route("edge"), "HTTPRoute", "edge", ", name: other"), 0);
    assert_eq!(granted(route("edge"), "TCPRoute", "edge", ""), 0);
    assert_eq!(granted(route("edge"), "HTTPRoute", "elsewhere", ""), 0);
    assert_eq!(
        granted(route("staging"), "HTTPRoute", "staging", ""),
        0,
        "what staging publishes is searched for"
    );
}
