//! Which clusters and environments there are, and what is said about clusters.

use super::{Place, Plan, Planned, Serves, object, optional, sometimes};
use serde_json::{Value, json};
use watertight_oracle::Random;

const NAMES: [&str; 5] = ["staging", "production", "preview", "qa", "prod"];
const PROVIDERS: [&str; 7] = ["aks", "eks", "gke", "k3s", "kind", "openshift", "other"];
const PROFILES: [&str; 10] = [
    "conservative",
    "calico",
    "cilium",
    "cilium,cidr-match=pods",
    "cilium,cidr-match=pods+nodes",
    "cilium,cluster-network-policy=true",
    "antrea,admin-policies=false",
    "kube-router",
    "antrea",
    "kube-network-policies",
];

pub(super) fn plan(random: &mut Random) -> Plan {
    let listed: &[&'static str] = random.one_of([&[][..], &["main"], &["main"], &["main", "lab"]]);
    let mut clusters: Vec<Planned> = Vec::new();
    for &name in listed {
        clusters.push(Planned {
            name: Some(name),
            provider: random.chance(60).then(|| random.one_of(PROVIDERS)),
            ingress: random.chance(70).then(|| serves(random)),
        });
    }
    if clusters.is_empty() {
        clusters.push(Planned { name: None, provider: None, ingress: None });
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
            clusters.push(Planned { name, provider: None, ingress: None });
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
        places.push(Place {
            name,
            production,
            cluster,
            namespaces,
            alone,
            routes: None,
            has_own_ingress: false,
        });
    }
    // Two environments with routes are not behind one proxy.
    for (number, cluster) in clusters.iter().enumerate() {
        let mut is_taken = cluster.ingress.is_none();
        for place in places.iter_mut().filter(|place| place.cluster == number) {
            if random.chance(if is_taken { 20 } else { 60 }) {
                place.has_own_ingress = is_taken || random.chance(30);
                let own = serves(random);
                place.routes = if place.has_own_ingress { Some(own) } else { cluster.ingress };
                is_taken |= !place.has_own_ingress;
            }
        }
    }
    Plan { clusters, places }
}

fn serves(random: &mut Random) -> Serves {
    random.one_of([Serves::Ingresses, Serves::Ingresses, Serves::Gateway])
}

/// Who serves routes, in a namespace of that name.
pub(super) fn ingress(serves: Serves, namespace: &str) -> Value {
    match serves {
        Serves::Ingresses => {
            json!({"namespace": namespace, "className": namespace, "controller": "ingress-nginx"})
        }
        Serves::Gateway => {
            let gateway = json!({"namespace": namespace, "name": "public"});
            json!({"namespace": namespace, "gateway": gateway})
        }
    }
}

pub(super) fn clusters(plan: &Plan, random: &mut Random) -> Value {
    let listed = plan.clusters.iter().filter_map(|planned| Some((planned.name?, planned)));
    Value::Array(listed.map(|(name, planned)| cluster(name, planned, random)).collect())
}

fn cluster(name: &str, planned: &Planned, random: &mut Random) -> Value {
    let mut cluster = object([("name", name.into())]);
    optional(&mut cluster, "context", sometimes(random, 30, format!("admin@{name}")));
    optional(&mut cluster, "manifests", sometimes(random, 20, format!("clusters/{name}/")));
    optional(&mut cluster, "provider", planned.provider.into());
    let profile = random.one_of(PROFILES);
    optional(&mut cluster, "cniProfile", sometimes(random, 60, profile));
    let version = random.one_of(["1.30", "1.33", "1.34", "1.35", "1.36"]);
    optional(&mut cluster, "kubernetesVersion", sometimes(random, 60, version));
    let seats = 300 + 100 * random.below(20);
    optional(&mut cluster, "apiSeats", sometimes(random, 30, seats));
    optional(&mut cluster, "clusterNetworkPolicy", sometimes(random, 50, true));
    if let Some(serves) = planned.ingress {
        cluster["ingress"] = ingress(serves, "ingress-nginx");
    }
    if random.chance(30) {
        cluster["dns"] = json!({"namespace": "dns-system", "podLabel": "example.com/serves=names"});
        optional(&mut cluster["dns"], "port", sometimes(random, 60, 5353));
    }
    cluster
}
