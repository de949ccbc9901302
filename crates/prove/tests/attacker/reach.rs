//! Whatever the player reaches, the proof calls breached.

use crate::cluster::{api, cluster, question, question_of, seeds, shared_cluster, world};
use crate::moves::known;
use std::collections::{BTreeMap, BTreeSet};
use watertight_model::{Principal, SubjectKind, Verdict};
use watertight_oracle::attacker::{Move, play};
use watertight_oracle::manifests::to_yaml;
use watertight_oracle::{Random, rbac};
use watertight_prove::prove;

#[test]
fn whatever_the_player_reaches_is_a_breach() {
    let mut moves = known();
    moves.retain(|what| !Move::TOGETHER.contains(what));
    let mut reached = 0;
    let mut kept = 0;
    let mut by_move: BTreeMap<Move, usize> = BTreeMap::new();
    let mut chained = 0;
    for seed in seeds() {
        let mut random = Random::new(seed);
        let snapshot = cluster(seed);
        let question = question_of(seed);
        let report = prove(&snapshot, &question).unwrap();
        let world = world(&snapshot, &question, &report, &mut random);
        let starts = world.starts();
        let game = play(world, &moves, &mut random);
        for played in &game.played {
            *by_move.entry(played.what).or_default() += 1;
        }
        let Some(first) = game.reached.first() else {
            kept += 1;
            continue;
        };
        reached += 1;
        chained +=
            usize::from(game.reached.iter().all(|reached| !starts.contains(&game.played[reached.by].by)));
        assert_eq!(
            api(&report).verdict,
            Verdict::Breached,
            "seed {seed}: {first:?} by {:#?}\n{}",
            &game.played[..=first.by],
            to_yaml(&snapshot)
        );
    }
    assert!(reached >= 30 && kept >= 30, "{reached} were reached and {kept} were not");
    assert!(chained >= 10, "only {chained} took a step between");
    let unused: Vec<&Move> = moves.iter().filter(|what| !by_move.contains_key(what)).collect();
    // Which rare one chance leaves out hangs on everything that the generator draws; each has a cluster of its own too.
    assert!(unused.len() <= 1, "never made: {unused:?}");
}

#[test]
fn whatever_the_player_reaches_by_what_both_sides_have_together_is_a_breach() {
    let moves = known();
    let (mut reached, mut kept, mut isolated) = (0, 0, 0);
    let mut by_move: BTreeMap<Move, usize> = BTreeMap::new();
    for seed in seeds() {
        let mut random = Random::new(seed);
        let (snapshot, text) = shared_cluster(seed);
        let report = prove(&snapshot, &question()).unwrap();
        let world = world(&snapshot, &question(), &report, &mut random);
        let game = play(world, &moves, &mut random);
        for reached in &game.reached {
            *by_move.entry(game.played[reached.by].what).or_default() += 1;
        }
        let verdict = api(&report).verdict;
        isolated += usize::from(verdict == Verdict::Isolated);
        let Some(first) = game.reached.first() else {
            kept += 1;
            continue;
        };
        reached += 1;
        let told = &game.played[..=first.by];
        assert_eq!(verdict, Verdict::Breached, "seed {seed}: {first:?} by {told:#?}\n{text}");
    }
    let counts = format!("{reached} reached, {kept} kept, {isolated} isolated: {by_move:?}");
    assert!(reached >= 30 && kept >= 10 && isolated >= 10, "{counts}");
    for what in Move::TOGETHER {
        assert!(by_move.contains_key(&what), "{what:?} comes to nothing: {counts}");
    }
}

#[test]
fn both_begin_as_the_same_principals() {
    for seed in seeds() {
        let mut random = Random::new(seed);
        let snapshot = cluster(seed);
        let question = question_of(seed);
        let report = prove(&snapshot, &question).unwrap();
        let world = world(&snapshot, &question, &report, &mut random);
        let starts = world.starts();
        let said: BTreeSet<&Principal> =
            report.environments[0].principals.iter().map(|choice| &choice.principal).collect();
        for principal in &said {
            let is_held = starts.iter().any(|who| rbac::is_principal(who, principal));
            assert!(is_held, "seed {seed}: nobody is {principal} from the start\n{}", to_yaml(&snapshot));
        }
        for (namespace, name) in world.bound_accounts() {
            let principal = Principal::service_account(&namespace, &name);
            let is_held = starts.iter().any(|who| rbac::is_principal(who, &principal));
            assert_eq!(
                said.contains(&principal),
                is_held,
                "seed {seed}: {principal}\n{}",
                to_yaml(&snapshot)
            );
        }
        for principal in world.bound_people() {
            let is_held = starts.iter().any(|who| match principal.kind {
                SubjectKind::Group => who.groups.contains(&principal.name),
                _ => who.name == principal.name,
            });
            assert_eq!(
                said.contains(&principal),
                is_held,
                "seed {seed}: {principal}\n{}",
                to_yaml(&snapshot)
            );
        }
    }
}
