//! Which clusters and environments there are, and what is said about clusters.

use super::{Place, Plan, Planned, object, optional, sometimes};
use serde_json::{Value, json};
use watertight_oracle::Random;

const NAMES: [&str; 5] = ["staging", "production", "preview", "qa", "prod"];
const PROVIDERS: [&str; 7] = ["aks", "eks", "gke", "k3s", "kind", "openshift", "other"];
const PROFILES: [&str; 8] = [
    "conservative",
    "calico",
    "cilium",
    "cilium,cidr-match=pods",
    "cilium,cidr-match=pods+nodes",
    "kube-router",
    "antrea",
    "kube-network-policies",
];

pub(super) fn plan(random: &mut Random) -> Plan {
    let listed: &[&'static str] = random.one_of([&[][..], &["main"], &["main"], &["main", "lab"]]);
    let mut clusters: Vec<Planned> =
        listed.iter().map(|&name| Planned { name: Some(name), has_ingress: random.chance(70) }).collect();
    if clusters.is_empty() {
        clusters.push(Planned { name: None, has_ingress: false });
    }
    let shared = clusters.len();
    let count = 2 + random.below(4);
    let mut places: Vec<Place> = Vec::new();
    // The first two are there always, so that most clusters hold a pair.
    for (number, &name) in NAMES.iter().take(count).enumerate() {
        let alone = number > 1 && random.chance(15);
        let cluster = if alone {
            // Listed, or made by default under the environment's name.
            let name = random
                .chance(50)
                .then_some("own")
                .filter(|own| listed.len() == 1 && clusters.iter().all(|cluster| cluster.name != Some(own)));
            clusters.push(Planned { name, has_ingress: false });
            clusters.len() - 1
        } else if number < 2 {
            0
        } else {
            random.below(shared)
        };
        let mut namespaces = vec![name.to_owned()];
        if random.chance(40) {
            namespaces = (0..=random.below(3)).map(|number| format!("{name}-{number}")).collect();
        }
        let production = name.starts_with("prod") || random.chance(10);
        places.push(Place { name, production, cluster, namespaces, alone, has_routes: false });
    }
    for (number, cluster) in clusters.iter().enumerate().filter(|(_, cluster)| cluster.has_ingress) {
        let here: Vec<usize> = (0..places.len()).filter(|&place| places[place].cluster == number).collect();
        // Two environments behind one proxy could publish each other's hosts, so that only one has routes in most cases.
        for place in here {
            let taken = places.iter().any(|place| place.cluster == number && place.has_routes);
            places[place].has_routes = cluster.has_ingress && random.chance(if taken { 10 } else { 60 });
        }
    }
    Plan { clusters, places }
}

pub(super) fn clusters(plan: &Plan, random: &mut Random) -> Value {
    let listed = plan.clusters.iter().filter_map(|cluster| Some((cluster.name?, cluster.has_ingress)));
    Value::Array(listed.map(|(name, has_ingress)| cluster(name, has_ingress, random)).collect())
}

fn cluster(name: &str, has_ingress: bool, random: &mut Random) -> Value {
    let mut cluster = object([("name", name.into())]);
    optional(&mut cluster, "context", sometimes(random, 30, format!("admin@{name}")));
    optional(&mut cluster, "manifests", sometimes(random, 20, format!("clusters/{name}/")));
    let provider = random.one_of(PROVIDERS);
    optional(&mut cluster, "provider", sometimes(random, 60, provider));
    let profile = random.one_of(PROFILES);
    optional(&mut cluster, "cniProfile", sometimes(random, 60, profile));
    let version = random.one_of(["1.34", "1.35", "1.36"]);
    optional(&mut cluster, "kubernetesVersion", sometimes(random, 60, version));
    let seats = 300 + 100 * random.below(20);
    optional(&mut cluster, "apiSeats", sometimes(random, 30, seats));
    if has_ingress {
        cluster["ingress"] = json!({"namespace": "ingress-nginx", "className": "nginx"});
    }
    if random.chance(30) {
        cluster["dns"] = json!({"namespace": "dns-system", "podLabel": "example.com/serves=names"});
        optional(&mut cluster["dns"], "port", sometimes(random, 60, 5353));
    }
    cluster
}
