//! Which Ingresses and Gateways the proxies of the input serve, by their classes: what names another class has a controller that
//! the input does not hold, or that is not known as one (convention 8).
//!
//! What is not there to stay (a hook, a file marked as local, what is being deleted) serves nothing here, and a class that is not
//! says nothing of who serves it.

use crate::proxy;
use std::collections::BTreeSet;
use watertight_model::{
    Admission, Container, Gateway, GatewayClass, Ingress, IngressClass, NamespaceId, Origin, ParentRef,
    Route, Snapshot,
};

/// What controllers serve that run an image, as data.
pub struct Served {
    /// The ends of the repositories.
    pub images: &'static [&'static str],
    /// The `controller` of IngressClasses, or the `controllerName` of GatewayClasses.
    pub controllers: &'static [&'static str],
    /// The classes that are usually of it, where the input does not hold them.
    pub classes: &'static [&'static str],
    /// The flags that name another controller in place of those, or the end of one.
    pub controller_flags: &'static [&'static str],
    /// The flags that name other classes in place of those.
    pub class_flags: &'static [&'static str],
    /// The flags of which one has to be there, or one below it (`--a.b` of `--a`). Without any, what it serves is said by what is not
    /// read: a file, or the environment.
    pub told_by: &'static [&'static str],
    /// The flags that turn on that what has no class is served.
    pub classless_flags: &'static [&'static str],
    /// Whether what has no class is served where no flag names a class.
    pub classless: bool,
    /// Whether a class of another name is served too if it names the controller, whatever those flags say.
    pub by_controller: bool,
    /// Whether classes are served by their names alone, whatever they name as their controller.
    pub by_name: bool,
}

const fn served(
    images: &'static [&'static str],
    controllers: &'static [&'static str],
    classes: &'static [&'static str],
) -> Served {
    Served {
        images,
        controllers,
        classes,
        controller_flags: &[],
        class_flags: &[],
        told_by: &[],
        classless_flags: &[],
        classless: false,
        by_controller: false,
        by_name: false,
    }
}

