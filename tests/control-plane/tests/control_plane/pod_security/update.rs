//! Changes of pods that are there since their namespace enforced nothing.

use super::answer::{Answer, Way, ask};
use super::known::known;
use super::{World, make_namespace, random};
use anyhow::Result;
use futures_util::{StreamExt, TryStreamExt, stream};
use kube::api::{GetParams, PatchParams, PostParams};
use kube::core::Request;
use serde_json::{Value, json};
use watertight_base::Labels;
use watertight_model::PodSecurity;
use watertight_oracle::Random;
use watertight_testbed::eventually;

/// How many changes of each pod are tried.
const CHANGES: u64 = 60;

/// How many requests are under way at a time.
const AT_A_TIME: usize = 24;

/// Asks both about changes of some pods, at each level.
pub(super) async fn changes(world: &World) -> Result<()> {
    let (mut refused, mut admitted) = ([0; 3], [0; 3]);
    for level in ["baseline", "restricted"] {
        let namespace = format!("changed-{level}");
        make_namespace(&world.client, &namespace, &Labels::new()).await?;
        let mut pods = Vec::new();
        for (name, pod) in pods_to_change() {
            let path = Request::new(format!("/api/v1/namespaces/{namespace}/pods"));
            let request = path.create(&PostParams::default(), serde_json::to_vec(&pod)?)?;
            world.client.request::<Value>(request).await?;
            pods.push((name, path.get(name, &GetParams::default())?));
        }
        let labels: Labels = [(PodSecurity::ENFORCE.to_owned(), level.to_owned())].into();
        enforce(world, &namespace, &labels).await?;
        let standard = world.standard(&labels);
        for (name, request) in pods {
            let old: Value = world.client.request(request).await?;
            let tried =
                stream::iter(0..CHANGES).map(|seed| {
                    let (way, new) = change(&old, seed);
                    let namespace = &namespace;
                    async move {
                        Ok::<_, anyhow::Error>((way, ask(&world.client, namespace, way, &new).await?, new))
                    }
                });
            for (way, answer, new) in tried.buffer_unordered(AT_A_TIME).try_collect::<Vec<_>>().await? {
                let ours = standard.refuses_update(&known(&old), &known(&new));
                let theirs = match answer {
                    Answer::Invalid => continue,
                    answer => matches!(answer, Answer::Refused(_)),
                };
                assert_eq!(ours.is_some(), theirs, "{namespace}/{name}, {way:?}: {ours:?}\n{new:#}");
                (if theirs { &mut refused } else { &mut admitted })[way as usize] += 1;
            }
        }
    }
    let [_, replaced, debugged] = refused;
    let [_, replaced_freely, debugged_freely] = admitted;
    assert!(replaced > 20 && debugged > 20, "{refused:?} {admitted:?}");
    assert!(replaced_freely > 20 && debugged_freely > 20, "{refused:?} {admitted:?}");
    Ok(())
}

/// A pod that any level admits, and others.
fn pods_to_change() -> [(&'static str, Value); 3] {
    let pod = |name: &str, context: Value, of_container: Value| {
        json!({
            "metadata": {"name": name},
            "spec": {
                "schedulerName": "nobody", "automountServiceAccountToken": false, "securityContext": context,
                "containers": [{"name": "a", "image": "a.example/a", "securityContext": of_container}],
            },
        })
    };
    let confined = json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}});
    let harmless = json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}});
    [
        ("restricted", pod("restricted", confined, harmless)),
        ("baseline", pod("baseline", json!({}), json!({}))),
        ("privileged", pod("privileged", json!({}), json!({"privileged": true}))),
    ]
}

/// Puts the labels on the namespace, and waits until they count.
async fn enforce(world: &World, namespace: &str, labels: &Labels) -> Result<()> {
    let patch = kube::api::Patch::Merge(json!({"metadata": {"labels": labels}}));
    let request = Request::new("/api/v1/namespaces").patch(namespace, &PatchParams::default(), &patch)?;
    world.client.request::<Value>(request).await?;
    let refused = json!({"metadata": {"name": "p"}, "spec": {
        "hostPID": true, "containers": [{"name": "a", "image": "a.example/a"}]}});
    eventually("the labels count", async || {
        let answer = ask(&world.client, namespace, Way::Create, &refused).await?;
        Ok(matches!(answer, Answer::Refused(_)).then_some(()))
    })
    .await
}

/// A change of a pod.
fn change(old: &Value, seed: u64) -> (Way, Value) {
    let mut random = Random::new(seed);
    let mut new = old.clone();
    match random.below(8) {
        0 => new["metadata"]["labels"]["team"] = json!("a"),
        1 => {
            new["metadata"]["annotations"]["container.apparmor.security.beta.kubernetes.io/a"] =
                json!("unconfined");
        }
        2 => new["spec"]["containers"][0]["image"] = json!("a.example/b"),
        3 => new["spec"]["activeDeadlineSeconds"] = json!(1000),
        _ => {
            let context = random::context_of_debugger(&mut random);
            let container = json!({"name": "d", "image": "a.example/d", "securityContext": context});
            new["spec"]["ephemeralContainers"] = json!([container]);
            return (Way::Debug, new);
        }
    }
    (Way::Replace, new)
}
