//! A player that knows nothing of the proof tries what every principal of one side may do, and comes to nothing of the other.

use crate::cluster::Cluster;
use crate::fleet::Fleet;
use crate::generate::{Exceptions, intent};
use crate::walls::seeds;
use watertight_api::{SUPPORTED, bootstrap};
use watertight_model::Admission;
use watertight_network::Profile;
use watertight_oracle::Random;
use watertight_oracle::attacker::{Game, Move, World, play};
use watertight_oracle::rbac::Rbac;

/// A game on a cluster, of one side against the other.
fn game(cluster: &Cluster<'_>, pair: [usize; 2], seed: u64) -> Game {
    let built_in = bootstrap(*SUPPORTED.end());
    let by_itself = (built_in.roles.as_slice(), built_in.role_bindings.as_slice());
    let surely = Rbac::new(&cluster.snapshot, by_itself, |admission| admission == Admission::Accepted);
    let sides = pair.map(|id| {
        let namespaces = &cluster.fleet.intent.environments[id].namespaces;
        namespaces.iter().map(|namespace| namespace.value.clone()).collect::<Vec<_>>()
    });
    let mut random = Random::new(seed);
    let mut world = World::new(&cluster.snapshot, surely, &sides[0], &sides[1], &mut random);
    let question = cluster.question(pair, Profile::CONSERVATIVE);
    let said = question.principals.into_iter();
    world.said = said.map(|given| (given.principal, given.environment == question.from)).collect();
    play(world, &Move::ALL, &mut random)
}

#[test]
fn the_player_comes_to_nothing_of_the_other_side() {
    let (mut games, mut moves) = (0, 0);
    for seed in seeds(20) {
        let text = intent(seed, Exceptions::None).to_string();
        let Ok(fleet) = Fleet::of(&text) else { continue };
        for index in 0..fleet.intent.clusters.len() {
            let cluster = Cluster::of(&fleet, index, false);
            for pair in cluster.pairs() {
                let game = game(&cluster, pair, seed);
                let first = game.reached.first();
                assert!(first.is_none(), "seed {seed}, {pair:?}: {first:?}\n{:#?}\n{text}", game.played);
                games += 1;
                moves += game.played.len();
            }
        }
    }
    println!("{games} games, {moves} moves");
    assert!(games > 100 && moves > 5 * games, "{games} games with {moves} moves");
}

#[test]
fn the_player_comes_across_where_a_right_is_let_through() {
    let mut reached = 0;
    for seed in seeds(20) {
        let Ok(fleet) = Fleet::of(&intent(seed, Exceptions::Some).to_string()) else { continue };
        for index in 0..fleet.intent.clusters.len() {
            let cluster = Cluster::of(&fleet, index, false);
            let games = cluster.pairs().into_iter().map(|pair| game(&cluster, pair, seed));
            reached += games.filter(|game| !game.reached.is_empty()).count();
        }
    }
    assert!(reached > 2, "{reached}");
}
