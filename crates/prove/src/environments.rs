//! Which namespaces an environment is, without an intent file: by what people call them, or as the command line says.

use crate::QuestionError;
use crate::label_selector::{bad_selector, label_selector};
use globset::{Glob, GlobMatcher};
use watertight_base::{LabelBox, Labels, Selector};
use watertight_model::{
    BlindScope, BlindSpot, Channel, EnvironmentReport, Namespace, NamespaceChoice, NamespaceId, Snapshot,
};

/// The label by which what is compiled from an intent says whose it is. Where it is, it decides alone.
const OWN_LABEL: &str = "watertight.dev/environment";

/// Label keys by which teams name a namespace's environment.
pub(crate) const LABEL_KEYS: [&str; 3] = ["environment", "env", "app.kubernetes.io/environment"];

/// Names that mean one environment.
pub(crate) const SYNONYMS: [&[&str]; 2] =
    [&["staging", "stage", "stg"], &["production", "prod", "prd", "live"]];

/// What turns the word behind it into its opposite: `non-prod` is not production, and `pre-prod` not yet.
const DENIALS: [&str; 4] = ["no", "non", "not", "pre"];

/// An environment, found in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Environment {
    /// Its namespaces, sorted.
    pub(crate) namespaces: Vec<NamespaceId>,
    /// Namespaces that could belong to it by labels that the input does not show.
    pub(crate) unseen: Vec<BlindSpot>,
    /// What the report says of it.
    pub(crate) report: EnvironmentReport,
}

/// Finds an environment by its selectors on the command line, or by its name if there are none.
pub(crate) fn find(
    snapshot: &Snapshot,
    name: &str,
    environments: &[(String, String)],
) -> Result<Environment, QuestionError> {
    let given = environments.iter().filter(|(of, _)| of == name).map(|(_, selector)| parse(selector));
    let given = given.collect::<Result<Vec<_>, _>>()?;
    let choose = |id: NamespaceId| {
        let namespace = snapshot.namespace(id);
        if given.is_empty() {
            by_custom(name, &namespace.name, namespace.labels.as_ref())
        } else {
            given.iter().flatten().find_map(|choice| choice.why(name, namespace))
        }
    };
    let could = |id: &NamespaceId| {
        let namespace = snapshot.namespace(*id);
        choose(*id).is_none() && given.iter().flatten().any(|choice| choice.could_mean(namespace))
    };
    let unseen =
        snapshot.namespace_ids().filter(could).map(|id| unseen(name, snapshot.namespace(id))).collect();
    let chosen: Vec<_> = snapshot.namespace_ids().filter_map(|id| Some((id, choose(id)?))).collect();
    if chosen.is_empty() {
        return Err(empty(snapshot, name, given.is_empty()));
    }
    let namespaces = chosen.iter().map(|(id, _)| *id).collect();
    let choices = chosen
        .into_iter()
        .map(|(id, why)| NamespaceChoice { name: snapshot.namespace(id).name.clone(), why });
    Ok(Environment {
        namespaces,
        unseen,
        report: EnvironmentReport {
            name: name.to_owned(),
            namespaces: choices.collect(),
            principals: Vec::new(),
        },
    })
}

/// Checks that every `--env` is for one of the two environments: passed over, a misspelled one would leave namespaces
/// out of the answer.
pub(crate) fn asked_about(
    from: &str,
    to: &str,
    environments: &[(String, String)],
) -> Result<(), QuestionError> {
    let Some((name, _)) = environments.iter().find(|(name, _)| name != from && name != to) else {
        return Ok(());
    };
    Err(QuestionError {
        message: format!("`--env {name}=…` is for neither `{from}` nor `{to}`"),
        help: format!("write `--env {from}=…` or `--env {to}=…`, or leave it out"),
    })
}

/// Checks that no namespace is on both sides.
pub(crate) fn disjoint(
    snapshot: &Snapshot,
    from: &Environment,
    to: &Environment,
) -> Result<(), QuestionError> {
    let both: Vec<usize> =
        (0..from.namespaces.len()).filter(|&i| to.namespaces.contains(&from.namespaces[i])).collect();
    let Some(&first) = both.first() else { return Ok(()) };
    let namespace = &snapshot.namespace(from.namespaces[first]).name;
    let other = to.report.namespaces.iter().find(|choice| choice.name == *namespace);
    let message = format!(
        "the namespace `{namespace}` is in both environments: in `{}` since it {}, in `{}` since it {}",
        from.report.name,
        from.report.namespaces[first].why,
        to.report.name,
        other.map_or("", |choice| &choice.why),
    );
    let help = format!(
        "say which namespaces are meant: `--env {}=NAMES --env {}=NAMES`",
        from.report.name, to.report.name
    );
    Err(QuestionError { message, help })
}

