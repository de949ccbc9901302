//! What is said about single walls, and what is let through them.

use super::{Exceptions, Plan, optional, sometimes};
use serde_json::{Value, json};
use watertight_oracle::Random;

/// What the rest of the intent says.
pub(super) struct Said<'a> {
    pub(super) plan: &'a Plan,
    pub(super) environments: &'a Value,
    pub(super) applications: &'a Value,
}

pub(super) fn boundaries(said: &Said<'_>, exceptions: Exceptions, random: &mut Random) -> Value {
    let plan = said.plan;
    let mut boundaries = Vec::new();
    for from in 0..plan.places.len() {
        for to in 0..plan.places.len() {
            if from == to || random.chance(70) {
                continue;
            }
            let mut boundary = json!({"from": plan.places[from].name, "to": plan.places[to].name});
            optional(&mut boundary, "promises", sometimes(random, 30, vec!["network", "api"]));
            if exceptions == Exceptions::Some {
                optional(&mut boundary, "exceptions", of_boundary(said, [from, to], random));
            }
            boundaries.push(boundary);
        }
    }
    boundaries.into()
}

fn of_boundary(said: &Said<'_>, [from, to]: [usize; 2], random: &mut Random) -> Value {
    let plan = said.plan;
    let mut exceptions = Vec::new();
    let share = plan.places[from].cluster == plan.places[to].cluster;
    while random.chance(40) {
        let allows = if random.chance(50) && share {
            let Some(connection) = connection(said, [from, to], random) else { continue };
            ("connection", connection)
        } else {
            ("access", access(said, from, share, random))
        };
        exceptions.push(json!({
            allows.0: allows.1,
            "reason": "until the migration is done",
            "owner": "team-platform",
            "expires": random.one_of(["2026-12-31", "2027-03-31"]),
        }));
    }
    exceptions.into()
}

/// A connection to a port of an application that runs on the other side.
fn connection(said: &Said<'_>, [from, to]: [usize; 2], random: &mut Random) -> Option<Value> {
    let Said { plan, applications, .. } = said;
    let runs_in = |application: &&Value, place: usize| match application["environments"].as_array() {
        Some(names) => names.iter().any(|name| name == plan.places[place].name),
        None => true,
    };
    let all: Vec<&Value> = applications.as_array().unwrap().iter().collect();
    let called: Vec<&Value> = all
        .iter()
        .copied()
        .filter(|application| runs_in(application, to) && application["ports"].is_array())
        .collect();
    let called = *random.pick(&called)?;
    let ports = called["ports"].as_array().unwrap();
    let port = random.pick(ports)?;
    let mut connection = json!({"to": called["name"], "ports": [port["containerPort"]]});
    optional(&mut connection, "protocol", port["protocol"].clone());
    let callers: Vec<&Value> = all
        .iter()
        .copied()
        .filter(|application| runs_in(application, from) && application["image"].is_string())
        .collect();
    if let Some(caller) = random.pick(&callers)
        && random.chance(60)
    {
        connection["from"] = caller["name"].clone();
    }
    Some(connection)
}

/// A right of somebody of the hostile side.
fn access(said: &Said<'_>, from: usize, share: bool, random: &mut Random) -> Value {
    let place = &said.plan.places[from];
    let role = random.one_of(["view", "edit"]);
    let account = json!({"namespace": place.namespaces[0], "name": "mirror"});
    // One of those who act there already.
    let teams = said.environments[from]["access"]["teams"].as_array();
    let groups = teams.into_iter().flatten().find_map(|team| team["groups"].as_array());
    if let Some(group) = groups.and_then(|groups| groups.first())
        && random.chance(50)
    {
        return json!({"group": group, "role": role});
    }
    match random.below(if share { 3 } else { 2 }) {
        0 => json!({"user": format!("visitor-{}@example.com", place.name), "role": role}),
        1 => json!({"group": format!("visitors-{}", place.name), "role": role}),
        _ => json!({"serviceAccount": account, "role": role}),
    }
}
