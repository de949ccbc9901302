//! The requests of the moves that make use of what both sides have together.

use super::Asset;
use super::moves::Effect;
use super::options::{Play, ask};
use super::together::{Holder, Opens, Taken};
use super::world::{World, someone};

/// One of its own needs no request; any other is mounted by a pod, and a Secret also read.
pub(super) fn use_credential(world: &World) -> Vec<Play> {
    let mut plays = Vec::new();
    for Holder { is_secret, namespace, name, opens } in &world.together.holders {
        let by = format!("{} {namespace}/{name}", if *is_secret { "Secret" } else { "ConfigMap" });
        let effect = match opens {
            Opens::Same(of) => comes_to(of, Asset::Secret, by),
            Opens::Login(of) => comes_to(of, Asset::Account, by),
            Opens::Acts(principal) => Effect::ActsAs(someone(principal)),
        };
        if world.from.contains(namespace) {
            plays.push((Vec::new(), effect.clone()));
        }
        let read = [("get", name.as_str()), ("list", ""), ("watch", "")];
        for (verb, name) in read.into_iter().filter(|_| *is_secret) {
            plays.push((vec![ask(verb, "", "secrets", namespace, name)], effect.clone()));
        }
        plays.push((vec![ask("create", "", "pods", namespace, "")], effect));
    }
    plays
}

/// A cloud takes the tokens of an account: those of its pods, and those that are asked for.
pub(super) fn assume_identity(world: &World) -> Vec<Play> {
    let mut plays = Vec::new();
    for (namespace, name, of) in &world.together.accounts {
        let effect = comes_to(of, Asset::Principal, format!("ServiceAccount {namespace}/{name}"));
        if world.from.contains(namespace) {
            plays.push((Vec::new(), effect.clone()));
        }
        plays.push((vec![ask("create", "", "serviceaccounts/token", namespace, name)], effect.clone()));
        plays.push((vec![ask("create", "", "pods", namespace, "")], effect));
    }
    plays
}

/// Makes an Ingress or a route that takes something.
pub(super) fn publish(world: &World, resource: &str, wanted: Taken) -> Vec<Play> {
    let is_it = |it: &&super::together::Writable| it.resource.1 == resource && it.what == wanted;
    let play = |it: &super::together::Writable| {
        let asset = match it.what {
            Taken::Requests => Asset::Traffic,
            Taken::Secrets => Asset::Secret,
            Taken::Connections => Asset::Connection,
        };
        let effect = comes_to(&it.of, asset, format!("a new object of {resource} in {}", it.namespace));
        (vec![ask("create", it.resource.0, resource, &it.namespace, "")], effect)
    };
    world.together.writable.iter().filter(is_it).map(play).collect()
}

/// What is there takes it without any request.
pub(super) fn take(world: &World) -> Vec<Play> {
    let play = |(by, of): &(String, String)| (Vec::new(), comes_to(of, Asset::Traffic, by.clone()));
    world.together.taken.iter().map(play).collect()
}

fn comes_to(namespace: &str, asset: Asset, by: String) -> Effect {
    Effect::ComesTo { namespace: namespace.to_owned(), asset, by }
}