fn empty(snapshot: &Snapshot, name: &str, by_custom: bool) -> QuestionError {
    let known: Vec<&str> = snapshot.namespaces.iter().map(|namespace| namespace.name.as_str()).collect();
    let known = if known.is_empty() {
        "no namespace".to_owned()
    } else {
        format!("the namespaces {}", known.join(", "))
    };
    let why = if by_custom {
        format!("is named or labelled `{name}`")
    } else {
        format!("matches `--env {name}=…`")
    };
    QuestionError {
        message: format!("the environment `{name}` is empty: none of the input's namespaces {why}"),
        help: format!(
            "the input holds {known}; name them with `--env {name}=NAME,GLOB` or `--env {name}=LABEL=VALUE`"
        ),
    }
}

/// Why a namespace belongs to an environment by custom: it is named so, or with such a prefix or suffix, or labelled so.
pub(crate) fn by_custom(environment: &str, namespace: &str, labels: Option<&Labels>) -> Option<String> {
    if let Some(value) = labels.and_then(|labels| labels.get(OWN_LABEL)) {
        return (value == environment).then(|| format!("carries the label `{OWN_LABEL}={value}`"));
    }
    let wanted = [environment];
    let words = SYNONYMS.into_iter().find(|words| words.contains(&environment)).unwrap_or(&wanted);
    if words.contains(&namespace) {
        return Some(format!("is named `{namespace}`"));
    }
    for word in words {
        if namespace.strip_prefix(word).is_some_and(|rest| rest.starts_with('-')) {
            return Some(format!("has a name that begins with `{word}-`"));
        }
        let before = namespace.strip_suffix(word).and_then(|rest| rest.strip_suffix('-'));
        let denied = |before: &str| before.rsplit('-').next().is_some_and(|part| DENIALS.contains(&part));
        if before.is_some_and(|before| !denied(before)) {
            return Some(format!("has a name that ends with `-{word}`"));
        }
    }
    LABEL_KEYS.into_iter().find_map(|key| {
        let value = labels?.get(key)?;
        words
            .contains(&value.to_ascii_lowercase().as_str())
            .then(|| format!("carries the label `{key}={value}`"))
    })
}

/// One part of `--env NAME=SELECTOR`.
#[derive(Debug)]
enum Choice {
    /// A namespace's name, or a glob over names.
    Name(String, GlobMatcher),
    /// Labels of the Namespace object.
    Labels(Selector),
}

impl Choice {
    fn why(&self, environment: &str, namespace: &Namespace) -> Option<String> {
        match self {
            Self::Name(text, glob) => {
                glob.is_match(&namespace.name).then(|| format!("matches `--env {environment}={text}`"))
            }
            Self::Labels(selector) => {
                let named = || Labels::from([(Namespace::NAME_LABEL.to_owned(), namespace.name.clone())]);
                let chosen = match &namespace.labels {
                    Some(labels) => selector.matches(labels),
                    // Of a namespace without an object only the label with its name is known.
                    None => selector.matches(&named()) && names_only(selector),
                };
                chosen.then(|| format!("carries the labels `{selector}`"))
            }
        }
    }

    /// Whether labels that the input does not show could make the choice mean the namespace.
    fn could_mean(&self, namespace: &Namespace) -> bool {
        let Self::Labels(selector) = self else { return false };
        let name = Selector::label(Namespace::NAME_LABEL, &namespace.name);
        let named = LabelBox::everything().select(&name);
        namespace.labels.is_none() && named.is_some_and(|named| named.select(selector).is_some())
    }
}

/// Whether a selector asks for nothing but the label with a namespace's name.
fn names_only(selector: &Selector) -> bool {
    selector.requirements.iter().all(|requirement| requirement.key == Namespace::NAME_LABEL)
}

fn unseen(environment: &str, namespace: &Namespace) -> BlindSpot {
    let name = &namespace.name;
    BlindSpot {
        rule: "unknown-namespace-labels",
        reason: format!(
            "whether `{name}` belongs to `{environment}` cannot be seen: `--env` goes by labels, and the input has no Namespace object of that name"
        ),
        object: None,
        span: namespace.first_seen.as_ref().map(|origin| origin.span),
        help: format!("add the Namespace object of `{name}`, or choose the environment's namespaces by name"),
        scope: BlindScope::Everything,
        hides: &Channel::ALL,
    }
}

