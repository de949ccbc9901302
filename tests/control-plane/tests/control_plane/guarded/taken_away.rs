//! A cluster in which both environments publish through shared proxies, proved with all guards, and without each of them.

use super::served::{Served, sides};
use super::walled;
use crate::compiled::proved;
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::Protocol;
use watertight_intent::Intent;
use watertight_model::{NeedState, Verdict};
use watertight_network::Profile;
use watertight_prove::NeedQuestion;
use watertight_testbed::{Options, eventually};

/// An ingress-nginx and a Gateway that serve both, which the fences of both let in, the cluster's DNS, and pods to be reached.
/// An administrator gave the team of staging rights on Gateways that no role of ours has.
const SHARED: &str = include_str!("shared.yaml");

/// The answer where nothing was found, and both sides are served by a Gateway.
const WITH_GATEWAYS: Verdict = Verdict::Unknown;

/// What `prove` finds where a guard is not there, by environment and concern. Other guards keep what it does not look at yet:
///
/// - `privileged`: Pod Security refuses them too;
/// - `priority`: the channel `capacity` is not examined;
/// - `nodes`: the channel `node` is not examined;
/// - `probes`: Pod Security refuses them on this server; `without_pod_security.rs` has one on which it does not.
const FOUND: [(&str, &str, &[&str]); 15] = [
    ("staging", "privileged", &[]),
    ("staging", "priority", &[]),
    ("staging", "nodes", &[]),
    ("staging", "probes", &[]),
    ("staging", "services", &["shared-proxy"]),
    ("staging", "ingresses", &["shared-proxy", "taken-host"]),
    ("staging", "routes", &["taken-host"]),
    ("staging", "gateways", &["taken-host"]),
    ("staging", "streams", &["taken-host"]),
    ("production", "privileged", &[]),
    ("production", "priority", &[]),
    ("production", "probes", &[]),
    ("production", "services", &["shared-proxy"]),
    ("production", "ingresses", &["shared-proxy", "taken-host"]),
    ("production", "routes", &["taken-host"]),
];

#[tokio::test]
async fn a_guard_taken_away_opens_what_it_is_there_for() -> Result<()> {
    let Some((plane, intent)) = walled(Options::default()).await? else { return Ok(()) };
    plane.kubectl_with_input(&["apply", "--server-side", "-f", "-"], SHARED)?;
    let running = ["get", "pods", "-A", "-o=jsonpath={.items[*].status.phase}"];
    let run = async || Ok((plane.kubectl(&running)? == ["Running"; 5].join(" ")).then_some(()));
    eventually("five pods run", run).await?;
    let served = Served::of(&plane)?;
    // Where the proxies of a shared Gateway are, and where they go, is in no manifest.
    let without_gateways = served.without_kind("Gateway").without_kind("HTTPRoute");
    for (served, verdict) in [(&served, WITH_GATEWAYS), (&without_gateways, Verdict::Isolated)] {
        for (name, from, to) in sides(&intent) {
            for profile in Profile::ALL.into_iter().filter(|profile| profile.name != "none") {
                let label = profile.label();
                assert_eq!(
                    served.verdict(from, to, profile)?,
                    (verdict, BTreeSet::new()),
                    "{name} {label}: {:?}",
                    served.blind_spots(from, to, profile)
                );
            }
        }
    }
    what_is_needed_works(&served, &intent)?;

    what_each_guard_is_there_for(&served, &intent)?;
    what_each_validation_is_there_for(&served, &intent)
}

fn what_each_guard_is_there_for(served: &Served, intent: &Intent) -> Result<()> {
    let mut found: BTreeMap<(&str, String), BTreeSet<&str>> = BTreeMap::new();
    let items = served.0["items"].as_array().context("a list")?;
    let policies = items.iter().filter(|item| item["kind"] == "ValidatingAdmissionPolicy");
    for policy in policies.filter_map(|policy| policy["metadata"]["name"].as_str()) {
        for (name, from, to) in sides(intent) {
            let concern =
                policy.strip_prefix("watertight-").and_then(|rest| rest.strip_suffix(&format!("-{name}")));
            let Some(concern) = concern else { continue };
            for kind in ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"] {
                let (verdict, rules) =
                    served.without(kind, policy)?.verdict(from, to, Profile::CONSERVATIVE)?;
                let wanted = if rules.is_empty() { WITH_GATEWAYS } else { Verdict::Breached };
                assert_eq!(verdict, wanted, "without {kind} {policy}: {rules:?}");
                let known = found.entry((name, concern.to_owned())).or_insert_with(|| rules.clone());
                assert_eq!(*known, rules, "without {kind} {policy}");
            }
        }
    }
    let listed = FOUND
        .into_iter()
        .map(|(name, concern, rules)| ((name, concern.to_owned()), rules.iter().copied().collect()));
    assert_eq!(found, listed.collect::<BTreeMap<_, _>>());
    Ok(())
}

