//! Traffic: where Services, Ingresses and routes lead.

use crate::primitive::{ActsAs, CHANGE, DELETE, EDIT, EVER, Need, Primitive};
use watertight_model::Gain;

/// Routes and what they hang on, of the Gateway API and of well-known projects. They count although the input does not show
/// that they are installed.
const ROUTES: &[(&str, &str)] = &[
    ("gateway.networking.k8s.io", "gateways"),
    ("gateway.networking.k8s.io", "listenersets"),
    ("gateway.networking.k8s.io", "httproutes"),
    ("gateway.networking.k8s.io", "grpcroutes"),
    ("gateway.networking.k8s.io", "tlsroutes"),
    ("gateway.networking.k8s.io", "tcproutes"),
    ("gateway.networking.k8s.io", "udproutes"),
    ("gateway.networking.k8s.io", "backendtlspolicies"),
    ("gateway.networking.x-k8s.io", "xlistenersets"),
    ("networking.istio.io", "virtualservices"),
    ("networking.istio.io", "destinationrules"),
    ("networking.istio.io", "gateways"),
    ("networking.istio.io", "serviceentries"),
    ("networking.istio.io", "workloadentries"),
    ("networking.istio.io", "sidecars"),
    ("networking.istio.io", "envoyfilters"),
    ("traefik.io", "ingressroutes"),
    ("traefik.io", "ingressroutetcps"),
    ("traefik.io", "ingressrouteudps"),
    ("traefik.io", "middlewares"),
    ("traefik.io", "traefikservices"),
    ("projectcontour.io", "httpproxies"),
    ("route.openshift.io", "routes"),
    ("split.smi-spec.io", "trafficsplits"),
    ("cilium.io", "ciliumenvoyconfigs"),
    ("cilium.io", "ciliumlocalredirectpolicies"),
];

const SERVICES: &[(&str, &str)] = &[("", "services")];
const ENDPOINTS: &[(&str, &str)] = &[("", "endpoints"), ("discovery.k8s.io", "endpointslices")];
const INGRESSES: &[(&str, &str)] = &[("networking.k8s.io", "ingresses")];

const FIX: &str = "let only production's own pipeline change what leads to it";

/// One that takes traffic in the namespace.
const fn takes(rule: &'static str, need: &'static [Need], does: &'static str) -> Primitive {
    Primitive {
        rule,
        needs: need,
        gain: Gain::TakesTraffic,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does,
        fix: FIX,
    }
}

pub(super) const ROWS: &[Primitive] = &[
    takes(
        "change-services",
        &[Need::namespaced(CHANGE, SERVICES)],
        "lead the Services of {} to other pods, names or addresses",
    ),
    takes(
        "change-endpoints",
        &[Need::namespaced(CHANGE, ENDPOINTS)],
        "lead the Services of {} to any address",
    ),
    Primitive {
        gain: Gain::StopsPods,
        ..takes(
            "change-services",
            &[Need::namespaced(DELETE, SERVICES)],
            "delete the Services of {}, so that nobody finds what is behind them",
        )
    },
    Primitive {
        gain: Gain::StopsPods,
        ..takes(
            "change-endpoints",
            &[Need::namespaced(DELETE, ENDPOINTS)],
            "delete the endpoints of {}, so that its Services lead nowhere for a while",
        )
    },
    takes(
        "change-ingresses",
        &[Need::namespaced(CHANGE, INGRESSES)],
        "lead what comes from outside to {} elsewhere",
    ),
    // What names of DNS are made of.
    takes(
        "change-ingresses",
        &[Need::namespaced(EDIT, &[("networking.k8s.io", "ingresses/status")])],
        "change the addresses at which the Ingresses of {} say that they are",
    ),
    takes(
        "change-routes",
        &[Need::namespaced(CHANGE, ROUTES)],
        "lead what comes by routes and gateways of {} elsewhere",
    ),
    // Labels and addresses, from which the endpoints of Services are made. Tried on 1.36.
    takes(
        "change-pod-status",
        &[Need::namespaced(EDIT, &[("", "pods/status")])],
        "change the labels and the addresses of the pods of {}, and so where Services lead and what policies select",
    ),
    // A node takes all traffic to this address for the Service, wherever it comes from (CVE-2020-8554). Of a Service that is
    // no load balancer the server refuses it. Tried on 1.36.
    Primitive {
        rule: "change-load-balancer-addresses",
        needs: &[Need::any_namespace(EDIT, &[("", "services/status")])],
        gain: Gain::TakesTraffic,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "take what pods of {} send to any address, by a load balancer that says to be there",
        fix: "nobody but the controller of load balancers needs to write `services/status`",
    },
    Primitive {
        rule: "grant-references",
        needs: &[Need::namespaced(CHANGE, &[("gateway.networking.k8s.io", "referencegrants")])],
        gain: Gain::DialsPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "let routes of other namespaces lead to the Services of {}, and Gateways use its certificates",
        fix: "let only production's own pipeline write ReferenceGrants there",
    },
];
