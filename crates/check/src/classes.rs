//! Which classes of Ingresses and Gateways the proxies of the input serve (`rules/unseen-proxy.md`): a second list, which a test
//! holds against the engine's. A class of which that is not known has a controller that is not seen.

use crate::proxies::{self, is_called};
use watertight_model::{
    Admission, Container, Ingress, IngressClass, Namespace, NamespaceId, Route, Snapshot,
};

/// What is served by an image: its names, apart by spaces, are those of the controllers that classes name, of the usual classes, of the
/// flags for another controller, of those for other classes, of those without any of which nothing is known, and of the
/// flags that turn on what has no class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    image: &'static str,
    controllers: &'static str,
    classes: &'static str,
    controller_flags: &'static str,
    class_flags: &'static str,
    told_by: &'static str,
    classless_flags: &'static str,
    /// Whether it takes what has no class as long as no flag names one.
    classless: bool,
    /// Whether naming the controller is enough, whatever the flags say of classes.
    by_controller: bool,
    /// Whether the name of the class counts, whatever it names.
    by_name: bool,
}

const fn row(image: &'static str, controllers: &'static str, classes: &'static str) -> Row {
    Row {
        image,
        controllers,
        classes,
        controller_flags: "",
        class_flags: "",
        told_by: "",
        classless_flags: "",
        classless: false,
        by_controller: false,
        by_name: false,
    }
}

const fn with_flag(class_flags: &'static str, row: Row) -> Row {
    Row { class_flags, ..row }
}

const fn by_controller(row: Row) -> Row {
    Row {
        controller_flags: "--controller-class",
        class_flags: "--ingress-class",
        classless_flags: "--watch-ingress-without-class",
        by_controller: true,
        ..row
    }
}

/// Nothing is known without one of these flags.
const fn told(told_by: &'static str, row: Row) -> Row {
    Row { told_by, ..row }
}

/// The controller is known by this flag alone.
const fn naming(flag: &'static str, row: Row) -> Row {
    Row { controller_flags: flag, told_by: flag, ..row }
}

const NGINX: &str = "nginx.org/ingress-controller";
const NGINX_FLAGS: &str = "-ingress-class --ingress-class";
const SKIPPER_FLAGS: &str = "-kubernetes-ingress-class --kubernetes-ingress-class";
const TRAEFIK: Row = Row {
    class_flags: "--providers.kubernetesingress.ingressclass",
    told_by: "--providers.kubernetesingress",
    classless: true,
    ..row("traefik", "traefik.io/ingress-controller", "traefik")
};
const TRAEFIK_GATEWAYS: Row =
    told("--providers.kubernetesgateway", row("traefik", "traefik.io/gateway-controller", "traefik"));
const KONG: &str = "kubernetes-ingress-controller";

/// Of Ingresses.
const OF_INGRESSES: [Row; 15] = [
    by_controller(row("ingress-nginx/controller", "k8s.io/ingress-nginx", "nginx")),
    by_controller(row("ingress-nginx/controller-chroot", "k8s.io/ingress-nginx", "nginx")),
    by_controller(row("nginx-ingress-controller", "k8s.io/ingress-nginx", "nginx")),
    with_flag(NGINX_FLAGS, row("nginx/nginx-ingress", NGINX, "nginx")),
    with_flag(NGINX_FLAGS, row("nginx-ic/nginx-plus-ingress", NGINX, "nginx")),
    Row { image: "library/traefik", ..TRAEFIK },
    TRAEFIK,
    Row {
        class_flags: "--ingress.class",
        classless_flags: "--empty-ingress-class",
        classless: true,
        ..row("haproxytech/kubernetes-ingress", "haproxy.org/ingress-controller", "")
    },
    by_controller(row("haproxy-ingress", "haproxy-ingress.github.io/controller", "haproxy")),
    told(
        "--ingress-class",
        with_flag("--ingress-class", row(KONG, "ingress-controllers.konghq.com/kong", "")),
    ),
    Row {
        class_flags: "--ingress-class-name",
        classless: true,
        by_name: true,
        ..row("projectcontour/contour", "projectcontour.io/ingress-controller", "contour")
    },
    with_flag(SKIPPER_FLAGS, row("zalando-incubator/skipper", "", "skipper")),
    with_flag(SKIPPER_FLAGS, row("pathfinder/skipper", "", "skipper")),
    row("origin-haproxy-router", "openshift.io/ingress-to-route", "openshift-default"),
    row("ose-haproxy-router", "openshift.io/ingress-to-route", "openshift-default"),
];

/// Istio's is one where it is a pod by itself.
const ISTIO: [Row; 2] = [
    row("istio/proxyv2", "istio.io/ingress-controller", ""),
    row("istio/proxyv2", "istio.io/gateway-controller", "istio"),
];

const FABRIC: Row = Row {
    controller_flags: "--gateway-ctlr-name",
    class_flags: "--gatewayclass",
    ..row("nginx-gateway-fabric", "gateway.nginx.org/nginx-gateway-controller", "nginx")
};

