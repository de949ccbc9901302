//! What runs in the environments, and the stores that it uses.

use super::{Place, Plan, optional, some_of, sometimes, workload};
use serde_json::{Value, json};
use watertight_oracle::Random;

const NAMES: [&str; 4] = ["web", "orders", "search", "mail"];

pub(super) fn stores(plan: &Plan, random: &mut Random) -> Value {
    let mut stores = Vec::new();
    for (number, name) in ["db", "cache"].into_iter().enumerate() {
        if random.chance(50) {
            continue;
        }
        let engine = random.one_of(["mongodb", "mysql", "postgresql", "redis", "valkey"]);
        let endpoint = |(index, place): (usize, &Place), random: &mut Random| {
            let host = format!("{name}.{}.example.com", place.name);
            // Addresses of a provider's network, or of its own beside the pods.
            let cidr = match random.below(3) {
                0 => format!("198.51.100.{}/28", 16 * (5 * number + index)),
                1 => format!("10.{}.{index}.0/24", 20 + number),
                _ => format!("172.31.{}.0/28", 32 + 5 * number + index),
            };
            let mut endpoint = json!({"environment": place.name, "host": host, "cidrs": [cidr]});
            optional(&mut endpoint, "port", sometimes(random, 30, 6000 + number));
            endpoint
        };
        let endpoints: Vec<Value> =
            plan.places.iter().enumerate().map(|place| endpoint(place, random)).collect();
        stores.push(json!({"name": name, "engine": engine, "endpoints": endpoints}));
    }
    stores.into()
}

pub(super) fn applications(plan: &Plan, stores: &Value, random: &mut Random) -> Value {
    let count = random.below(NAMES.len() + 1);
    // Files of others are read where they are; few intents have some.
    let has_files = random.chance(15);
    let mut applications: Vec<Value> = Vec::new();
    for &name in &NAMES[..count] {
        let all: Vec<&Place> = plan.places.iter().collect();
        let mut places = some_of(random, &all, 70);
        if places.is_empty() {
            places = all;
        }
        let mut application = json!({"name": name});
        if places.len() < plan.places.len() || random.chance(20) {
            application["environments"] = places.iter().map(|place| place.name).collect::<Vec<_>>().into();
        }
        let before: Vec<Value> = applications.iter().map(|other| other["name"].clone()).collect();
        let depends_on = some_of(random, &before, 30);
        optional(&mut application, "dependsOn", depends_on.into());
        let mut overrides: Vec<Value> =
            places.iter().map(|place| json!({"environment": place.name})).collect();
        // Namespaces are an environment's own, so that each environment says which.
        if places.iter().any(|place| place.namespaces.len() > 1) && random.chance(50) {
            let chosen = |place: &&Place, random: &mut Random| {
                place.namespaces[random.below(place.namespaces.len())].clone()
            };
            application["namespace"] = chosen(&places[0], random).into();
            for (place, entry) in places.iter().zip(&mut overrides).skip(1) {
                entry["namespace"] = chosen(place, random).into();
            }
        }
        if has_files && random.chance(50) {
            files(name, &mut application, &mut overrides, random);
        } else {
            let stores: Vec<&str> =
                stores.as_array().unwrap().iter().map(|store| store["name"].as_str().unwrap()).collect();
            workload::workload(name, &places, &stores, (&mut application, &mut overrides), random);
        }
        overrides.retain(|entry| entry.as_object().unwrap().len() > 1);
        optional(&mut application, "overrides", overrides.into());
        applications.push(application);
    }
    applications.into()
}

/// An application whose manifests are files.
fn files(name: &str, application: &mut Value, overrides: &mut [Value], random: &mut Random) {
    let differs = random.chance(50);
    let last = overrides.last_mut().unwrap();
    let service = json!([{"kind": "Service", "name": name, "fields": ["/spec/type"]}]);
    optional(
        application,
        "without",
        sometimes(random, 30, json!([{"kind": "NetworkPolicy", "name": "open"}])),
    );
    optional(last, "without", sometimes(random, 30, service));
    match random.below(3) {
        0 => {
            application["manifests"] = format!("apps/{name}/").into();
            optional(last, "manifests", sometimes(random, 50, format!("apps/{name}-other/")));
        }
        1 => {
            application["kustomization"] = format!("apps/{name}/base").into();
            optional(last, "kustomization", sometimes(random, 50, format!("apps/{name}/other")));
        }
        _ => {
            let mut helm = json!({"chart": format!("charts/{name}")});
            optional(&mut helm, "releaseName", sometimes(random, 50, name));
            optional(&mut helm, "values", sometimes(random, 50, vec![format!("charts/{name}/values.yaml")]));
            application["helm"] = helm;
            if differs {
                last["values"] = json!([format!("charts/{name}/values-other.yaml")]);
            }
        }
    }
}