/// Each with its source. Two are not here, since a file or the environment says what they serve: APISIX, whose configuration has
/// `controller_name` (<https://apisix.apache.org/docs/ingress-controller/configure>), and Emissary, which serves what names its
/// `AMBASSADOR_ID` (<https://www.getambassador.io/docs/emissary/latest/topics/running/environment>).
const INGRESSES: &[Served] = &[
    // https://kubernetes.github.io/ingress-nginx/user-guide/cli-arguments/
    Served {
        controller_flags: &["--controller-class"],
        class_flags: &["--ingress-class"],
        classless_flags: &["--watch-ingress-without-class"],
        by_controller: true,
        ..served(
            &["ingress-nginx/controller", "ingress-nginx/controller-chroot", "nginx-ingress-controller"],
            &["k8s.io/ingress-nginx"],
            &["nginx"],
        )
    },
    // https://docs.nginx.com/nginx-ingress-controller/configuration/global-configuration/command-line-arguments/
    Served {
        class_flags: &["-ingress-class", "--ingress-class"],
        ..served(
            &["nginx/nginx-ingress", "nginx-ic/nginx-plus-ingress"],
            &["nginx.org/ingress-controller"],
            &["nginx"],
        )
    },
    // https://doc.traefik.io/traefik/providers/kubernetes-ingress/#ingressclass. A file, flags or the environment say it, never
    // two of them: https://doc.traefik.io/traefik/getting-started/configuration-overview/#the-static-configuration
    Served {
        class_flags: &["--providers.kubernetesingress.ingressclass"],
        told_by: &["--providers.kubernetesingress"],
        classless: true,
        ..served(&["library/traefik", "traefik"], &["traefik.io/ingress-controller"], &["traefik"])
    },
    // https://github.com/haproxytech/kubernetes-ingress/blob/master/documentation/controller.md: without the flag, no name is its.
    Served {
        class_flags: &["--ingress.class"],
        classless_flags: &["--empty-ingress-class"],
        classless: true,
        ..served(&["haproxytech/kubernetes-ingress"], &["haproxy.org/ingress-controller"], &[])
    },
    // https://haproxy-ingress.github.io/docs/configuration/command-line/#ingress-class
    Served {
        controller_flags: &["--controller-class"],
        class_flags: &["--ingress-class"],
        classless_flags: &["--watch-ingress-without-class"],
        by_controller: true,
        ..served(&["haproxy-ingress"], &["haproxy-ingress.github.io/controller"], &["haproxy"])
    },
    // https://docs.konghq.com/kubernetes-ingress-controller/latest/reference/cli-arguments/: each flag may be in the environment
    // (`CONTROLLER_INGRESS_CLASS`), where its chart puts it. Kong beside it serves nothing by itself.
    Served {
        class_flags: &["--ingress-class"],
        told_by: &["--ingress-class"],
        ..served(&["kubernetes-ingress-controller"], &["ingress-controllers.konghq.com/kong"], &[])
    },
    // https://projectcontour.io/docs/main/config/ingress/#ingressclass-and-ingressclass-name: the name alone counts.
    Served {
        class_flags: &["--ingress-class-name"],
        classless: true,
        by_name: true,
        ..served(&["projectcontour/contour"], &["projectcontour.io/ingress-controller"], &["contour"])
    },
    // https://opensource.zalando.com/skipper/kubernetes/ingress-controller/#multiple-skipper-deployments
    Served {
        class_flags: &["-kubernetes-ingress-class", "--kubernetes-ingress-class"],
        ..served(&["zalando-incubator/skipper", "pathfinder/skipper"], &[], &["skipper"])
    },
    served(
        &["origin-haproxy-router", "ose-haproxy-router"],
        &["openshift.io/ingress-to-route"],
        &["openshift-default"],
    ),
    // https://istio.io/latest/docs/tasks/traffic-management/ingress/kubernetes-ingress/: the mesh's settings name the class that
    // annotations say.
    served(&["istio/proxyv2"], &["istio.io/ingress-controller"], &[]),
];

/// Each with its source. The controller of Contour's is said by its configuration, which is not read
/// (<https://projectcontour.io/docs/main/config/gateway-api/>), as is that of APISIX.
const GATEWAYS: &[Served] = &[
    // https://docs.nginx.com/nginx-gateway-fabric/reference/cli-help/
    Served {
        controller_flags: &["--gateway-ctlr-name"],
        class_flags: &["--gatewayclass"],
        ..served(
            &["nginx-gateway-fabric", "nginx-gateway-fabric/nginx"],
            &["gateway.nginx.org/nginx-gateway-controller"],
            &["nginx"],
        )
    },
    // https://doc.traefik.io/traefik/providers/kubernetes-gateway/
    Served {
        told_by: &["--providers.kubernetesgateway"],
        ..served(&["library/traefik", "traefik"], &["traefik.io/gateway-controller"], &["traefik"])
    },
    // https://github.com/haproxytech/kubernetes-ingress/blob/master/documentation/gateway-api.md: without the flag, it serves none.
    Served {
        controller_flags: &["--gateway-controller-name"],
        told_by: &["--gateway-controller-name"],
        ..served(&["haproxytech/kubernetes-ingress"], &[], &[])
    },
    // https://haproxy-ingress.github.io/docs/configuration/gateway-api/
    Served {
        controller_flags: &["--controller-class"],
        ..served(&["haproxy-ingress"], &["haproxy-ingress.github.io/controller"], &["haproxy"])
    },
    // https://docs.konghq.com/kubernetes-ingress-controller/latest/concepts/gateway-api/: the flag, or
    // `CONTROLLER_GATEWAY_API_CONTROLLER_NAME` of the environment.
    Served {
        controller_flags: &["--gateway-api-controller-name"],
        told_by: &["--gateway-api-controller-name"],
        ..served(&["kubernetes-ingress-controller"], &["konghq.com/kic-gateway-controller"], &[])
    },
    // https://gateway.envoyproxy.io/docs/api/extension_types/#gateway
    served(
        &["envoyproxy/gateway"],
        &["gateway.envoyproxy.io/gatewayclass-controller"],
        &["eg", "envoy-gateway"],
    ),
    // https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/
    served(&["istio/proxyv2"], &["istio.io/gateway-controller"], &["istio"]),
];