/// Of Gateways.
const OF_GATEWAYS: [Row; 8] = [
    FABRIC,
    Row { image: "nginx-gateway-fabric/nginx", ..FABRIC },
    Row { image: "library/traefik", ..TRAEFIK_GATEWAYS },
    TRAEFIK_GATEWAYS,
    naming("--gateway-controller-name", row("haproxytech/kubernetes-ingress", "", "")),
    Row {
        controller_flags: "--controller-class",
        ..row("haproxy-ingress", "haproxy-ingress.github.io/controller", "haproxy")
    },
    naming("--gateway-api-controller-name", row(KONG, "konghq.com/kic-gateway-controller", "")),
    row("envoyproxy/gateway", "gateway.envoyproxy.io/gatewayclass-controller", "eg envoy-gateway"),
];

/// The rows about Gateways, or about Ingresses.
fn rows(of_gateways: bool) -> Vec<Row> {
    let [ingress, gateway] = ISTIO;
    match of_gateways {
        true => OF_GATEWAYS.into_iter().chain([gateway]).collect(),
        false => OF_INGRESSES.into_iter().chain([ingress]).collect(),
    }
}

fn has(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|it| it == word)
}

impl Row {
    /// Whether such a container serves a class by its name, if no object says more.
    fn serves_name(&self, container: &Container, class: &str) -> bool {
        let is_it = match proxies::said(container, self.class_flags).as_slice() {
            [] => has(self.classes, class),
            names => names.iter().all(|name| *name == class),
        };
        is_it && self.is_told(container)
    }

    /// Whether a flag says that it serves anything, where one has to.
    fn is_told(&self, container: &Container) -> bool {
        let arguments: Vec<String> = container.arguments.iter().map(|it| it.to_ascii_lowercase()).collect();
        let any = |is: &dyn Fn(&str, &str) -> bool| {
            arguments.iter().any(|argument| self.told_by.split_whitespace().any(|flag| is(argument, flag)))
        };
        let is_off =
            any(&|argument, flag| ["0", "f", "false"].iter().any(|off| argument == format!("{flag}={off}")));
        let is_on = any(&|argument, flag| {
            let rest = argument.strip_prefix(flag);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['=', '.']))
        });
        self.told_by.is_empty() || is_on && !is_off
    }

    /// Whether it takes what has no class: a switch says so, or nothing says what class it is for.
    fn serves_without_class(&self, container: &Container) -> bool {
        let is_free = self.classless && proxies::said(container, self.class_flags).is_empty();
        let mut switches = Vec::new();
        for argument in &container.arguments {
            let mut parts = argument.splitn(2, '=');
            if parts.next().is_some_and(|name| has(self.classless_flags, name)) {
                switches.push(matches!(parts.next(), None | Some("true")));
            }
        }
        let is_switched_on = switches.contains(&true) && !switches.contains(&false);
        self.is_told(container) && (is_free || is_switched_on)
    }

    /// Whether it serves one that names a controller.
    fn serves_object(&self, container: &Container, class: &str, controller: &str) -> bool {
        let controllers = proxies::said(container, self.controller_flags);
        let names = proxies::said(container, self.class_flags);
        let is_other = !names.is_empty() && names.iter().any(|name| *name != class);
        if !self.is_told(container)
            || !self.by_controller && is_other
            || self.by_name && !self.serves_name(container, class)
        {
            return false;
        }
        if controllers.is_empty() && has(self.controllers, controller) || controllers.contains(&controller) {
            return true;
        }
        // Some controllers put what a flag says behind their own name.
        let mut longer = self.controllers.split_whitespace().flat_map(|of| {
            let ends = controllers.iter().chain(&names);
            ends.map(move |end| format!("{of}/{end}"))
        });
        longer.any(|longer| longer == controller)
    }
}

/// A class: its name, and what it names as its controller, if it says so to stay, or at all.
struct Class<'a> {
    name: &'a str,
    controller: &'a str,
    stays: bool,
}

/// The containers of proxies that are there to stay, and watch a namespace if one is given.
fn containers(snapshot: &Snapshot, namespace: Option<NamespaceId>) -> Vec<&Container> {
    let stays = |of: &Namespace| of.admission == Admission::Accepted;
    let pods = snapshot.pods.iter();
    let pods = pods.filter(|pod| !pod.is_passing && stays(snapshot.namespace(pod.namespace)));
    let watching = |(container, flags): &(&Container, &str)| {
        let surely = |id| proxies::surely_watches(container, flags, &snapshot.namespace(id).name);
        proxies::is_told_whole(container) && namespace.is_none_or(surely)
    };
    pods.flat_map(proxies::flags).filter(watching).map(|(container, _)| container).collect()
}

