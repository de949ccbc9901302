//! What other servers than the API server do by a `get`, for the groups of the API that they answer for.
//!
//! The API server passes such a request on once `get` on the subresource is allowed, and it may become a stream.
//! Source: <https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/>.

use crate::primitive::{ActsAs, EVER, Need, Of, Primitive};
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    // `console` and the others answer to GET alone, and become a stream.
    // Source: `pkg/virt-api/rest` of KubeVirt.
    Primitive {
        rule: "enter-virtual-machines",
        needs: &[Need::namespaced(&["get"], CONSOLES)],
        gain: Gain::EntersPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "use the consoles of the virtual machines of {} by the verb `get`",
        fix: "take `get` on the consoles of virtual machines out of roles that are meant for reading",
    },
    Primitive {
        rule: "enter-virtual-machines",
        needs: &[Need::namespaced(&["get"], PORTS)],
        gain: Gain::DialsPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "connect to any port of the virtual machines of {} by the verb `get`, past every NetworkPolicy",
        fix: "take `get` on `portforward` of virtual machines out of roles that are meant for reading",
    },
    Primitive {
        rule: "unknown-subresources",
        needs: &[Need::namespaced(&["get"], &[]).of(Of::UnknownParts)],
        gain: Gain::EntersPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "do in {} what subresources do of which nothing is known: some run commands by the verb `get`",
        fix: "grant only those subresources of which it is known what they do",
    },
];

const CONSOLES: &[(&str, &str)] = &[
    ("subresources.kubevirt.io", "virtualmachineinstances/console"),
    ("subresources.kubevirt.io", "virtualmachineinstances/usbredir"),
    ("subresources.kubevirt.io", "virtualmachineinstances/vnc"),
    ("subresources.kubevirt.io", "virtualmachineinstances/vsock"),
];
const PORTS: &[(&str, &str)] = &[
    ("subresources.kubevirt.io", "virtualmachineinstances/portforward"),
    ("subresources.kubevirt.io", "virtualmachines/portforward"),
];
