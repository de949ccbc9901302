//! The levels of API Priority and Fairness that an intent compiles to, on a real API server: it gives them the seats that were
//! computed, and brings the requests of each environment to its own.

use crate::compiled::{MINIMAL, compile_into};
use anyhow::{Context as _, Result};
use kube::api::ListParams;
use kube::client::Body;
use kube::core::Request;
use serde_json::Value;
use std::collections::BTreeMap;
use tempfile::TempDir;
use watertight_testbed::{ControlPlane, eventually};

/// The shares of the levels that a server makes by itself, as the compiler takes them.
const SHARES_OF_DEFAULTS: u64 = 245;

/// Staging has two users of its own beside its ServiceAccounts, and production one.
fn intent() -> String {
    MINIMAL.replace(
        "[{name: staging}, {name: production}]",
        "[{name: staging, access: {teams: [{name: dev, users: [jane], groups: [developers]}]}}, \
         {name: production, access: {teams: [{name: run, groups: [operators]}]}}]",
    )
}

#[tokio::test]
async fn the_server_has_the_seats_and_each_environment_its_own() -> Result<()> {
    let Some(plane) = ControlPlane::start()? else { return Ok(()) };
    let folder = TempDir::new()?;
    compile_into(folder.path(), &intent())?;
    let cluster = folder.path().join("default");
    plane.kubectl(&["apply", "--server-side", "-k", cluster.to_str().context("a path")?])?;
    let levels = list(&plane, "prioritylevelconfigurations")?;

    let shares = |level: &Value| {
        let spec = &level["spec"];
        let shares = |of: &str| spec[of]["nominalConcurrencyShares"].as_u64();
        shares("limited").or(shares("exempt")).unwrap_or_default()
    };
    let is_ours =
        |level: &&Value| level["metadata"]["name"].as_str().is_some_and(|it| it.starts_with("watertight-"));
    let (ours, others): (Vec<&Value>, Vec<&Value>) = levels.iter().partition(is_ours);
    assert_eq!(others.iter().map(|level| shares(level)).sum::<u64>(), SHARES_OF_DEFAULTS);
    assert_eq!(ours.len(), 2);

    for level in ours {
        let name = level["metadata"]["name"].as_str().context("a name")?;
        let said = level["metadata"]["annotations"]["watertight.dev/seats"].as_str().context("seats")?;
        let seats: f64 = said.split(' ').next().context("a number")?.parse()?;
        let metric =
            |what: &str| format!("apiserver_flowcontrol_{what}_limit_seats{{priority_level=\"{name}\"}}");
        let read = async || {
            let metrics = plane.kubectl(&["get", "--raw", "/metrics"])?;
            let value = |what: &str| {
                let line = metrics.lines().find_map(|line| line.strip_prefix(&metric(what)))?;
                line.trim().parse::<f64>().ok()
            };
            Ok([value("nominal"), value("lower"), value("upper")]
                .into_iter()
                .collect::<Option<Vec<f64>>>()
                .filter(|limits| limits[0] == seats))
        };
        let limits = eventually(&format!("{name} has its seats: {said}"), read).await?;
        if name.ends_with("staging") {
            // It takes no more than its own, and lends half.
            assert_eq!(limits, [60.0, 30.0, 60.0], "{name}");
        } else {
            // It keeps its own, and may take what others do not need.
            assert_eq!(limits[..2], [120.0, 120.0], "{name}");
            assert!(limits[2] > 120.0, "{name}: {limits:?}");
        }
    }
    requests_come_to_their_level(&plane).await
}

fn list(plane: &ControlPlane, kind: &str) -> Result<Vec<Value>> {
    let all: Value = serde_json::from_str(&plane.kubectl(&["get", kind, "-o", "json"])?)?;
    Ok(all["items"].as_array().context("a list")?.clone())
}

/// Which level serves somebody: the server says it in a header of its answer, even of a refusal.
async fn requests_come_to_their_level(plane: &ControlPlane) -> Result<()> {
    let levels: BTreeMap<String, String> = list(plane, "prioritylevelconfigurations")?
        .iter()
        .filter_map(|level| {
            let text = |key: &str| Some(level["metadata"][key].as_str()?.to_owned());
            Some((text("uid")?, text("name")?))
        })
        .collect();
    let client = plane.client().await?;
    let asked = [
        ("jane", None, "watertight-staging"),
        ("joe", Some("developers"), "watertight-staging"),
        ("system:serviceaccount:staging:any", Some("system:serviceaccounts:staging"), "watertight-staging"),
        ("joe", Some("operators"), "watertight-production"),
        (
            "system:serviceaccount:production:any",
            Some("system:serviceaccounts:production"),
            "watertight-production",
        ),
        // Who is of both is bounded.
        ("jane", Some("operators"), "watertight-staging"),
        // Others are where they were.
        ("system:serviceaccount:tools:any", Some("system:serviceaccounts"), "workload-low"),
        ("somebody", None, "global-default"),
        (
            "system:serviceaccount:kube-system:any",
            Some("system:serviceaccounts:kube-system"),
            "workload-high",
        ),
    ];
    for (user, group, wanted) in asked {
        // By what is asked for nobody gets to another level: in the other environment, in none, and of no resource.
        for path in ["/api/v1/namespaces/production/pods", "/api/v1/pods", "/api/v1/nodes", "/version"] {
            let served = async || {
                let mut request = Request::new(path).list(&ListParams::default())?.map(Body::from);
                let headers = request.headers_mut();
                headers.insert("Impersonate-User", user.parse()?);
                for group in group.iter().copied().chain(["system:authenticated"]) {
                    headers.append("Impersonate-Group", group.parse()?);
                }
                let answer = client.send(request).await?;
                let uid = answer.headers().get("x-kubernetes-pf-prioritylevel-uid");
                let uid = uid.and_then(|uid| uid.to_str().ok());
                let level = uid.and_then(|uid| levels.get(uid)).map(String::as_str);
                Ok((level == Some(wanted)).then_some(()))
            };
            eventually(&format!("{user} of {group:?} is served by {wanted} at {path}"), served).await?;
        }
    }
    Ok(())
}
