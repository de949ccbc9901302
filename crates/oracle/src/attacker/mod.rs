//! A player: it begins as the principals of one side, and plays moves at random until nothing new is possible.
//!
//! Each move is a sequence of concrete requests, all of which RBAC, read plainly, must allow to one principal that it
//! holds. What they do is done to the world: pods run, bindings are there, roles have other rules. So it knows nothing of
//! closures, and whatever it reaches has been reached.

mod derivation;
mod moves;
mod options;
mod sharing;
mod together;
mod world;

pub use derivation::replay;
pub use moves::{Effect, Move};
pub use together::{Holder, Opens, Taken, Together, Writable};
pub use world::{Running, World};

use crate::random::Random;
use crate::rbac::{self, Rights};
use std::collections::{BTreeMap, BTreeSet};
use watertight_model::{Attributes, ResourceAttributes, User};

/// A game that was played to its end.
#[derive(Debug)]
pub struct Game {
    /// As whom the player can act.
    pub held: BTreeSet<User>,
    /// Those of them as whom it acts by impersonation alone, which does not nest: the server looks at the headers once.
    pub impersonated: BTreeSet<User>,
    /// What it did, in order.
    pub played: Vec<Played>,
    /// What it reached of the other side.
    pub reached: Vec<Reached>,
}

/// A move that was made.
#[derive(Debug, Clone)]
pub struct Played {
    /// Which.
    pub what: Move,
    /// As whom.
    pub by: User,
    /// The requests, all of which were allowed.
    pub requests: Vec<ResourceAttributes>,
    /// What it did.
    pub effect: Effect,
}

/// Something of the other side that was reached (convention 11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// What.
    pub asset: Asset,
    /// Where; empty for somebody who is in no namespace.
    pub namespace: String,
    /// By which of the moves.
    pub by: usize,
}

/// What counts as the other side's (convention 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asset {
    /// Code in one of its namespaces.
    Code,
    /// One of its principals.
    Principal,
    /// One of its Secrets.
    Secret,
    /// A connection to one of its pods.
    Connection,
    /// One of its objects, changed or deleted.
    Object,
    /// An account on something of its own.
    Account,
    /// Requests and connections that are meant for it.
    Traffic,
}

/// How many moves are made once something is reached. Whoever can bind roles to everybody could go on for thousands.
const MOVES_AFTER: usize = 150;

/// Plays until nothing new is possible by these moves, or some moves beyond the first that reached something.
#[must_use]
pub fn play(mut world: World, moves: &[Move], random: &mut Random) -> Game {
    let mut game =
        Game { held: world.starts(), impersonated: BTreeSet::new(), played: Vec::new(), reached: Vec::new() };
    let mut done: BTreeSet<Effect> = BTreeSet::new();
    let mut exhausted: BTreeMap<User, BTreeSet<Move>> = BTreeMap::new();
    while let Some(played) = next(&world, &game, moves, &done, &mut exhausted, random) {
        done.insert(played.effect.clone());
        if matches!(played.effect, Effect::Makes { .. } | Effect::Binds { .. } | Effect::Rewrites { .. }) {
            exhausted.clear();
        }
        for (asset, namespace) in apply(&mut world, &mut game, &played) {
            game.reached.push(Reached { asset, namespace, by: game.played.len() });
        }
        game.played.push(played);
        if game.reached.first().is_some_and(|first| game.played.len() > first.by + MOVES_AFTER) {
            break;
        }
    }
    game
}

/// One of the moves that are possible and do something new. Moves that somebody can no longer make are exhausted until the
/// world changes.
fn next(
    world: &World,
    game: &Game,
    moves: &[Move],
    done: &BTreeSet<Effect>,
    exhausted: &mut BTreeMap<User, BTreeSet<Move>>,
    random: &mut Random,
) -> Option<Played> {
    let players: Vec<(&User, Rights<'_>)> =
        game.held.iter().map(|by| (by, world.rbac.rights_of(by))).collect();
    let mut turns: Vec<(&User, &Rights<'_>, Move)> = Vec::new();
    for (by, rights) in players.iter().filter(|(_, rights)| !rights.are_none()) {
        let nests = game.impersonated.contains(by);
        let is_left = |what: &&Move| {
            let is_in_vain = nests && what.impersonates();
            !is_in_vain && !exhausted.get(by).is_some_and(|done| done.contains(what))
        };
        turns.extend(moves.iter().filter(is_left).map(|&what| (*by, rights, what)));
    }
    while !turns.is_empty() {
        let (by, rights, what) = turns.swap_remove(random.below(turns.len()));
        let mut options = what.options(world, by);
        while !options.is_empty() {
            let (requests, effect) = options.swap_remove(random.below(options.len()));
            let is_new = match &effect {
                Effect::ActsAs(who) => {
                    !game.held.contains(who) || game.impersonated.contains(who) && !what.impersonates()
                }
                _ => !done.contains(&effect),
            };
            let is_allowed = |asked: &ResourceAttributes| rights.allow(&Attributes::Resource(asked.clone()));
            if is_new && requests.iter().all(is_allowed) {
                return Some(Played { what, by: by.clone(), requests, effect });
            }
        }
        exhausted.entry(by.clone()).or_default().insert(what);
    }
    None
}

/// Does what a move does, and says what of the other side was reached by it.
fn apply(world: &mut World, game: &mut Game, played: &Played) -> Vec<(Asset, String)> {
    let mut reached = Vec::new();
    let mut reach = |asset: Asset, namespace: &str| {
        if world.to.contains(namespace) {
            reached.push((asset, namespace.to_owned()));
        }
    };
    match &played.effect {
        Effect::ActsAs(who) => {
            match world.account_of(who) {
                Some((namespace, _)) => reach(Asset::Principal, &namespace),
                None if world.is_of_to(who) => reached.push((Asset::Principal, String::new())),
                None => {}
            }
            if played.what.impersonates() {
                game.impersonated.insert(who.clone());
            } else {
                game.impersonated.remove(who);
            }
            game.held.insert(who.clone());
        }
        Effect::Runs { namespace, account } => {
            reach(Asset::Code, namespace);
            // Nobody needs to enter a pod of their own, so that it is not put beside those that were there.
            game.impersonated.remove(&rbac::account(namespace, account));
            game.held.insert(rbac::account(namespace, account));
        }
        Effect::Enters { namespace, account, .. } => {
            reach(Asset::Code, namespace);
            game.impersonated.remove(&rbac::account(namespace, account));
            game.held.insert(rbac::account(namespace, account));
        }
        Effect::Reads { namespace, .. } => reach(Asset::Secret, namespace),
        Effect::Dials { namespace, .. } => reach(Asset::Connection, namespace),
        Effect::Changes { namespace, .. } => reach(Asset::Object, namespace),
        Effect::ComesTo { namespace, asset, .. } => reach(*asset, namespace),
        Effect::Makes { namespace, account } => {
            world.accounts.insert((namespace.clone(), account.clone()));
        }
        Effect::Binds { namespace, is_cluster_role, role, to } => {
            world.bind(namespace, *is_cluster_role, role, to);
        }
        Effect::Rewrites { namespace, role } => world.rewrite(namespace, role),
    }
    reached
}
