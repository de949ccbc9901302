//! Which resource kubectl takes a name for.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use watertight_api::{Resource, Resources};
use watertight_testbed::{ControlPlane, eventually};

/// How many names are asked for one by one, which takes kubectl a start for each.
const ASKED: usize = 50;

/// How many of them at a time.
const AT_A_TIME: usize = 4;

/// Names that mean nothing, or nothing that one would think of.
const ODD: [&str; 23] = [
    "nothing",
    "pods.apps",
    "pods.core",
    "pods.v1.",
    "pods.v2.",
    "pods.",
    "pods.v1.a",
    "po.v7.",
    "Deploy.V9.Apps",
    "deployments.v9.apps",
    "deployments.v1.app",
    "bigmachine",
    "no",
    "no.zoo",
    "deploy",
    "deploy.zoo",
    "dep",
    "svc.farm",
    "cages.farm.example.com",
    "tractors.v10.farm.example.com",
    "sheds",
    "sh",
    "sheds.storage",
];

/// All names by which a resource could be asked for, but for those with a version, in lower case.
fn names(resource: &Resource) -> Vec<String> {
    let Resource { group, kind, plural, singular, short_names, .. } = resource;
    let kind = kind.to_lowercase();
    let mut names: Vec<&str> = vec![plural, singular, &kind];
    names.extend(short_names.iter().map(String::as_str));
    let mut groups = vec![String::new(), format!(".{group}")];
    let cut = [group.len().saturating_sub(1), group.find('.').unwrap_or(0), group.len().min(1)];
    groups.extend(cut.map(|length| format!(".{}", &group[..length])));
    let all = groups.iter().flat_map(|group| names.iter().map(move |name| format!("{name}{group}")));
    all.collect()
}

fn versioned(resource: &Resource) -> Vec<String> {
    let Resource { group, versions, .. } = resource;
    let names = names(resource);
    let plain = names.iter().filter(|name| !name.contains('.'));
    plain.flat_map(|name| versions.iter().map(move |version| format!("{name}.{version}.{group}"))).collect()
}

/// Asks kubectl for every name.
pub(super) async fn assert_same(plane: &ControlPlane, ours: &Resources) -> Result<()> {
    // kubectl remembers what a server at an address serves, for hours; others may have had this address.
    let cache = tempfile::tempdir()?;
    let cache = cache.path().to_string_lossy();
    let cache = format!("--cache-dir={cache}");
    let all: BTreeSet<String> = ours.iter().flat_map(names).collect();
    let (found, unknown): (Vec<&String>, Vec<&String>) =
        all.iter().partition(|name| ours.find(name).is_some());
    at_once(plane, &cache, ours, &found)?;

    let mut rare: Vec<String> = ours.iter().flat_map(versioned).collect();
    rare.extend(unknown.into_iter().cloned());
    rare.extend(found.iter().map(|name| name.to_uppercase()));
    let step = rare.len().div_ceil(ASKED);
    let mut asked: Vec<String> = ODD.map(str::to_owned).to_vec();
    asked.extend(rare.into_iter().step_by(step));
    one_by_one(plane, &cache, ours, &asked).await
}

/// Asks for many names in one call: `create clusterrole` says for which resources it takes them, and the number of each
/// goes with it as that of a subresource. It wants them in lower case, and without a version.
fn at_once(plane: &ControlPlane, cache: &str, ours: &Resources, names: &[&String]) -> Result<()> {
    let resources: Vec<String> =
        names.iter().enumerate().map(|(index, name)| format!("{name}/{index}")).collect();
    let resources = format!("--resource={}", resources.join(","));
    let call =
        ["create", "clusterrole", "x", "--verb=get", "--dry-run=client", "-o", "json", cache, &resources];
    let role: Value = serde_json::from_str(&plane.kubectl(&call)?)?;
    let mut theirs: Vec<Option<(String, String)>> = vec![None; names.len()];
    for rule in role["rules"].as_array().into_iter().flatten() {
        let group = rule["apiGroups"][0].as_str().context("a rule has a group")?;
        for resource in rule["resources"].as_array().into_iter().flatten() {
            let (plural, index) =
                resource.as_str().and_then(|text| text.split_once('/')).context("a rule has resources")?;
            let place = theirs.get_mut(index.parse::<usize>()?).context("it is one of the numbers")?;
            *place = Some((group.to_owned(), plural.to_owned()));
        }
    }
    let mut wrong = Vec::new();
    for (name, theirs) in names.iter().zip(theirs) {
        let ours = ours.find(name).map(|resource| (resource.group.clone(), resource.plural.clone()));
        if ours != theirs {
            wrong.push(format!("{name}: kubectl {theirs:?}, ours {ours:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} names:\n{}", wrong.len(), names.len(), wrong.join("\n"));
    assert!(names.len() > 900, "only {} names", names.len());
    Ok(())
}

/// Asks for names as users do. Somebody who may do one thing to one resource, and another thing to the next, is told
/// `yes` if we know which one is meant. What kubectl does not know, it asks for as it is written.
async fn one_by_one(plane: &ControlPlane, cache: &str, ours: &Resources, names: &[String]) -> Result<()> {
    let resources: Vec<&Resource> = ours.iter().collect();
    let of_resource = |(index, resource): (usize, &&Resource)| json!({ "verbs": [format!("do-{index}")], "apiGroups": [resource.group], "resources": [resource.plural] });
    let mut rules: Vec<Value> = resources.iter().enumerate().map(of_resource).collect();
    let unknown: Vec<&String> = names.iter().filter(|name| ours.find(name).is_none()).collect();
    rules.push(json!({ "verbs": ["do-unknown"], "apiGroups": [""], "resources": unknown }));
    let role = json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": { "name": "asker" }, "rules": rules });
    plane.kubectl_with_input(&["create", "-f", "-"], &role.to_string())?;
    plane.kubectl(&["create", "clusterrolebinding", "asker", "--clusterrole=asker", "--user=asker"])?;
    let can = |verb: &str, name: &str| {
        let answer = plane.kubectl(&["auth", "can-i", verb, name, "--as=asker", "-A", cache]);
        // A `no` is a failure to kubectl.
        answer.is_ok_and(|answer| answer.trim() == "yes")
    };
    eventually("the binding counts", async || Ok(can("do-unknown", "nothing").then_some(()))).await?;
    let verb = |name: &str| match ours.find(name) {
        None => "do-unknown".to_owned(),
        Some(found) => {
            let index = resources.iter().position(|resource| *resource == found);
            format!("do-{}", index.unwrap_or(usize::MAX))
        }
    };
    let ask = |part: &[String]| -> Vec<String> {
        let wrong = part.iter().filter(|name| !can(&verb(name), name));
        wrong.map(|name| format!("{name}: ours {:?}", ours.find(name))).collect()
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let parts = names.chunks(names.len().div_ceil(AT_A_TIME));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || ask(part))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} of {} names:\n{}", wrong.len(), names.len(), wrong.join("\n"));
    Ok(())
}
