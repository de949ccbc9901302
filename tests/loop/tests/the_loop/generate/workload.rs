//! The short form of an application.

use super::{Place, Serves, optional, some_of, sometimes};
use serde_json::{Value, json};
use watertight_oracle::Random;

const DIGEST: &str = "sha256:8d9001d32c6a703d95921a77115050f33dd823d3f1730bd35215dcbecad6dc20";

/// Makes an application one in short form.
pub(super) fn workload(
    name: &str,
    places: &[&Place],
    stores: &[&str],
    (application, overrides): (&mut Value, &mut Vec<Value>),
    random: &mut Random,
) {
    application["image"] = format!("registry.example.com/shop/{name}@{DIGEST}").into();
    optional(application, "command", sometimes(random, 30, vec!["/usr/bin/run"]));
    optional(application, "args", sometimes(random, 30, vec!["--port", "8080"]));
    let ports = ports(random);
    let of_tcp: Vec<String> = ports
        .iter()
        .filter(|port| port["protocol"].is_null() || port["protocol"] == "TCP")
        .map(|port| port["name"].as_str().unwrap().to_owned())
        .collect();
    optional(application, "ports", ports.into());
    optional(application, "env", sometimes(random, 30, json!([{"name": "LOG_LEVEL", "value": "debug"}])));
    let secret = |name: &str| json!([{"name": name, "secret": "passwords", "key": "value"}]);
    optional(application, "secrets", sometimes(random, 30, secret("PASSWORD")));
    optional(application, "resources", resources(random));
    optional(application, "scaling", scaling(random));
    if let Some(port) = of_tcp.first() {
        optional(application, "probes", probes(port, random));
        routes(name, places, port, (application, overrides), random);
    }
    optional(application, "jobs", jobs(random));
    optional(application, "cron", cron(random));
    optional(application, "stores", some_of(random, stores, 60).into());
    for entry in overrides.iter_mut() {
        if random.chance(70) {
            continue;
        }
        optional(entry, "env", sometimes(random, 50, json!([{"name": "LOG_LEVEL", "value": "info"}])));
        optional(entry, "secrets", sometimes(random, 50, secret("TOKEN")));
        optional(entry, "resources", resources(random));
        optional(entry, "scaling", scaling(random));
    }
}

fn ports(random: &mut Random) -> Vec<Value> {
    let all = [("http", 8080, 80), ("metrics", 9090, 9090), ("game", 7000, 7001)];
    let some = some_of(random, &all, 60).into_iter();
    some.map(|(name, container_port, port)| {
        let mut listed = json!({"name": name, "containerPort": container_port});
        optional(&mut listed, "port", sometimes(random, 50, port));
        if name == "game" {
            listed["protocol"] = random.one_of(["UDP", "SCTP"]).into();
        } else {
            optional(&mut listed, "protocol", sometimes(random, 30, "TCP"));
        }
        listed
    })
    .collect()
}

fn resources(random: &mut Random) -> Value {
    let mut resources = json!({});
    if random.chance(50) {
        return resources;
    }
    let requests = [("cpu", "100m"), ("memory", "96Mi"), ("ephemeral-storage", "128Mi")];
    let limits = [("cpu", "600m"), ("memory", "640Mi"), ("ephemeral-storage", "1Gi")];
    for (side, amounts) in [("requests", requests), ("limits", limits)] {
        let some = some_of(random, &amounts, 60).into_iter();
        let some = some.map(|(name, amount)| (name.to_owned(), Value::from(amount)));
        optional(&mut resources, side, Value::Object(some.collect()));
    }
    resources
}

fn scaling(random: &mut Random) -> Value {
    let mut scaling = json!({});
    optional(&mut scaling, "min", sometimes(random, 40, 1));
    optional(&mut scaling, "max", sometimes(random, 40, 2));
    optional(&mut scaling, "cpu", sometimes(random, 30, 70));
    scaling
}

fn probes(port: &str, random: &mut Random) -> Value {
    let mut probes = json!({});
    for kind in ["readiness", "liveness", "startup"] {
        if random.chance(30) {
            let mut probe = json!({"port": port});
            optional(&mut probe, "path", sometimes(random, 50, "/ready"));
            optional(&mut probe, "periodSeconds", sometimes(random, 30, 5));
            optional(&mut probe, "timeoutSeconds", sometimes(random, 30, 2));
            optional(&mut probe, "failureThreshold", sometimes(random, 30, 4));
            probes[kind] = probe;
        }
    }
    probes
}

/// Routes in those environments that have some, by hosts of their own.
fn routes(
    name: &str,
    places: &[&Place],
    port: &str,
    (application, overrides): (&mut Value, &mut [Value]),
    random: &mut Random,
) {
    let route = |place: &Place, random: &mut Random| {
        // At a Gateway, certificates are its own.
        let percent = if place.routes == Some(Serves::Ingresses) { 40 } else { 0 };
        let mut route = json!({"host": format!("{name}.{}.example.com", place.name), "port": port});
        optional(&mut route, "path", sometimes(random, 40, "/shop"));
        optional(&mut route, "tlsSecret", sometimes(random, percent, "certificate"));
        json!([route])
    };
    if places.iter().all(|place| place.routes.is_none()) || random.chance(30) {
        return;
    }
    // What stands at the application holds where nothing else is said: in an environment of its own, or in the first.
    let stands_above = places[0].routes.is_some() && random.chance(50);
    if stands_above {
        application["routes"] = route(places[0], random);
    }
    for (place, entry) in places.iter().zip(overrides).skip(usize::from(stands_above)) {
        if place.routes.is_some() {
            entry["routes"] = route(place, random);
        } else if stands_above {
            entry["routes"] = json!([]);
        }
    }
}

fn jobs(random: &mut Random) -> Value {
    if random.chance(70) {
        return Value::Null;
    }
    let mut job = json!({"name": "migrate"});
    optional(&mut job, "command", sometimes(random, 50, vec!["/usr/bin/run"]));
    optional(&mut job, "args", sometimes(random, 50, vec!["migrate"]));
    optional(&mut job, "resources", resources(random));
    json!([job])
}

fn cron(random: &mut Random) -> Value {
    if random.chance(70) {
        return Value::Null;
    }
    let mut job = json!({"name": "report", "schedule": random.one_of(["@daily", "30 4 * * 1-5"])});
    optional(&mut job, "timeZone", sometimes(random, 50, "Europe/Berlin"));
    optional(&mut job, "command", sometimes(random, 50, vec!["/usr/bin/run"]));
    optional(&mut job, "args", sometimes(random, 50, vec!["report"]));
    optional(&mut job, "resources", resources(random));
    json!([job])
}
