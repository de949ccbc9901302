//! A folder into which `watertight compile` wrote: each cluster's folder is one cluster, and the file beside them says who
//! belongs to which environment.

use crate::beside;
use crate::failure::Failure;
use crate::rules::suggestions;
use std::collections::BTreeSet;
use watertight_base::Source;
use watertight_compile::{FLEET, Fleet, FleetCluster, FleetEnvironment};
use watertight_model::Principal;
use watertight_prove::GivenPrincipal;
use watertight_yaml::{document, mapping};

/// The label by which a namespace says whose it is.
const OWN_LABEL: &str = "watertight.dev/environment";

/// What was read of such a folder.
struct Found {
    /// The path of the folder, with what separates it from what is in it; empty for the working directory.
    folder: String,
    name: String,
    fleet: Fleet,
}

/// What a compiled fleet says of a boundary.
#[derive(Debug, Default)]
pub(crate) struct Sides {
    /// Who belongs to the environments.
    pub(crate) principals: Vec<GivenPrincipal>,
    /// Which namespaces are theirs: names in the rest of a cluster say nothing of that.
    pub(crate) environments: Vec<(String, String)>,
    /// The namespace that stands for the `from` side, if that is in another cluster.
    pub(crate) stands_for: Option<String>,
}

/// Leaves of what was read the cluster of the `to` side, and says who belongs to the sides. Without a compiled fleet among it, all
/// stays, and nobody is given.
///
/// A `from` side in another cluster is asked about as if it were a namespace here: one that no policy fences, and in which nothing
/// is known to run. Whatever its pods reach from where they are, they would reach from there, if blocks of addresses may hold
/// pods, as the profile `conservative` takes it; and its users and groups may do here what they are bound to do here.
///
/// # Errors
/// There are several fleets, or the fleet does not have an environment.
pub(crate) fn of_boundary(sources: &mut Vec<Source>, from: &str, to: &str) -> Result<Sides, Failure> {
    let Some(found) = take(sources)? else { return Ok(Sides::default()) };
    let cluster = found.environment(to)?.cluster.clone();
    found.environment(from)?;
    found.keep(&cluster, sources);
    found.add_rest(&cluster, sources)?;
    found.sides(sources, from, to)
}

/// The same of a fleet that was just compiled, and of which `rest` is what else is in the cluster of the `to` side.
///
/// # Errors
/// As [`of_boundary`].
pub(crate) fn of_boundary_with(
    rest: &[Source],
    sources: &mut Vec<Source>,
    from: &str,
    to: &str,
) -> Result<Sides, Failure> {
    let Some(found) = take(sources)? else { return Ok(Sides::default()) };
    found.keep(&found.environment(to)?.cluster, sources);
    sources.extend(rest.iter().cloned());
    found.sides(sources, from, to)
}

/// A namespace that stands for an environment in another cluster. Its pods are on no node of this one, so that they get no share in
/// the network of a node either.
fn elsewhere(environment: &str, namespace: &str) -> String {
    let labels = mapping([
        (OWN_LABEL, environment.into()),
        ("pod-security.kubernetes.io/enforce", "restricted".into()),
        ("pod-security.kubernetes.io/enforce-version", "v1.34".into()),
    ]);
    document(&mapping([
        ("apiVersion", "v1".into()),
        ("kind", "Namespace".into()),
        ("metadata", mapping([("name", namespace.into()), ("labels", labels)])),
    ]))
}

/// Leaves of what was read the only cluster of a compiled fleet.
///
/// # Errors
/// It has several.
pub(crate) fn of_one_cluster(sources: &mut Vec<Source>) -> Result<(), Failure> {
    let Some(found) = take(sources)? else { return Ok(()) };
    let clusters: BTreeSet<&str> =
        found.fleet.environments.iter().map(|environment| environment.cluster.as_str()).collect();
    let mut several = clusters.iter();
    match (several.next(), several.next()) {
        (Some(_), Some(_)) => {
            let folders: Vec<String> =
                clusters.iter().map(|cluster| format!("`-f {}{cluster}`", found.folder)).collect();
            Err(Failure::new(format!(
                "`{}` has {} clusters, and this is about one",
                found.name,
                clusters.len()
            ))
            .help(format!("choose one of {}", folders.join(", "))))
        }
        (Some(&only), None) => {
            let only = only.to_owned();
            found.keep(&only, sources);
            found.add_rest(&only, sources)
        }
        _ => Ok(()),
    }
}

