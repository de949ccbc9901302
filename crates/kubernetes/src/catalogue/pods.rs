//! Pods: making them, entering them, and opening connections to them past every policy.
//!
//! What is below a pod is authorized by the method of the request: `create` for POST, `get` for GET and HEAD, `update` for
//! PUT (`k8s.io/apiserver/pkg/endpoints/request/requestinfo.go`).

use crate::primitive::{ActsAs, CONNECT, EDIT, EVER, Need, Primitive};
use std::ops::RangeInclusive;
use watertight_model::Gain;

/// The versions in which a GET that becomes a stream asks for `get` alone. From 1.35 on it asks for `create` as well
/// (feature AuthorizePodWebsocketUpgradeCreatePermission). Tried on 1.33 to 1.36.
const GET_STREAMS: RangeInclusive<u32> = 0..=34;

pub(super) const ROWS: &[Primitive] = &[
    // Bound to a name it counts with `patch` on that name, by server-side apply. Tried on 1.36.
    Primitive {
        rule: "create-pods",
        needs: &[Need::namespaced(&["create"], &[("", "pods")])],
        gain: Gain::RunsPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "run any code in {}, with any ServiceAccount, Secret and volume there",
        fix: "let only production's own pipeline create pods there",
    },
    Primitive {
        rule: "exec-into-pods",
        needs: &[Need::namespaced(&["create"], &[("", "pods/exec")])],
        gain: Gain::EntersPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "run commands in the pods of {}",
        fix: "grant `pods/exec` to people on call alone, and for a while",
    },
    Primitive {
        rule: "exec-by-get",
        needs: &[Need::namespaced(&["get"], &[("", "pods/exec"), ("", "pods/attach")])],
        gain: Gain::EntersPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: GET_STREAMS,
        does: "run commands in the pods of {} by the verb `get`",
        fix: "take `get` on `pods/exec` and `pods/attach` out of roles that are meant for reading, or update to 1.35",
    },
    Primitive {
        rule: "attach-to-pods",
        needs: &[Need::namespaced(&["create"], &[("", "pods/attach")])],
        gain: Gain::EntersPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "talk to the processes in the pods of {} and read what they print",
        fix: "grant `pods/attach` to people on call alone, and for a while",
    },
    // Nothing else may be changed by it; PUT and PATCH both work. Tried on 1.36.
    Primitive {
        rule: "add-ephemeral-containers",
        needs: &[Need::namespaced(EDIT, &[("", "pods/ephemeralcontainers")])],
        gain: Gain::EntersPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "put containers of any image into the pods of {}",
        fix: "grant `pods/ephemeralcontainers` to people on call alone, and for a while",
    },
    Primitive {
        rule: "change-pods",
        needs: &[Need::namespaced(EDIT, &[("", "pods")])],
        gain: Gain::EntersPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "change the image and the labels of the pods of {}",
        fix: "nobody needs to change pods: controllers replace them",
    },
    Primitive {
        rule: "forward-ports",
        needs: &[Need::namespaced(&["create"], &[("", "pods/portforward")])],
        gain: Gain::DialsPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "connect to any port of the pods of {}, past every NetworkPolicy",
        fix: "grant `pods/portforward` to people on call alone, and for a while",
    },
    Primitive {
        rule: "forward-ports",
        needs: &[Need::namespaced(&["get"], &[("", "pods/portforward")])],
        gain: Gain::DialsPods,
        acts_as: ActsAs::Nobody,
        versions: GET_STREAMS,
        does: "connect to any port of the pods of {} by the verb `get`, past every NetworkPolicy",
        fix: "take `get` on `pods/portforward` out of roles that are meant for reading, or update to 1.35",
    },
    // Whatever the verb, the server dials, with the method that goes with it. Tried on 1.36.
    Primitive {
        rule: "proxy-to-pods",
        needs: &[Need::namespaced(CONNECT, &[("", "pods/proxy"), ("", "services/proxy")])],
        gain: Gain::DialsPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "have the API server connect to the pods of {}, past every NetworkPolicy that lets it in",
        fix: "take away `pods/proxy` and `services/proxy`: what is to be reached is published, or forwarded",
    },
    // The server dials the address that the status of the pod holds, but for loopback and link-local ones; through a Service
    // too, if it leads to that pod. Tried on 1.36.
    Primitive {
        rule: "proxy-to-any-address",
        needs: &[
            Need::any_namespace(EDIT, &[("", "pods/status")]),
            // Its names may hold a port: `web:8080`.
            Need::any_namespace(CONNECT, &[("", "pods/proxy"), ("", "services/proxy")]).own_names(),
        ],
        gain: Gain::DialsPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "have the API server connect to the pods of {}, by writing their addresses into a pod of its own",
        fix: "nobody but kubelets needs to write `pods/status`",
    },
];
