//! A folder into which `watertight compile` wrote: each cluster's folder is one cluster, and the file beside them says who
//! belongs to which environment.

use crate::failure::Failure;
use crate::rules::suggestions;
use std::collections::BTreeSet;
use watertight_base::Source;
use watertight_compile::{FLEET, Fleet, FleetEnvironment};
use watertight_model::Principal;
use watertight_prove::GivenPrincipal;

/// What was read of such a folder.
struct Found {
    /// The path of the folder, with what separates it from what is in it; empty for the working directory.
    folder: String,
    name: String,
    fleet: Fleet,
}

/// Leaves of what was read the cluster in which both environments are, and says who belongs to them. Without a compiled fleet
/// among it, all stays, and nobody is given.
///
/// # Errors
/// There are several fleets, or the fleet does not have an environment, or they are in different clusters.
pub(crate) fn of_boundary(
    sources: &mut Vec<Source>,
    from: &str,
    to: &str,
) -> Result<Vec<GivenPrincipal>, Failure> {
    let Some(found) = take(sources)? else { return Ok(Vec::new()) };
    let (from, to) = (found.environment(from)?, found.environment(to)?);
    if from.cluster != to.cluster {
        let message = format!(
            "`{}` is in the cluster `{}` and `{}` in `{}`: they share no object",
            from.name, from.cluster, to.name, to.cluster
        );
        return Err(Failure::new(message).help(
            "a proof is about what shares a cluster; what gets from one cluster into another is not examined yet",
        ));
    }
    found.keep(&from.cluster, sources);
    Ok([from, to].into_iter().flat_map(principals).collect())
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
            Ok(())
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
        let given = of_boundary(&mut read, "staging", "production").unwrap();
        assert_eq!(names(&read), ["other/x.yaml", "out/main/b.yaml", "out/z.yaml"]);
        let expected = [("staging", Principal::group("developers")), ("production", Principal::user("jane"))];
        let given: Vec<_> = given.into_iter().map(|given| (given.environment, given.principal)).collect();
        assert_eq!(given, expected.map(|(environment, principal)| (environment.to_owned(), principal)));
    }

    #[test]
    fn what_is_no_fleet_stays() {
        let mut read = vec![Source { name: "fleet.yaml".to_owned(), bytes: b"kind: ConfigMap".to_vec() }];
        assert!(of_boundary(&mut read, "staging", "production").unwrap().is_empty());
        assert_eq!(names(&read), ["fleet.yaml"]);
    }

    #[test]
    fn what_has_no_one_cluster_is_refused() {
        let fleet = || sources(&["fleet.yaml", "lab/a.yaml", "main/b.yaml"]);
        let message = |from: &str, to: &str| of_boundary(&mut fleet(), from, to).unwrap_err();
        assert_eq!(
            message("staging", "preview").message,
            "`staging` is in the cluster `main` and `preview` in `lab`: they share no object"
        );
        assert_eq!(message("stagin", "production").help.unwrap(), "did you mean `staging`?");
        let failure = of_one_cluster(&mut fleet()).unwrap_err();
        assert_eq!(failure.message, "`fleet.yaml` has 2 clusters, and this is about one");
        assert_eq!(failure.help.unwrap(), "choose one of `-f lab`, `-f main`");
        let failure = of_one_cluster(&mut sources(&["a/fleet.yaml", "b/fleet.yaml"])).unwrap_err();
        assert_eq!(failure.message, "`a/fleet.yaml` and `b/fleet.yaml` are two fleets");
    }
}