/// Takes the file that describes a fleet out of what was read.
fn take(sources: &mut Vec<Source>) -> Result<Option<Found>, Failure> {
    let is_called_so = |source: &Source| {
        source
            .name
            .strip_suffix(FLEET)
            .is_some_and(|folder| folder.is_empty() || folder.ends_with(['/', '\\']))
    };
    let mut found: Option<Found> = None;
    let mut index = 0;
    while index < sources.len() {
        let fleet = if is_called_so(&sources[index]) { Fleet::read(&sources[index]) } else { None };
        let Some(fleet) = fleet else {
            index += 1;
            continue;
        };
        let name = sources.remove(index).name;
        let fleet = fleet.map_err(|why| {
            Failure::new(why)
                .help("compile the intent once more, or name the folders of its clusters with `-f`")
        })?;
        if let Some(other) = &found {
            return Err(Failure::new(format!("`{}` and `{name}` are two fleets", other.name))
                .help("name the folder of one of them with `-f`"));
        }
        let folder = name.strip_suffix(FLEET).unwrap_or_default().to_owned();
        found = Some(Found { folder, name, fleet });
    }
    Ok(found)
}

impl Found {
    fn environment(&self, name: &str) -> Result<&FleetEnvironment, Failure> {
        let environments = &self.fleet.environments;
        environments.iter().find(|environment| environment.name == name).ok_or_else(|| {
            let names: Vec<&str> = environments.iter().map(|environment| environment.name.as_str()).collect();
            let alike = suggestions(name, names.iter().copied());
            let help = alike.first().map_or_else(
                || format!("it has {}", names.join(", ")),
                |alike| format!("did you mean `{alike}`?"),
            );
            Failure::new(format!("`{}` has no environment `{name}`", self.name)).help(help)
        })
    }

    /// Leaves what is not of another cluster.
    fn keep(&self, cluster: &str, sources: &mut Vec<Source>) {
        let is_of_another = |source: &Source| {
            let below = source.name.strip_prefix(&self.folder).unwrap_or_default();
            let folder = below.split(['/', '\\']).next().unwrap_or_default();
            folder != cluster
                && self.fleet.environments.iter().any(|environment| environment.cluster == folder)
        };
        sources.retain(|source| !is_of_another(source));
    }

    /// Adds what else is in a cluster, from where the fleet says that it is.
    fn add_rest(&self, cluster: &str, sources: &mut Vec<Source>) -> Result<(), Failure> {
        for FleetCluster { name, manifests } in &self.fleet.clusters {
            if name == cluster {
                let more = beside::named_by_fleet(&self.name, &self.folder, manifests, sources)?;
                sources.extend(more);
            }
        }
        sources.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(())
    }

    /// Who belongs to two environments, with a namespace among the sources that stands for the first if it is in another cluster.
    fn sides(&self, sources: &mut Vec<Source>, from: &str, to: &str) -> Result<Sides, Failure> {
        let (from, to) = (self.environment(from)?, self.environment(to)?);
        let stands_for = (from.cluster != to.cluster).then(|| {
            let namespace = format!("{}-of-{}", from.name, from.cluster);
            let bytes = elsewhere(&from.name, &namespace).into_bytes();
            sources.push(Source { name: self.name.clone(), bytes });
            sources.sort_by(|one, other| one.name.cmp(&other.name));
            namespace
        });
        let environments = [from, to].map(|it| (it.name.clone(), format!("{OWN_LABEL}={}", it.name)));
        // Those of other environments whom an exception lets in here are still theirs.
        let principals = self.fleet.environments.iter().flat_map(principals).collect();
        Ok(Sides { principals, environments: environments.to_vec(), stands_for })
    }
}

