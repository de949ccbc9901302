//! Checks on what of the kernel a pod sees and sets.

use super::may::{self, Texts};
use super::pod::Pod;

/// `procMount`: `/proc` is masked.
pub(super) fn masked_proc(pod: &Pod<'_>) -> bool {
    let masked = Texts::words(&["Default"]);
    pod.may_have_own_users_by_gate()
        || pod
            .container_contexts()
            .all(|context| may::be_absent_or_one_of(context.field("procMount"), &masked))
}

/// The same at the baseline, where a pod with users of its own may see all of it.
pub(super) fn masked_proc_1_35(pod: &Pod<'_>) -> bool {
    pod.may_have_own_users() || masked_proc(pod)
}

/// What is safe to set, by the version from which on it is. Each adds to the one before.
const SYSCTLS: Texts = Texts::words(&[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
]);
const SYSCTLS_1_27: Texts = Texts::words(&["net.ipv4.ip_local_reserved_ports"]);
const SYSCTLS_1_29: Texts = Texts::words(&[
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
]);
const SYSCTLS_1_32: Texts = Texts::words(&["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]);

/// `sysctls`: only those that touch no other pod.
pub(super) fn sysctls(pod: &Pod<'_>) -> bool {
    sysctls_of(pod, &[SYSCTLS])
}

/// The same from 1.27 on.
pub(super) fn sysctls_1_27(pod: &Pod<'_>) -> bool {
    sysctls_of(pod, &[SYSCTLS, SYSCTLS_1_27])
}

/// The same from 1.29 on.
pub(super) fn sysctls_1_29(pod: &Pod<'_>) -> bool {
    sysctls_of(pod, &[SYSCTLS, SYSCTLS_1_27, SYSCTLS_1_29])
}

/// The same from 1.32 on.
pub(super) fn sysctls_1_32(pod: &Pod<'_>) -> bool {
    sysctls_of(pod, &[SYSCTLS, SYSCTLS_1_27, SYSCTLS_1_29, SYSCTLS_1_32])
}

fn sysctls_of(pod: &Pod<'_>, safe: &[Texts]) -> bool {
    may::elements(pod.context.field("sysctls"))
        .iter()
        .all(|sysctl| safe.iter().any(|texts| may::be_one_of(sysctl.field("name"), texts)))
}
