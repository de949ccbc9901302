//! Checks on who a container runs as, and what it may become.

use super::may::{self, Texts};
use super::pod::Pod;
use crate::Known;

/// `privileged`: no privileged container.
pub(super) fn privileged(pod: &Pod<'_>) -> bool {
    pod.container_contexts().all(|context| may::be_absent_or(context.field("privileged"), false))
}

/// `allowPrivilegeEscalation`: every container says that it must not gain more than its parent has.
pub(super) fn escalation(pod: &Pod<'_>) -> bool {
    pod.container_contexts().all(|context| may::be(context.field("allowPrivilegeEscalation"), false))
}

/// The same, where Windows has no such thing.
pub(super) fn escalation_1_25(pod: &Pod<'_>) -> bool {
    pod.may_be_of_windows() || escalation(pod)
}

/// `runAsNonRoot`: the pod or each container says that it does not run as root, and none says that it does.
pub(super) fn not_root(pod: &Pod<'_>) -> bool {
    let of_pod = pod.context.field("runAsNonRoot");
    let each = |own: &Known| may::be(own, true) || (may::be_absent(own) && may::be(of_pod, true));
    pod.may_have_own_users_by_gate()
        || (may::be_absent_or(of_pod, true)
            && pod.container_contexts().all(|context| each(context.field("runAsNonRoot"))))
}

/// The same, where a pod with users of its own may be root.
pub(super) fn not_root_1_35(pod: &Pod<'_>) -> bool {
    pod.may_have_own_users() || not_root(pod)
}

/// `runAsUser`: none is user 0.
pub(super) fn not_user_0(pod: &Pod<'_>) -> bool {
    pod.may_have_own_users_by_gate()
        || pod.contexts().all(|context| *context.field("runAsUser") != Known::Integer(0))
}

/// The same, where a pod with users of its own may be root.
pub(super) fn not_user_0_1_35(pod: &Pod<'_>) -> bool {
    pod.may_have_own_users() || not_user_0(pod)
}

/// What containers have by themselves, but for `NET_RAW`.
const DEFAULT: Texts = Texts::words(&[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
]);

/// `capabilities_baseline`: none is added to those that containers have by themselves.
pub(super) fn default_capabilities(pod: &Pod<'_>) -> bool {
    adds_only(pod, &DEFAULT)
}

/// `capabilities_restricted`: all are dropped, and at most that for low ports is added.
pub(super) fn no_capabilities(pod: &Pod<'_>) -> bool {
    let drops_all = |context: &Known| {
        may::hold_one_of(context.field("capabilities").field("drop"), &Texts::words(&["ALL"]))
    };
    pod.container_contexts().all(drops_all) && adds_only(pod, &Texts::words(&["NET_BIND_SERVICE"]))
}

/// The same, where Windows has no such thing.
pub(super) fn no_capabilities_1_25(pod: &Pod<'_>) -> bool {
    pod.may_be_of_windows() || no_capabilities(pod)
}

fn adds_only(pod: &Pod<'_>, texts: &Texts) -> bool {
    pod.container_contexts()
        .flat_map(|context| may::elements(context.field("capabilities").field("add")))
        .all(|added| may::be_one_of(added, texts))
}
