//! Which environments a snapshot shows, where nobody asks about two: those that the command line names, or else those to which
//! namespaces belong by custom.

use crate::QuestionError;
use crate::environments::{Environment, LABEL_KEYS, SYNONYMS, by_custom, disjoint, find};
use std::collections::BTreeMap;
use watertight_base::dns_label;
use watertight_model::{EnvironmentReport, Namespace, NamespaceChoice, Snapshot};

/// The label by which what is compiled from an intent says whose it is. Where it is, it decides alone.
const OWN_LABEL: &str = "watertight.dev/environment";

/// What people call environments that are neither staging nor production.
const OTHERS: [&str; 12] = [
    "demo",
    "dev",
    "development",
    "integration",
    "preprod",
    "preview",
    "qa",
    "sandbox",
    "test",
    "testing",
    "uat",
    "acceptance",
];

/// What the label of an environment says where a namespace is for all of them.
const FOR_ALL: [&str; 9] =
    ["all", "any", "common", "global", "infra", "infrastructure", "none", "platform", "shared"];

/// All environments, those that are production by their name last, and else by name. No namespace is in two.
///
/// # Errors
/// There is none, or it is not clear of which one a namespace is.
pub fn all_environments(
    snapshot: &Snapshot,
    given: &[(String, String)],
) -> Result<Vec<EnvironmentReport>, QuestionError> {
    let mut found = if given.is_empty() { all_by_custom(snapshot)? } else { named(snapshot, given)? };
    found.sort_by_key(|environment| {
        (["production", "prod"].contains(&environment.name.as_str()), environment.name.clone())
    });
    if found.is_empty() { Err(none(snapshot)) } else { Ok(found) }
}

/// Those that the command line names.
fn named(snapshot: &Snapshot, given: &[(String, String)]) -> Result<Vec<EnvironmentReport>, QuestionError> {
    let mut found: Vec<Environment> = Vec::new();
    for (name, _) in given {
        if found.iter().any(|known| known.report.name == *name) {
            continue;
        }
        let environment = find(snapshot, name, given)?;
        if let Some(unseen) = environment.unseen.first() {
            return Err(QuestionError { message: unseen.reason.clone(), help: unseen.help.clone() });
        }
        for other in &found {
            disjoint(snapshot, other, &environment)?;
        }
        found.push(environment);
    }
    Ok(found.into_iter().map(|environment| environment.report).collect())
}

fn all_by_custom(snapshot: &Snapshot) -> Result<Vec<EnvironmentReport>, QuestionError> {
    let mut found: BTreeMap<String, Vec<NamespaceChoice>> = BTreeMap::new();
    for namespace in snapshot.namespaces.iter().filter(|namespace| !is_of_the_cluster(&namespace.name)) {
        let mut names = names(namespace).into_iter();
        let Some((name, why)) = names.next() else { continue };
        if let Some((other, other_why)) = names.next() {
            let of = &namespace.name;
            return Err(QuestionError {
                message: format!(
                    "the namespace `{of}` may be of `{name}`, since it {why}, or of `{other}`, since it {other_why}"
                ),
                help: format!("say which namespaces are meant: `--env {name}=NAMES --env {other}=NAMES`"),
            });
        }
        found.entry(name).or_default().push(NamespaceChoice { name: namespace.name.clone(), why });
    }
    let report = |(name, namespaces)| EnvironmentReport { name, namespaces, principals: Vec::new() };
    Ok(found.into_iter().map(report).collect())
}

/// The environments of which a namespace may be, each with why.
fn names(namespace: &Namespace) -> BTreeMap<String, String> {
    let labels = namespace.labels.as_ref();
    if let Some(value) = labels.and_then(|labels| labels.get(OWN_LABEL)) {
        return BTreeMap::from([(value.clone(), format!("carries the label `{OWN_LABEL}={value}`"))]);
    }
    let of_labels = LABEL_KEYS.iter().filter_map(|key| labels?.get(*key)).map(|value| {
        let value = value.to_ascii_lowercase();
        let group = SYNONYMS.iter().find(|words| words.contains(&value.as_str()));
        group.map_or(value, |words| words[0].to_owned())
    });
    let names = SYNONYMS.iter().map(|words| words[0].to_owned());
    let names =
        names.chain(of_labels.filter(|name| dns_label(name).is_ok() && !FOR_ALL.contains(&name.as_str())));
    let why = |name: String| Some((by_custom(&name, &namespace.name, labels)?, name));
    let found: BTreeMap<String, String> = names.filter_map(why).map(|(why, name)| (name, why)).collect();
    if !found.is_empty() {
        return found;
    }
    let others = OTHERS.iter().map(|name| (*name).to_owned());
    others.filter_map(why).map(|(why, name)| (name, why)).collect()
}