/// What `prove` finds where one validation of staging's guards is not there, by how its message begins. Some stand beside
/// others, so that it finds nothing:
///
/// - externalIPs are no breach: the assumption `external-ips-denied` is listed without the validation, as it is for the Gateways that the
///   team may write here;
/// - a selector is not asked for where nobody may write addresses;
/// - a default backend is one of every host, of which production has none here;
/// - which Secrets annotations name is not looked at;
/// - a route that leads to other namespaces needs a ReferenceGrant there.
const OF_VALIDATIONS: [(&str, &[&str]); 11] = [
    ("a Service may not have externalIPs", &[]),
    ("a Service may not be of the type ExternalName", &["shared-proxy"]),
    ("a Service needs a selector", &[]),
    ("an Ingress may not have a defaultBackend", &[]),
    ("an Ingress names only hosts", &["taken-host"]),
    ("an Ingress names only hosts", &["taken-host"]),
    ("an Ingress may not have annotations by which", &["shared-proxy"]),
    ("an annotation of an Ingress may not name", &[]),
    ("a route names only hosts", &["taken-host"]),
    ("a route names only hosts", &["taken-host"]),
    ("a route leads to", &[]),
];

fn what_each_validation_is_there_for(served: &Served, intent: &Intent) -> Result<()> {
    let [(_, staging, production), _] = sides(intent);
    let mut listed = OF_VALIDATIONS.iter();
    for concern in ["services", "ingresses", "routes"] {
        for (why, without) in served.without_validations(&format!("watertight-{concern}-staging"))? {
            let (start, wanted) = listed.next().context("a validation that is not listed")?;
            let (_, rules) = without.verdict(staging, production, Profile::CONSERVATIVE)?;
            assert!(why.starts_with(start), "{why}");
            assert_eq!(rules, wanted.iter().copied().collect(), "{why}");
            let assumed = |served: &Served| -> Result<bool> {
                let answer =
                    proved(&served.0.to_string(), staging, production, Profile::CONSERVATIVE, Vec::new())?;
                let mut channels = answer.boundaries.iter().flat_map(|boundary| &boundary.channels);
                Ok(channels
                    .any(|channel| channel.assumptions.iter().any(|it| it.id == "external-ips-denied")))
            };
            if start.ends_with("externalIPs") {
                assert!(assumed(&without)?, "{why}");
            }
        }
    }
    assert_eq!(listed.next(), None);
    Ok(())
}

/// Behind the fence, pods reach the DNS and those of their own environment.
fn what_is_needed_works(served: &Served, intent: &Intent) -> Result<()> {
    let to = |from: &str, to: &str| NeedQuestion::Connection {
        from: from.to_owned(),
        to: to.to_owned(),
        protocol: Protocol::Tcp,
        port: 8080,
    };
    let needs = vec![
        NeedQuestion::Dns,
        to("staging/web", "staging-batch/web"),
        to("staging-batch/web", "staging/web"),
        to("ingress-nginx/controller", "staging/web"),
        to("ingress-nginx/controller", "production/web"),
    ];
    let [(_, staging, production), _] = sides(intent);
    for profile in Profile::ALL.into_iter().filter(|profile| profile.name != "none") {
        let label = profile.label();
        let report = proved(&served.0.to_string(), staging, production, profile, needs.clone())?;
        assert_eq!(report.needs.len(), needs.len());
        for need in report.needs {
            assert_eq!(need.state, NeedState::Open, "{label}: {need:#?}");
        }
    }
    Ok(())
}
