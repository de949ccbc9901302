//! A draft of a pod, as the checks look at it.

use super::may::{self, Texts};
use crate::Known;

/// The lists of containers of a pod.
pub(super) const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// What validation refuses in the `securityContext` of a pod whose `os` is Windows, and in those of its containers, in every
/// version that knows `os`. Source: `validateWindows` of
/// <https://github.com/kubernetes/kubernetes/blob/v1.25.0/pkg/apis/core/validation/validation.go>.
const NOT_OF_WINDOWS_PODS: [&str; 7] = [
    "fsGroup",
    "fsGroupChangePolicy",
    "runAsGroup",
    "runAsUser",
    "seLinuxOptions",
    "seccompProfile",
    "supplementalGroups",
];
const NOT_OF_WINDOWS_CONTAINERS: [&str; 9] = [
    "allowPrivilegeEscalation",
    "capabilities",
    "privileged",
    "procMount",
    "readOnlyRootFilesystem",
    "runAsGroup",
    "runAsUser",
    "seLinuxOptions",
    "seccompProfile",
];

/// A pod of which a part is known.
#[derive(Debug)]
pub(super) struct Pod<'k> {
    pub(super) annotations: &'k Known,
    pub(super) spec: &'k Known,
    /// The `securityContext` of the whole pod.
    pub(super) context: &'k Known,
    /// The containers that are surely there, of every sort.
    pub(super) containers: Vec<&'k Known>,
    /// Whether the server may have the feature gate `UserNamespacesPodSecurityStandards` on.
    gate: bool,
}

impl<'k> Pod<'k> {
    pub(super) fn new(pod: &'k Known, gate: bool) -> Self {
        let spec = pod.field("spec");
        Self {
            annotations: pod.field("metadata").field("annotations"),
            spec,
            context: spec.field("securityContext"),
            containers: CONTAINERS.iter().flat_map(|list| may::elements(spec.field(list))).collect(),
            gate,
        }
    }

    /// The `securityContext` of each container.
    pub(super) fn container_contexts(&self) -> impl Iterator<Item = &'k Known> {
        self.containers.iter().map(|container| container.field("securityContext"))
    }

    /// That of the pod, and those of its containers.
    pub(super) fn contexts(&self) -> impl Iterator<Item = &'k Known> {
        std::iter::once(self.context).chain(self.container_contexts())
    }

    /// Whether the pod may be one of Windows.
    pub(super) fn may_be_of_windows(&self) -> bool {
        may::be_one_of(self.spec.field("os").field("name"), &Texts::words(&["windows"]))
            && may::be_absent(self.spec.field("hostUsers"))
            && NOT_OF_WINDOWS_PODS.iter().all(|field| may::be_absent(self.context.field(field)))
            && self.container_contexts().all(|context| {
                NOT_OF_WINDOWS_CONTAINERS.iter().all(|field| may::be_absent(context.field(field)))
            })
    }

    /// Whether the pod may have users of its own: root within it is nobody on the node (KEP-127).
    pub(super) fn may_have_own_users(&self) -> bool {
        may::be(self.spec.field("hostUsers"), false)
    }

    /// The same, where that matters by the feature gate alone.
    pub(super) fn may_have_own_users_by_gate(&self) -> bool {
        self.gate && self.may_have_own_users()
    }
}
