//! Servers before 1.34, whose Pod Security lets probes name hosts whatever version is pinned: there the guard is alone.

use super::served::{Served, sides};
use super::{JANE, walled};
use anyhow::Result;
use std::collections::BTreeSet;
use watertight_model::Verdict;
use watertight_network::Profile;
use watertight_testbed::Options;

#[tokio::test]
async fn a_server_of_1_33_refuses_probes_and_hooks_that_name_a_host() -> Result<()> {
    let options = Options { kubernetes: "1.33".to_owned(), ..Options::default() };
    let Some((plane, intent)) = walled(options).await? else { return Ok(()) };
    let pod = |list: &str, call: &str| {
        let other =
            if list == "containers" { "" } else { "containers: [{name: b, image: registry.example/b:1}], " };
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: tried}}, spec: {{{other}{list}: \
             [{{name: a, image: registry.example/a:1, {call}}}]}}}}"
        )
    };
    let create = [&["create", "--dry-run=server", "-n", "staging", "-f", "-"][..], &JANE].concat();
    let calls = |host: &str| {
        let way = format!("httpGet: {{port: 80{host}}}");
        let socket = format!("tcpSocket: {{port: 80{host}}}");
        [
            ("livenessProbe", format!("livenessProbe: {{{way}}}")),
            ("readinessProbe", format!("readinessProbe: {{{socket}}}")),
            ("startupProbe", format!("startupProbe: {{{way}}}")),
            ("postStart", format!("lifecycle: {{postStart: {{{way}}}}}")),
            ("preStop", format!("lifecycle: {{preStop: {{{way}}}}}")),
        ]
    };
    for (name, call) in calls("") {
        plane.kubectl_with_input(&create, &pod("containers", &call)).map_err(|error| error.context(name))?;
    }
    for (name, call) in calls(", host: 10.0.0.1") {
        for (list, more) in [("containers", ""), ("initContainers", ", restartPolicy: Always")] {
            let Err(refused) = plane.kubectl_with_input(&create, &pod(list, &format!("{call}{more}"))) else {
                panic!("{name} of {list} names a host");
            };
            let refused = format!("{refused:#}");
            let promise = "staging is kept out of production (promise network): ";
            assert!(refused.contains("watertight-probes-staging") && refused.contains(promise), "{refused}");
        }
    }
    // So the proof sees it, as far as it knows the version of the server: kubelets are never newer.
    let served = Served::of(&plane)?;
    for (name, from, to) in sides(&intent) {
        let isolated = (Verdict::Isolated, BTreeSet::new());
        assert_eq!(served.verdict(from, to, Profile::CONSERVATIVE)?, isolated, "{name}");
        for kind in ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"] {
            let without = served.without(kind, &format!("watertight-probes-{name}"))?;
            let breached = (Verdict::Breached, BTreeSet::from(["probe-host"]));
            assert_eq!(
                without.verdict(from, to, Profile::CONSERVATIVE)?,
                breached,
                "{name} without its {kind}"
            );
        }
    }
    Ok(())
}
