//! What an environment is, may take, and reaches outside.

use super::{Place, Plan, Serves, access, clusters, object, optional, some_of, sometimes};
use serde_json::{Value, json};
use watertight_intent::OBJECT_COUNTS;
use watertight_oracle::Random;

/// Blocks of addresses, with one inside of each: some may hold pods.
const BLOCKS: [(&str, &str); 6] = [
    ("203.0.113.0/24", "203.0.113.128/25"),
    ("0.0.0.0/0", "10.0.0.0/8"),
    ("10.0.0.0/8", "10.244.0.0/16"),
    ("10.244.1.0/24", "10.244.1.128/25"),
    ("172.31.16.0/24", "172.31.16.2/32"),
    ("2001:db8::/32", "2001:db8:1::/48"),
];

pub(super) fn environments(plan: &Plan, random: &mut Random) -> Value {
    Value::Array(plan.places.iter().map(|place| environment(plan, place, random)).collect())
}

fn environment(plan: &Plan, place: &Place, random: &mut Random) -> Value {
    let mut environment = object([("name", place.name.into())]);
    if place.production != place.name.starts_with("prod") || random.chance(20) {
        environment["production"] = place.production.into();
    }
    let planned = &plan.clusters[place.cluster];
    let shared = plan.clusters.iter().filter(|cluster| cluster.name.is_some()).count();
    if let Some(name) = planned.name
        && (shared > 1 || random.chance(50))
    {
        environment["cluster"] = name.into();
    }
    if place.namespaces != [place.name] || random.chance(20) {
        environment["namespaces"] = place.namespaces.clone().into();
    }
    if place.alone {
        environment["isolation"] = "cluster".into();
    } else {
        optional(&mut environment, "isolation", sometimes(random, 20, "namespace"));
    }
    if let Some(serves) = place.routes.filter(|_| place.has_own_ingress) {
        environment["ingress"] = clusters::ingress(serves, &format!("ingress-{}", place.name));
    }
    // The controller of a Gateway may put its proxy into the Gateway's namespace, and that may be one of the environment's.
    let has_gateway = environment["ingress"]["gateway"].is_object();
    let serves_itself = has_gateway && random.chance(50);
    if let Some(namespace) = place.namespaces.first().filter(|_| serves_itself) {
        environment["ingress"] = clusters::ingress(Serves::Gateway, namespace);
    }
    let identity = planned.provider.and_then(|provider| identity(provider, place.name));
    optional(&mut environment, "identity", sometimes(random, 40, identity));
    let inside = random.one_of(["open", "declared"]);
    optional(&mut environment, "inside", sometimes(random, 50, inside));
    if serves_itself {
        // Its proxy is a pod like others, which reaches what all reach.
        environment["inside"] = "open".into();
    }
    let level = random.one_of(["baseline", "restricted"]);
    optional(&mut environment, "podSecurity", sometimes(random, 60, level));
    optional(&mut environment, "quota", quota(random));
    optional(&mut environment, "limits", limits(random));
    optional(&mut environment, "priority", priority(place, random));
    optional(&mut environment, "access", access::access(place, random));
    optional(&mut environment, "egress", egress(random));
    let hosts = [format!("by-hand.{}.example.com", place.name), format!("*.{}.example.org", place.name)];
    optional(&mut environment, "hosts", some_of(random, &hosts, 30).into());
    optional(&mut environment, "tolerations", some_of(random, &["example.com/spot", "gpu"], 20).into());
    environment
}

/// A cloud identity, as a provider names it.
fn identity(provider: &str, name: &str) -> Option<String> {
    match provider {
        "eks" => Some(format!("arn:aws:iam::123456789012:role/shop-{name}")),
        "gke" => Some(format!("shop-{name}@project.iam.gserviceaccount.com")),
        // A name of hexadecimal digits.
        "aks" => Some(format!("00000000-0000-0000-0000-{:012x}", name.bytes().map(u64::from).sum::<u64>())),
        _ => None,
    }
}

fn amounts(random: &mut Random, cpu: &str, memory: &str, storage: &str) -> Value {
    let all = [("cpu", cpu), ("memory", memory), ("ephemeral-storage", storage)];
    let some = some_of(random, &all, 70).into_iter();
    Value::Object(some.map(|(name, amount)| (name.to_owned(), amount.into())).collect())
}

fn quota(random: &mut Random) -> Value {
    let mut quota = json!({});
    if random.chance(50) {
        return quota;
    }
    optional(&mut quota, "requests", amounts(random, "6", "12Gi", "30Gi"));
    optional(&mut quota, "limits", amounts(random, "16", "24Gi", "60Gi"));
    optional(&mut quota, "storage", sometimes(random, 50, "200Gi"));
    let counts = some_of(random, &OBJECT_COUNTS, 40).into_iter();
    let counts: Vec<(&str, usize)> = counts
        .map(|sort| (sort, if sort.contains(".load") || sort.contains(".node") { 2 } else { 80 }))
        .collect();
    let counts = counts.into_iter().map(|(sort, count)| (sort.to_owned(), count.into()));
    optional(&mut quota, "objects", Value::Object(counts.collect()));
    quota
}

fn limits(random: &mut Random) -> Value {
    let mut limits = json!({});
    optional(&mut limits, "default", amounts(random, "400m", "384Mi", "512Mi"));
    optional(&mut limits, "defaultRequest", amounts(random, "50m", "96Mi", "128Mi"));
    optional(&mut limits, "max", amounts(random, "2", "4Gi", "8Gi"));
    if random.chance(50) { limits } else { Value::Null }
}

/// Production comes first, and nobody else takes the place of others.
fn priority(place: &Place, random: &mut Random) -> Value {
    let mut priority = json!({});
    if random.chance(60) {
        return priority;
    }
    let (value, policy) = match place.production {
        true => (2000, random.one_of(["PreemptLowerPriority", "Never"])),
        false => (random.one_of([-100, 0, 500]), "Never"),
    };
    optional(&mut priority, "value", sometimes(random, 70, value));
    optional(&mut priority, "preemptionPolicy", sometimes(random, 70, policy));
    priority
}

fn egress(random: &mut Random) -> Value {
    let mut rules = Vec::new();
    while random.chance(35) {
        let (cidr, except) = random.one_of(BLOCKS);
        let mut rule =
            json!({"cidr": cidr, "ports": random.one_of([&[443][..], &[80, 443], &[53], &[8080]])});
        optional(&mut rule, "except", sometimes(random, 50, vec![except]));
        let protocol = random.one_of(["TCP", "UDP", "SCTP"]);
        optional(&mut rule, "protocol", sometimes(random, 60, protocol));
        rules.push(rule);
    }
    rules.into()
}