fn principals(environment: &FleetEnvironment) -> impl Iterator<Item = GivenPrincipal> {
    let given = |principal: Principal| GivenPrincipal { environment: environment.name.clone(), principal };
    let users = environment.users.iter().map(|name| Principal::user(name));
    let groups = environment.groups.iter().map(|name| Principal::group(name));
    users.chain(groups).map(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "apiVersion: watertight.dev/v1alpha1
kind: CompiledFleet
metadata: {name: shop}
spec:
  environments:
    - {name: staging, cluster: main, groups: [developers]}
    - {name: production, cluster: main, users: [jane]}
    - {name: preview, cluster: lab}
";

    fn sources(names: &[&str]) -> Vec<Source> {
        let text = |name: &str| if name.ends_with(FLEET) { TEXT } else { "kind: X" };
        let source = |name: &&str| Source { name: (*name).to_owned(), bytes: text(name).as_bytes().to_vec() };
        names.iter().map(source).collect()
    }

    fn names(sources: &[Source]) -> Vec<&str> {
        sources.iter().map(|source| source.name.as_str()).collect()
    }

    #[test]
    fn the_cluster_of_both_environments_is_kept_with_what_is_of_none() {
        let mut read =
            sources(&["other/x.yaml", "out/fleet.yaml", "out/lab/a.yaml", "out/main/b.yaml", "out/z.yaml"]);
        let given = of_boundary(&mut read, "staging", "production").unwrap().principals;
        assert_eq!(names(&read), ["other/x.yaml", "out/main/b.yaml", "out/z.yaml"]);
        let expected = [("staging", Principal::group("developers")), ("production", Principal::user("jane"))];
        let given: Vec<_> = given.into_iter().map(|given| (given.environment, given.principal)).collect();
        assert_eq!(given, expected.map(|(environment, principal)| (environment.to_owned(), principal)));
    }

    #[test]
    fn what_is_no_fleet_stays() {
        let mut read = vec![Source { name: "fleet.yaml".to_owned(), bytes: b"kind: ConfigMap".to_vec() }];
        let sides = of_boundary(&mut read, "staging", "production").unwrap();
        assert!(sides.principals.is_empty() && sides.stands_for.is_none());
        assert_eq!(names(&read), ["fleet.yaml"]);
    }

    #[test]
    fn what_is_in_another_cluster_is_a_namespace_without_policies() {
        let mut read = sources(&["out/fleet.yaml", "out/lab/a.yaml", "out/main/b.yaml"]);
        let sides = of_boundary(&mut read, "staging", "preview").unwrap();
        assert_eq!(names(&read), ["out/fleet.yaml", "out/lab/a.yaml"]);
        assert_eq!(sides.stands_for.as_deref(), Some("staging-of-main"));
        let text = std::str::from_utf8(&read[0].bytes).unwrap();
        assert!(text.contains("kind: Namespace") && text.contains("name: staging-of-main"), "{text}");
    }

    #[test]
    fn what_has_no_one_cluster_is_refused() {
        let fleet = || sources(&["fleet.yaml", "lab/a.yaml", "main/b.yaml"]);
        let message = |from: &str, to: &str| of_boundary(&mut fleet(), from, to).unwrap_err();
        assert_eq!(message("stagin", "production").help.unwrap(), "did you mean `staging`?");
        let failure = of_one_cluster(&mut fleet()).unwrap_err();
        assert_eq!(failure.message, "`fleet.yaml` has 2 clusters, and this is about one");
        assert_eq!(failure.help.unwrap(), "choose one of `-f lab`, `-f main`");
        let failure = of_one_cluster(&mut sources(&["a/fleet.yaml", "b/fleet.yaml"])).unwrap_err();
        assert_eq!(failure.message, "`a/fleet.yaml` and `b/fleet.yaml` are two fleets");
    }
}