impl Served {
    /// Whether a flag says that a container serves anything, where one has to.
    fn is_told(&self, container: &Container) -> bool {
        self.told_by.is_empty() || proxy::is_given(container, self.told_by)
    }

    /// Whether a container serves what has no class.
    fn serves_classless(&self, container: &Container) -> bool {
        let names_none = || proxy::said(container, self.class_flags).is_empty();
        self.is_told(container)
            && (self.classless && names_none() || proxy::is_on(container, self.classless_flags))
    }

    /// Whether a container serves a class of this name; `controller` is what an object of the class names, if there is one.
    fn is_served(&self, container: &Container, class: &str, controller: Option<&str>) -> bool {
        let [controllers, classes] =
            [self.controller_flags, self.class_flags].map(|flags| proxy::said(container, flags));
        if !self.is_told(container) {
            return false;
        }
        let is_usual = classes.is_empty() && self.classes.contains(&class);
        // Of a flag that is given twice, not all programs take the same.
        let is_named = !classes.is_empty() && classes.iter().all(|name| *name == class);
        let Some(controller) = controller else { return is_usual || is_named };
        if self.by_name && !is_usual && !is_named {
            return false;
        }
        let may_be_named = self.by_controller || classes.is_empty() || is_named;
        let named: Vec<&str> = controllers.iter().chain(&classes).copied().collect();
        let is_usual = controllers.is_empty() && self.controllers.contains(&controller);
        let is_below = |of: &&str| {
            let end = controller.strip_prefix(of).and_then(|end| end.strip_prefix('/'));
            end.is_some_and(|end| named.contains(&end))
        };
        let is_named = controllers.contains(&controller) || self.controllers.iter().any(is_below);
        may_be_named && (is_usual || is_named)
    }
}

/// All that is known of it, each with whether it is of Gateways.
pub(crate) fn known() -> impl Iterator<Item = (bool, &'static Served)> {
    INGRESSES.iter().map(|of| (false, of)).chain(GATEWAYS.iter().map(|of| (true, of)))
}

/// Whether some proxy of the input that stays, and that watches a namespace if one is given, serves a class.
fn is_served(
    snapshot: &Snapshot,
    known: &[Served],
    namespace: Option<NamespaceId>,
    (class, controller): (&str, Option<&str>),
) -> bool {
    proxy::staying(snapshot, namespace).any(|container| {
        let mut known = known.iter().filter(|of| proxy::is_one_of(container, of.images));
        known.any(|of| of.is_served(container, class, controller))
    })
}

/// The classes of a name, as those that are there to stay define it: by its name alone, where none does.
fn controllers<'s>(classes: impl Iterator<Item = (&'s str, Admission)>) -> Vec<Option<&'s str>> {
    let mut controllers = Vec::new();
    for (controller, admission) in classes {
        controllers.push(Some(controller));
        // It may be gone, or never have been there.
        controllers.extend((admission != Admission::Accepted).then_some(None));
    }
    if controllers.is_empty() { vec![None] } else { controllers }
}

/// The places in the snapshot of the Ingresses that no proxy of the input serves for sure.
pub(crate) fn unserved_ingresses(snapshot: &Snapshot) -> BTreeSet<usize> {
    let ingresses = snapshot.ingresses.iter().enumerate();
    ingresses.filter(|(_, ingress)| !serves_ingress(snapshot, ingress)).map(|(index, _)| index).collect()
}