/// Whether a namespace is there for the whole cluster.
fn is_of_the_cluster(name: &str) -> bool {
    name == "default" || name.starts_with("kube-")
}

fn none(snapshot: &Snapshot) -> QuestionError {
    let own = snapshot.namespaces.iter().filter(|namespace| !is_of_the_cluster(&namespace.name));
    let names: Vec<String> = own.map(|namespace| format!("`{}`", namespace.name)).collect();
    let help = if names.is_empty() {
        "the objects name no namespace of their own: write it into them, or give what `kubectl kustomize` or `helm template --namespace` prints".to_owned()
    } else {
        let holds = names.join(", ");
        format!(
            "the input holds {holds}; name the environments, as in `--env 'staging=qa-*' --env production=shop`"
        )
    };
    let message = "no namespace of the input belongs to an environment by its name or its labels".to_owned();
    QuestionError { message, help }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_base::Labels;
    use watertight_model::Admission;

    fn snapshot(namespaces: &[(&str, &[(&str, &str)])]) -> Snapshot {
        let namespace = |(name, labels): &(&str, &[(&str, &str)])| Namespace {
            name: (*name).to_owned(),
            labels: Some(
                labels.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect::<Labels>(),
            ),
            admission: Admission::Accepted,
            label_spans: BTreeMap::new(),
            origin: None,
            first_seen: None,
        };
        let mut namespaces: Vec<Namespace> = namespaces.iter().map(namespace).collect();
        namespaces.sort_by(|one, other| one.name.cmp(&other.name));
        Snapshot { namespaces, ..Snapshot::default() }
    }

    fn found(namespaces: &[(&str, &[(&str, &str)])]) -> Result<Vec<String>, String> {
        let found = all_environments(&snapshot(namespaces), &[]).map_err(|error| error.message)?;
        let shown = |environment: EnvironmentReport| {
            let names: Vec<String> = environment.namespaces.into_iter().map(|choice| choice.name).collect();
            format!("{}: {}", environment.name, names.join(" "))
        };
        Ok(found.into_iter().map(shown).collect())
    }

    #[test]
    fn environments_go_by_names_and_labels_and_production_comes_last() {
        let namespaces: &[(&str, &[(&str, &str)])] = &[
            ("prod-eu", &[]),
            ("stg", &[]),
            ("shop-staging", &[]),
            ("dev-jane", &[]),
            ("a", &[("environment", "Canary")]),
            ("b", &[(OWN_LABEL, "lab"), ("env", "prod")]),
            ("monitoring", &[]),
            ("logging", &[("env", "shared")]),
            ("default", &[("env", "prod")]),
        ];
        let expected =
            ["canary: a", "dev: dev-jane", "lab: b", "staging: shop-staging stg", "production: prod-eu"];
        assert_eq!(found(namespaces), Ok(expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn what_may_be_of_two_is_asked_about() {
        let error = found(&[("staging", &[("env", "prod")])]).unwrap_err();
        assert!(error.starts_with("the namespace `staging` may be of `production`"), "{error}");
        assert!(found(&[("staging-prod", &[])]).is_err());
        assert_eq!(found(&[("test-staging", &[])]), Ok(vec!["staging: test-staging".to_owned()]));
    }

    #[test]
    fn none_at_all_is_an_error_that_says_how_to_name_them() {
        assert!(found(&[("monitoring", &[])]).is_err());
        assert!(found(&[]).is_err());
    }

    #[test]
    fn what_the_command_line_names_wins() {
        let snapshot = snapshot(&[("shop", &[]), ("qa-1", &[]), ("staging", &[])]);
        let given = |pairs: &[(&str, &str)]| {
            let given: Vec<_> =
                pairs.iter().map(|&(name, what)| (name.to_owned(), what.to_owned())).collect();
            all_environments(&snapshot, &given)
                .map(|found| found.into_iter().map(|one| one.name).collect::<Vec<_>>())
        };
        assert_eq!(given(&[("test", "qa-*"), ("live", "shop")]).unwrap(), ["live", "test"]);
        assert!(given(&[("test", "*"), ("live", "shop")]).is_err(), "a namespace in both");
        assert!(given(&[("test", "none")]).is_err());
    }
}