/// Reads a selector: names and globs with commas between, or, where an operator is in it, a label selector as
/// `kubectl -l` takes it.
fn parse(text: &str) -> Result<Vec<Choice>, QuestionError> {
    let is_label_selector =
        text.contains('=') || text.contains(" in ") || text.contains(" notin ") || text.contains(" in(");
    if is_label_selector {
        return Ok(vec![Choice::Labels(label_selector(text)?)]);
    }
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<Choice> = names
        .map(|name| match Glob::new(name) {
            Ok(glob) => Ok(Choice::Name(name.to_owned(), glob.compile_matcher())),
            Err(error) => Err(bad_selector(text, &format!("`{name}` is no glob: {error}"))),
        })
        .collect::<Result<_, _>>()?;
    if names.is_empty() { Err(bad_selector(text, "it names nothing")) } else { Ok(names) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use watertight_model::Admission;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn namespaces_belong_by_name_prefix_suffix_or_label() {
        for name in ["staging", "stage", "stg", "staging-eu", "shop-stg", "team-staging"] {
            assert!(by_custom("staging", name, None).is_some(), "{name}");
        }
        for name in ["prod", "prd", "live", "production", "live-eu", "shop-prod"] {
            assert!(by_custom("production", name, None).is_some(), "{name}");
        }
        for name in ["non-prod", "pre-prod", "shop-non-prod", "nonprod"] {
            assert!(by_custom("production", name, None).is_none(), "{name}");
        }
        for name in ["stagingeu", "backstage", "mystg", "production"] {
            assert!(by_custom("staging", name, None).is_none(), "{name}");
        }
        for key in LABEL_KEYS {
            assert!(by_custom("staging", "shop", Some(&labels(&[(key, "stg")]))).is_some());
            assert!(by_custom("production", "shop", Some(&labels(&[(key, "Production")]))).is_some());
        }
        assert!(by_custom("staging", "shop", Some(&labels(&[("tier", "staging")]))).is_none());
    }

    #[test]
    fn a_compiled_namespace_belongs_where_it_says() {
        let compiled = |environment: &str| labels(&[(OWN_LABEL, environment), ("env", "production")]);
        assert!(by_custom("qa", "shop", Some(&compiled("qa"))).is_some());
        assert!(by_custom("production", "production", Some(&compiled("qa"))).is_none());
        assert!(by_custom("production", "shop", Some(&compiled("prod"))).is_none());
    }

    #[test]
    fn other_environments_go_by_their_own_name() {
        assert!(by_custom("dev", "dev-eu", None).is_some());
        assert!(by_custom("dev", "development", None).is_none());
        assert!(by_custom("live", "production", None).is_some(), "a synonym means its whole group");
    }

    #[test]
    fn a_selector_for_an_environment_that_is_not_asked_about_is_an_error() {
        let asked = |environment: &str| {
            asked_about("staging", "production", &[(environment.to_owned(), "shop".to_owned())])
        };
        assert_eq!(asked("production"), Ok(()));
        let error = asked("prodution").unwrap_err();
        assert_eq!(error.message, "`--env prodution=…` is for neither `staging` nor `production`");
    }

    fn unlabelled(name: &str) -> Namespace {
        Namespace {
            name: name.to_owned(),
            labels: None,
            admission: Admission::Accepted,
            label_spans: BTreeMap::new(),
            origin: None,
            first_seen: None,
        }
    }

    #[test]
    fn a_namespace_without_an_object_could_be_meant_by_labels() {
        let choice = |text: &str| parse(text).unwrap().remove(0);
        let by_label = choice("team=shop");
        assert!(by_label.why("production", &unlabelled("shop")).is_none());
        assert!(by_label.could_mean(&unlabelled("shop")));
        let by_name = choice("kubernetes.io/metadata.name in (shop,other)");
        assert!(by_name.why("production", &unlabelled("shop")).is_some());
        assert!(!by_name.could_mean(&unlabelled("bar")));
        assert!(!choice("shop-*").could_mean(&unlabelled("shop")));
    }

    #[test]
    fn names_and_globs_come_with_commas() {
        let choices = parse("qa, stage-*").unwrap();
        let chosen =
            |name: &str| choices.iter().any(|choice| choice.why("staging", &unlabelled(name)).is_some());
        assert!(chosen("qa") && chosen("stage-1") && !chosen("stage"));
        assert!(parse(" , ").is_err());
        assert!(parse("[").is_err());
    }
}