fn serves_ingress(snapshot: &Snapshot, ingress: &Ingress) -> bool {
    let serves = |class: &str| {
        let of_name = snapshot.ingress_classes.iter().filter(|it| it.origin.object.name == class);
        let controllers = controllers(of_name.map(|it| (it.controller.as_str(), it.admission)));
        let mut controllers = controllers.into_iter();
        controllers.all(|of| is_served(snapshot, INGRESSES, Some(ingress.namespace), (class, of)))
    };
    match ingress.class.as_ref().or(ingress.class_annotation.as_ref()) {
        Some(class) => serves(&class.text),
        // Without a class it gets the default one when it is created, or else is of whoever takes what has none. More than one
        // class may be the default, of which the newest counts.
        None => {
            let default = || snapshot.ingress_classes.iter().filter(|class| class.is_default);
            let gets_one = default().any(|class| class.admission == Admission::Accepted)
                && ingress.origin.object.uid.is_none();
            let mut default = default();
            default.all(|class| serves(&class.origin.object.name))
                && (gets_one || is_taken_without_class(snapshot, ingress.namespace))
        }
    }
}

/// Whether some proxy of the input that stays, and that watches a namespace, takes the Ingresses there that have no class.
fn is_taken_without_class(snapshot: &Snapshot, namespace: NamespaceId) -> bool {
    proxy::staying(snapshot, Some(namespace)).any(|container| {
        let mut known = INGRESSES.iter().filter(|of| proxy::is_one_of(container, of.images));
        known.any(|of| of.serves_classless(container))
    })
}

fn serves_ingress_class(snapshot: &Snapshot, class: &IngressClass) -> bool {
    is_served(snapshot, INGRESSES, None, (&class.origin.object.name, Some(&class.controller)))
}

fn serves_gateway_class(snapshot: &Snapshot, class: &GatewayClass) -> bool {
    is_served(snapshot, GATEWAYS, None, (&class.origin.object.name, Some(&class.controller)))
}

fn serves_gateway(snapshot: &Snapshot, gateway: &Gateway) -> bool {
    let name = gateway.class.text.as_str();
    let of_name = snapshot.gateway_classes.iter().filter(|it| it.origin.object.name == name);
    let mut controllers = controllers(of_name.map(|it| (it.controller.as_str(), it.admission))).into_iter();
    controllers.all(|of| is_served(snapshot, GATEWAYS, None, (name, of)))
}

/// Whether a route names a Gateway of which the input does not say the class, or not for long.
fn is_absent(snapshot: &Snapshot, parent: &ParentRef) -> bool {
    let is_it = |gateway: &Gateway| {
        gateway.origin.object.name == parent.name
            && snapshot.namespace(gateway.namespace).name == parent.namespace
            && gateway.admission == Admission::Accepted
    };
    parent.kind.is_gateway() && !snapshot.gateways.iter().any(is_it)
}

/// Something of Ingresses, their classes, Gateways, their classes and routes that no proxy of the input serves for sure.
pub(crate) fn unserved(snapshot: &Snapshot) -> Option<&Origin> {
    let ingresses = snapshot.ingresses.iter().filter(|it| !serves_ingress(snapshot, it)).map(|it| &it.origin);
    let classes = snapshot.ingress_classes.iter().filter(|it| !serves_ingress_class(snapshot, it));
    let of_ingresses = ingresses.chain(classes.map(|it| &it.origin));
    let gateways = snapshot.gateways.iter().filter(|it| !serves_gateway(snapshot, it)).map(|it| &it.origin);
    let classes = snapshot.gateway_classes.iter().filter(|it| !serves_gateway_class(snapshot, it));
    // What a route attaches to is asked about by itself, where it is seen.
    let is_any_seen = proxy::staying(snapshot, None).any(proxy::serves_gateways);
    let is_seen = |route: &&Route| is_any_seen && !route.parents.iter().any(|it| is_absent(snapshot, it));
    let routes = snapshot.routes.iter().filter(|route| !is_seen(route)).map(|it| &it.origin);
    let of_gateways = gateways.chain(classes.map(|it| &it.origin)).chain(routes);
    of_ingresses.chain(of_gateways).next()
}
