//! The checks of the Pod Security Standards: which there are, and from which version on they ask what.
//!
//! Source: <https://github.com/kubernetes/pod-security-admission/tree/v0.36.3/policy>, a file for each check.

use super::pod::Pod;
use super::{host, kernel, privilege, profiles, volumes};
use watertight_model::PodSecurityLevel;

/// A check, by the name that Kubernetes gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// `appArmorProfile`: no profile but the default and those of the node.
    AppArmorProfile,
    /// `capabilities_baseline`: no capability beside the usual ones.
    CapabilitiesBaseline,
    /// `hostNamespaces`: no namespace of the node.
    HostNamespaces,
    /// `hostPathVolumes`: no folder of the node.
    HostPathVolumes,
    /// `hostPorts`: no port of the node.
    HostPorts,
    /// `hostProbesAndHostLifecycle`: no probe or hook that names a host.
    HostProbesAndHostLifecycle,
    /// `privileged`: no privileged container.
    Privileged,
    /// `procMount`: a masked `/proc`.
    ProcMount,
    /// `seLinuxOptions`: types of containers alone.
    SeLinuxOptions,
    /// `seccompProfile_baseline`: no container without a profile, if one is named.
    SeccompProfileBaseline,
    /// `sysctls`: safe ones alone.
    Sysctls,
    /// `windowsHostProcess`: no process of a Windows node.
    WindowsHostProcess,
    /// `allowPrivilegeEscalation`: it is false.
    AllowPrivilegeEscalation,
    /// `capabilities_restricted`: all are dropped.
    CapabilitiesRestricted,
    /// `procMount_restricted`: a masked `/proc`, also for pods with users of their own.
    ProcMountRestricted,
    /// `restrictedVolumes`: volumes that are listed.
    RestrictedVolumes,
    /// `runAsNonRoot`: it is true.
    RunAsNonRoot,
    /// `runAsUser`: it is not 0.
    RunAsUser,
    /// `seccompProfile_restricted`: every container has a profile.
    SeccompProfileRestricted,
}

/// Whether a pod that fits a draft may pass.
type Passes = fn(&Pod<'_>) -> bool;

/// What a check asks.
struct Row {
    check: Check,
    level: PodSecurityLevel,
    /// What it asks, from which minor version on; the newest last.
    since: &'static [(u32, Passes)],
    /// The check of the baseline that it stands in for.
    instead_of: Option<Check>,
}

impl Row {
    const fn baseline(check: Check, since: &'static [(u32, Passes)]) -> Self {
        Self { check, level: PodSecurityLevel::Baseline, since, instead_of: None }
    }

    const fn restricted(check: Check, since: &'static [(u32, Passes)], instead_of: Option<Check>) -> Self {
        Self { check, level: PodSecurityLevel::Restricted, since, instead_of }
    }

    /// What it asks in a version.
    fn in_version(&self, version: u32) -> Option<Passes> {
        self.since.iter().rev().find(|(since, _)| *since <= version).map(|(_, passes)| *passes)
    }
}

/// All of them, in the order in which the server names them.
static CHECKS: [Row; 19] = [
    Row::baseline(Check::AppArmorProfile, &[(0, profiles::app_armor)]),
    Row::baseline(Check::CapabilitiesBaseline, &[(0, privilege::default_capabilities)]),
    Row::baseline(Check::HostNamespaces, &[(0, host::namespaces)]),
    Row::baseline(Check::HostPathVolumes, &[(0, volumes::no_host_path)]),
    Row::baseline(Check::HostPorts, &[(0, host::ports)]),
    Row::baseline(Check::HostProbesAndHostLifecycle, &[(34, host::probes)]),
    Row::baseline(Check::Privileged, &[(0, privilege::privileged)]),
    Row::baseline(Check::ProcMount, &[(0, kernel::masked_proc), (35, kernel::masked_proc_1_35)]),
    Row::baseline(Check::SeLinuxOptions, &[(0, profiles::selinux), (31, profiles::selinux_1_31)]),
    Row::baseline(
        Check::SeccompProfileBaseline,
        &[(0, profiles::seccomp_annotations), (19, profiles::seccomp)],
    ),
    Row::baseline(
        Check::Sysctls,
        &[
            (0, kernel::sysctls),
            (27, kernel::sysctls_1_27),
            (29, kernel::sysctls_1_29),
            (32, kernel::sysctls_1_32),
        ],
    ),
    Row::baseline(Check::WindowsHostProcess, &[(0, host::windows_process)]),
    Row::restricted(
        Check::AllowPrivilegeEscalation,
        &[(8, privilege::escalation), (25, privilege::escalation_1_25)],
        None,
    ),
    Row::restricted(
        Check::CapabilitiesRestricted,
        &[(22, privilege::no_capabilities), (25, privilege::no_capabilities_1_25)],
        Some(Check::CapabilitiesBaseline),
    ),
    Row::restricted(Check::ProcMountRestricted, &[(35, kernel::masked_proc)], Some(Check::ProcMount)),
    Row::restricted(Check::RestrictedVolumes, &[(0, volumes::restricted)], Some(Check::HostPathVolumes)),
    Row::restricted(Check::RunAsNonRoot, &[(0, privilege::not_root), (35, privilege::not_root_1_35)], None),
    Row::restricted(Check::RunAsUser, &[(23, privilege::not_user_0), (35, privilege::not_user_0_1_35)], None),
    Row::restricted(
        Check::SeccompProfileRestricted,
        &[(19, profiles::seccomp_everywhere), (25, profiles::seccomp_everywhere_1_25)],
        Some(Check::SeccompProfileBaseline),
    ),
];

impl Check {
    /// Every check.
    pub fn all() -> impl Iterator<Item = Self> {
        CHECKS.iter().map(|row| row.check)
    }
}

/// The checks of a level that no pod that fits the draft would pass.
pub(super) fn failed(level: PodSecurityLevel, version: u32, pod: &Pod<'_>) -> impl Iterator<Item = Check> {
    let in_force = move |row: &&Row| row.level <= level && row.in_version(version).is_some();
    let stands_in =
        move |row: &Row| CHECKS.iter().filter(in_force).any(|other| other.instead_of == Some(row.check));
    let fails = move |row: &&Row| row.in_version(version).is_some_and(|passes| !passes(pod));
    CHECKS.iter().filter(in_force).filter(fails).filter(move |row| !stands_in(row)).map(|row| row.check)
}
