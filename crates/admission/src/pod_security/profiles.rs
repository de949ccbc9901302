//! Checks on the profiles that confine a container: AppArmor, seccomp and SELinux.

use super::may::{self, Texts};
use super::pod::Pod;
use crate::Known;

/// The types of profiles that confine.
const CONFINING: Texts = Texts::words(&["RuntimeDefault", "Localhost"]);

/// Before there were fields, profiles were named in annotations.
const APP_ARMOR_OF_CONTAINER: &str = "container.apparmor.security.beta.kubernetes.io/";
const APP_ARMOR: Texts = Texts { words: &["", "runtime/default"], prefixes: &["localhost/"] };
const SECCOMP_OF_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_OF_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
const SECCOMP: Texts = Texts { words: &["runtime/default", "docker/default"], prefixes: &["localhost/"] };

fn confines(profile: &Known) -> bool {
    may::be_one_of(profile.field("type"), &CONFINING)
}

/// `appArmorProfile`: no field and no annotation takes the profile away.
pub(super) fn app_armor(pod: &Pod<'_>) -> bool {
    let annotated = |annotations: &Known| match annotations {
        Known::Map { fields, .. } => fields
            .iter()
            .filter(|(key, _)| key.starts_with(APP_ARMOR_OF_CONTAINER))
            .all(|(_, value)| may::be_absent_or_one_of(value, &APP_ARMOR)),
        _ => true,
    };
    let mut profiles = pod.contexts().map(|context| context.field("appArmorProfile"));
    profiles.all(|profile| may::be_absent(profile) || confines(profile)) && annotated(pod.annotations)
}

/// `seccompProfile_baseline` as long as profiles were named in annotations.
pub(super) fn seccomp_annotations(pod: &Pod<'_>) -> bool {
    let admitted = |key: &str| may::be_absent_or_one_of(pod.annotations.field(key), &SECCOMP);
    let of_container = |container: &&Known| match container.field("name") {
        Known::Text(names) => names.iter().any(|name| admitted(&format!("{SECCOMP_OF_CONTAINER}{name}"))),
        _ => true,
    };
    admitted(SECCOMP_OF_POD) && pod.containers.iter().all(of_container)
}

/// `seccompProfile_baseline`: no field takes the profile away.
pub(super) fn seccomp(pod: &Pod<'_>) -> bool {
    let mut profiles = pod.contexts().map(|context| context.field("seccompProfile"));
    profiles.all(|profile| may::be_absent(profile) || confines(profile))
}

/// `seccompProfile_restricted`: every container has a profile, its own or the pod's.
pub(super) fn seccomp_everywhere(pod: &Pod<'_>) -> bool {
    let of_pod = pod.context.field("seccompProfile");
    let each = |own: &Known| confines(own) || (may::be_absent(own) && confines(of_pod));
    (may::be_absent(of_pod) || confines(of_pod))
        && pod.container_contexts().all(|context| each(context.field("seccompProfile")))
}

/// The same, where Windows has no such thing.
pub(super) fn seccomp_everywhere_1_25(pod: &Pod<'_>) -> bool {
    pod.may_be_of_windows() || seccomp_everywhere(pod)
}

const SELINUX: Texts = Texts::words(&["", "container_t", "container_init_t", "container_kvm_t"]);
const SELINUX_1_31: Texts =
    Texts::words(&["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"]);

/// `seLinuxOptions`: types of containers alone, and no user or role.
pub(super) fn selinux(pod: &Pod<'_>) -> bool {
    selinux_of(pod, &SELINUX)
}

/// The same, with one type more.
pub(super) fn selinux_1_31(pod: &Pod<'_>) -> bool {
    selinux_of(pod, &SELINUX_1_31)
}

fn selinux_of(pod: &Pod<'_>, types: &Texts) -> bool {
    pod.contexts().map(|context| context.field("seLinuxOptions")).all(|options| {
        may::be_absent_or_one_of(options.field("type"), types)
            && may::be_empty(options.field("user"))
            && may::be_empty(options.field("role"))
    })
}
