//! The file beside the folders of the clusters, which says what no single manifest does: which folder is which
//! environment's cluster, and who belongs to which environment.

use crate::files::{File, HEAD};
use watertight_base::{Source, SourceId};
use watertight_ingest::{Tree, trees};
use watertight_intent::{ClusterId, Environment, ExceptionAllows, Intent, ServiceAccountRef, Subject};
use watertight_yaml::{Value, document, mapping, texts};

/// What the file is called.
pub const FLEET: &str = "fleet.yaml";
const API_VERSION: &str = "watertight.dev/v1alpha1";
const KIND: &str = "CompiledFleet";

/// What a folder into which an intent was compiled holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fleet {
    /// The clusters of which it is known what else is in them.
    pub clusters: Vec<FleetCluster>,
    /// The environments, in the order of the intent.
    pub environments: Vec<FleetEnvironment>,
}

/// A cluster of a compiled fleet, in which there is more than was compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetCluster {
    /// Its folder.
    pub name: String,
    /// The manifests of the rest: a path from the folder of the fleet.
    pub manifests: String,
}

/// One environment of a compiled fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetEnvironment {
    /// Its name.
    pub name: String,
    /// The folder of its cluster.
    pub cluster: String,
    /// Users that act in it, as the API server knows them.
    pub users: Vec<String>,
    /// Groups that act in it.
    pub groups: Vec<String>,
}

/// The user as whom a ServiceAccount acts that lives in no environment: nothing else tells whose it is. Any other is of the side in which it
/// lives.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>.
fn outside(intent: &Intent, account: &ServiceAccountRef) -> Option<String> {
    let mut namespaces = intent.environments.iter().flat_map(|environment| &environment.namespaces);
    let lives_there = namespaces.any(|namespace| namespace.value == account.namespace);
    (!lives_there).then(|| format!("system:serviceaccount:{}:{}", account.namespace, account.name))
}

impl Fleet {
    /// What an intent says of it.
    pub(crate) fn of(intent: &Intent, beside: &[(ClusterId, String)]) -> Self {
        let cluster = |(ClusterId(id), manifests): &(ClusterId, String)| {
            let name = intent.clusters.get(*id)?.name.value.clone();
            Some(FleetCluster { name, manifests: manifests.clone() })
        };
        let environment = |(index, environment): (usize, &Environment)| {
            let cluster = intent.clusters.get(environment.cluster.0)?;
            let mut users: Vec<String> = Vec::new();
            let mut groups: Vec<String> = Vec::new();
            for party in environment.access.parties() {
                users.extend(party.users.iter().map(|user| user.value.clone()));
                groups.extend(party.groups.iter().map(|group| group.value.clone()));
                users.extend(party.service_accounts.iter().filter_map(|it| outside(intent, &it.value)));
            }
            // Whom an exception lets through is of the side from which it lets them, whatever else they may do there.
            let boundaries = intent.boundaries.iter().filter(|boundary| boundary.from.0 == index);
            for exception in boundaries.flat_map(|boundary| &boundary.exceptions) {
                let ExceptionAllows::Access { subject, .. } = &exception.allows else { continue };
                match &subject.value {
                    Subject::User(user) => users.push(user.clone()),
                    Subject::Group(group) => groups.push(group.clone()),
                    Subject::ServiceAccount(account) => users.extend(outside(intent, account)),
                }
            }
            for names in [&mut users, &mut groups] {
                names.sort();
                names.dedup();
            }
            let name = environment.name.value.clone();
            Some(FleetEnvironment { name, cluster: cluster.name.value.clone(), users, groups })
        };
        Self {
            clusters: beside.iter().filter_map(cluster).collect(),
            environments: intent.environments.iter().enumerate().filter_map(environment).collect(),
        }
    }

    /// The file.
    pub(crate) fn file(&self, intent: &Intent) -> File {
        let environment = |environment: &FleetEnvironment| {
            let FleetEnvironment { name, cluster, users, groups } = environment;
            let mut members = vec![
                ("name".to_owned(), Value::from(name.as_str())),
                ("cluster".to_owned(), cluster.as_str().into()),
            ];
            for (key, names) in [("users", users), ("groups", groups)] {
                if !names.is_empty() {
                    members.push((key.to_owned(), texts(names.iter().map(String::as_str))));
                }
            }
            Value::Mapping(members)
        };
        let cluster = |FleetCluster { name, manifests }: &FleetCluster| {
            mapping([("name", name.as_str().into()), ("manifests", manifests.as_str().into())])
        };
        let mut spec = Vec::new();
        if !self.clusters.is_empty() {
            spec.push(("clusters".to_owned(), Value::List(self.clusters.iter().map(cluster).collect())));
        }
        let environments = self.environments.iter().map(environment).collect();
        spec.push(("environments".to_owned(), Value::List(environments)));
        let value = mapping([
            ("apiVersion", API_VERSION.into()),
            ("kind", KIND.into()),
            ("metadata", mapping([("name", intent.name.value.as_str().into())])),
            ("spec", Value::Mapping(spec)),
        ]);
        File { path: FLEET.to_owned(), text: format!("{HEAD}{}", document(&value)) }
    }

    /// Reads such a file; `None` if it is another one.
    ///
    /// # Errors
    /// It is one, and does not say what it has to: somebody changed it.
    pub fn read(source: &Source) -> Option<Result<Self, String>> {
        let read = trees(SourceId(0), source);
        let document = read.documents.first()?;
        let text = |tree: &Tree, key: &str| tree.get(key).and_then(Tree::text).map(str::to_owned);
        if text(document, "apiVersion")? != API_VERSION || text(document, "kind")? != KIND {
            return None;
        }
        let names = |tree: &Tree, key: &str| -> Option<Vec<String>> {
            let Some(names) = tree.get(key) else { return Some(Vec::new()) };
            names.elements().iter().map(|name| name.text().map(str::to_owned)).collect()
        };
        let environment = |tree: &Tree| {
            Some(FleetEnvironment {
                name: text(tree, "name")?,
                cluster: text(tree, "cluster")?,
                users: names(tree, "users")?,
                groups: names(tree, "groups")?,
            })
        };
        let cluster = |tree: &Tree| {
            Some(FleetCluster { name: text(tree, "name")?, manifests: text(tree, "manifests")? })
        };
        let listed = |key: &str| document.get("spec").and_then(|spec| spec.get(key)).map(Tree::elements);
        let environments: Option<Vec<_>> =
            listed("environments").unwrap_or_default().iter().map(environment).collect();
        let clusters: Option<Vec<_>> = listed("clusters").unwrap_or_default().iter().map(cluster).collect();
        let whole = environments.zip(clusters).filter(|(environments, _)| {
            read.diagnostics.is_empty() && read.documents.len() == 1 && !environments.is_empty()
        });
        Some(
            whole
                .map(|(environments, clusters)| Self { clusters, environments })
                .ok_or_else(|| format!("`{}` is not as `watertight compile` wrote it", source.name)),
        )
    }
}
