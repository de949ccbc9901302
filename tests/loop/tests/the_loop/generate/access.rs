//! Who may act in an environment. Nobody stands on both sides of a wall.

use super::{Place, optional, sometimes};
use serde_json::{Value, json};
use watertight_oracle::Random;

pub(super) fn access(place: &Place, random: &mut Random) -> Value {
    let mut access = json!({});
    for kind in ["teams", "ci", "operators", "onCall"] {
        if random.chance(45) {
            let count = 1 + random.below(2);
            let parties = (0..count).map(|number| party(place, kind, number, random)).collect::<Vec<_>>();
            access[kind] = parties.into();
        }
    }
    access
}

fn party(place: &Place, kind: &str, number: usize, random: &mut Random) -> Value {
    let name = place.name;
    let who = format!("{}-{name}-{number}", kind.to_lowercase());
    let mut party = json!({"name": format!("{}-{number}", kind.to_lowercase())});
    // Where it lives: with others of its kind, in a namespace of nobody's, or in the environment itself.
    let shared = match kind {
        "ci" => "ci",
        "operators" => "operators",
        _ => "people",
    };
    let of_its_own = place.namespaces[random.below(place.namespaces.len())].as_str();
    let lives_in = random.one_of([shared, shared, of_its_own]);
    optional(&mut party, "users", sometimes(random, 40, vec![format!("{who}@example.com")]));
    optional(&mut party, "groups", sometimes(random, 40, vec![format!("{who}-group")]));
    let account = json!([{"namespace": lives_in, "name": who}]);
    let percent = if matches!(kind, "ci" | "operators") { 80 } else { 15 };
    optional(&mut party, "serviceAccounts", sometimes(random, percent, account));
    if ["users", "groups", "serviceAccounts"].iter().all(|who| party.get(who).is_none()) {
        party["groups"] = vec![format!("{who}-group")].into();
    }
    let role = random.one_of(["view", "edit"]);
    optional(&mut party, "role", sometimes(random, 60, role));
    party
}