/// Whether all that a name may mean is served by one of these containers.
fn all_served(rows: &[Row], containers: &[&Container], classes: &[Class<'_>], name: &str) -> bool {
    let served = |serves: &dyn Fn(&Row, &Container) -> bool| {
        containers.iter().any(|container| {
            rows.iter().any(|row| is_called(&container.image, row.image) && serves(row, container))
        })
    };
    let by_name = || served(&|row, container| row.serves_name(container, name));
    let mut of_name = classes.iter().filter(|class| class.name == name).peekable();
    if of_name.peek().is_none() {
        return by_name();
    }
    of_name.all(|class| {
        served(&|row, container| row.serves_object(container, name, class.controller))
            && (class.stays || by_name())
    })
}

fn ingress_classes(snapshot: &Snapshot) -> Vec<Class<'_>> {
    let classes = snapshot.ingress_classes.iter();
    let class = classes.map(|it| (&it.origin.object.name, &it.controller, it.admission));
    class.map(|(name, controller, of)| Class { name, controller, stays: of == Admission::Accepted }).collect()
}

fn gateway_classes(snapshot: &Snapshot) -> Vec<Class<'_>> {
    let classes = snapshot.gateway_classes.iter();
    let class = classes.map(|it| (&it.origin.object.name, &it.controller, it.admission));
    class.map(|(name, controller, of)| Class { name, controller, stays: of == Admission::Accepted }).collect()
}

/// Whether a proxy of the input surely serves an Ingress.
pub(crate) fn serves(snapshot: &Snapshot, ingress: &Ingress) -> bool {
    let (rows, classes) = (rows(false), ingress_classes(snapshot));
    let containers = containers(snapshot, Some(ingress.namespace));
    if let Some(class) = ingress.class.as_ref().or(ingress.class_annotation.as_ref()) {
        return all_served(&rows, &containers, &classes, &class.text);
    }
    let default: Vec<&IngressClass> =
        snapshot.ingress_classes.iter().filter(|class| class.is_default).collect();
    if !default.iter().all(|class| all_served(&rows, &containers, &classes, &class.origin.object.name)) {
        return false;
    }
    // A server gives the default class to what is created there; what it has already kept without one stays so.
    let is_created_later = ingress.origin.object.uid.is_none();
    if is_created_later && default.iter().any(|class| class.admission == Admission::Accepted) {
        return true;
    }
    containers.iter().any(|container| {
        rows.iter().any(|row| is_called(&container.image, row.image) && row.serves_without_class(container))
    })
}

/// Whether all Gateways that a route names are there to stay.
fn attaches_to_seen(snapshot: &Snapshot, route: &Route) -> bool {
    let staying = snapshot.gateways.iter().filter(|gateway| gateway.admission == Admission::Accepted);
    let staying: Vec<(&str, &str)> = staying
        .map(|it| (snapshot.namespace(it.namespace).name.as_str(), it.origin.object.name.as_str()))
        .collect();
    let mut gateways = route.parents.iter().filter(|parent| parent.kind.is_gateway());
    gateways.all(|parent| staying.contains(&(&parent.namespace, &parent.name)))
}

/// Whether proxies of the input surely serve all Ingresses, Gateways and routes of it, and all that is of one of its classes.
pub(crate) fn serve_all(snapshot: &Snapshot) -> bool {
    let containers = containers(snapshot, None);
    let defined = |rows: &[Row], class: &Class<'_>| {
        containers.iter().any(|container| {
            rows.iter().any(|row| {
                is_called(&container.image, row.image)
                    && row.serves_object(container, class.name, class.controller)
            })
        })
    };
    let (of_ingresses, of_gateways) = (rows(false), rows(true));
    let classes = gateway_classes(snapshot);
    let are_defined = ingress_classes(snapshot).iter().all(|class| defined(&of_ingresses, class))
        && classes.iter().all(|class| defined(&of_gateways, class));
    let mut gateways = snapshot.gateways.iter();
    are_defined
        && snapshot.ingresses.iter().all(|ingress| serves(snapshot, ingress))
        && gateways.all(|gateway| all_served(&of_gateways, &containers, &classes, &gateway.class.text))
        && snapshot.routes.iter().all(|route| attaches_to_seen(snapshot, route))
        && (snapshot.routes.is_empty()
            || containers.iter().any(|container| proxies::serves_gateways(container)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_lists_are_those_of_the_engine() {
        let own: BTreeSet<(bool, Row)> =
            [false, true].into_iter().flat_map(|of| rows(of).into_iter().map(move |row| (of, row))).collect();
        let joined = |words: &[&str]| &*words.join(" ").leak();
        let of_engine = watertight_network::served_classes().flat_map(|(of_gateways, of)| {
            let row = Row {
                controller_flags: joined(of.controller_flags),
                class_flags: joined(of.class_flags),
                told_by: joined(of.told_by),
                classless_flags: joined(of.classless_flags),
                classless: of.classless,
                by_controller: of.by_controller,
                by_name: of.by_name,
                ..row("", joined(of.controllers), joined(of.classes))
            };
            of.images.iter().map(move |image| (of_gateways, Row { image, ..row }))
        });
        assert_eq!(own, of_engine.collect());
    }
}
