//! What a server says to a pod: a dry run.

use anyhow::{Context, Result, bail};
use kube::Client;
use kube::api::PostParams;
use kube::core::Request;
use serde_json::Value;
use watertight_admission::pod_security::Check;

/// What it says.
#[derive(Debug)]
pub(super) enum Answer {
    /// The object, with what the server fills in.
    Admitted(Value),
    /// Why Pod Security refuses it.
    Refused(Vec<String>),
    /// Something else refuses it.
    Invalid,
}

/// How a pod gets to the server.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    Create,
    Replace,
    /// Containers that debug are added by a subresource.
    Debug,
}

/// Asks the server whether it would take a pod.
pub(super) async fn ask(client: &Client, namespace: &str, way: Way, pod: &Value) -> Result<Answer> {
    let requests = Request::new(format!("/api/v1/namespaces/{namespace}/pods"));
    let (dry_run, body) = (PostParams { dry_run: true, ..PostParams::default() }, serde_json::to_vec(pod)?);
    let name = pod["metadata"]["name"].as_str().context("a pod without a name")?;
    let request = match way {
        Way::Create => requests.create(&dry_run, body)?,
        Way::Replace => requests.replace(name, &dry_run, body)?,
        Way::Debug => requests.replace_subresource("ephemeralcontainers", name, &dry_run, body)?,
    };
    match client.request::<Value>(request).await {
        Ok(pod) => Ok(Answer::Admitted(pod)),
        Err(kube::Error::Api(status)) => match (reasons(&status.message), status.code) {
            (Some(reasons), 403) => Ok(Answer::Refused(reasons)),
            (None, 400 | 403 | 422) => Ok(Answer::Invalid),
            _ => bail!("the server answers {} to {pod}: {}", status.code, status.message),
        },
        Err(error) => Err(error).with_context(|| format!("the server was asked about {pod}")),
    }
}

/// The reasons of Pod Security, without what they are about.
fn reasons(message: &str) -> Option<Vec<String>> {
    let (_, rest) = message.split_once("violates PodSecurity \"")?;
    let (_, reasons) = rest.split_once("\": ")?;
    let reason = |part: &str| part.split(" (").next().unwrap_or(part).trim_end_matches('s').to_owned();
    Some(reasons.split("), ").map(reason).collect())
}

/// How the server speaks of a check.
pub(super) fn reason(check: Check) -> String {
    let reason = match check {
        Check::AppArmorProfile => "forbidden AppArmor profile",
        Check::CapabilitiesBaseline => "non-default capabilities",
        Check::HostNamespaces => "host namespaces",
        Check::HostPathVolumes => "hostPath volumes",
        Check::HostPorts => "hostPort",
        Check::HostProbesAndHostLifecycle => "probe or lifecycle host",
        Check::Privileged => "privileged",
        Check::ProcMount | Check::ProcMountRestricted => "procMount",
        Check::SeLinuxOptions => "seLinuxOptions",
        Check::SeccompProfileBaseline | Check::SeccompProfileRestricted => "seccompProfile",
        Check::Sysctls => "forbidden sysctls",
        Check::WindowsHostProcess => "hostProcess",
        Check::AllowPrivilegeEscalation => "allowPrivilegeEscalation != false",
        Check::CapabilitiesRestricted => "unrestricted capabilities",
        Check::RestrictedVolumes => "restricted volume types",
        Check::RunAsNonRoot => "runAsNonRoot != true",
        Check::RunAsUser => "runAsUser=0",
    };
    reason.trim_end_matches('s').to_owned()
}
