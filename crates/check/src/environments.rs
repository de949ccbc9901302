//! Which namespaces an environment is, found anew: by custom, or by what `--env` said.

use globset::Glob;
use watertight_base::{LabelBox, Labels, Operator, Requirement, Selector};
use watertight_model::{Namespace, NamespaceId, Snapshot};

/// What is compiled from an intent says by this label whose it is, and nothing else counts then.
const OWN_LABEL: &str = "watertight.dev/environment";
const LABEL_KEYS: [&str; 3] = ["environment", "env", "app.kubernetes.io/environment"];
const SYNONYMS: [&[&str]; 2] = [&["staging", "stage", "stg"], &["production", "prod", "prd", "live"]];
/// `non-prod` is no production.
const DENIALS: [&str; 4] = ["no", "non", "not", "pre"];

/// The namespaces of an environment.
///
/// # Errors
/// A selector is none, or labels that the input does not show decide.
pub(crate) fn find(
    snapshot: &Snapshot,
    name: &str,
    selectors: &[String],
) -> Result<Vec<NamespaceId>, String> {
    let mut found = Vec::new();
    for id in snapshot.namespace_ids() {
        let namespace = snapshot.namespace(id);
        if selectors.is_empty() {
            if is_called(name, namespace) {
                found.push(id);
            }
            continue;
        }
        let mut doubtful = false;
        let mut chosen = false;
        for selector in selectors {
            let (is_in, could) = is_selected(selector, namespace)
                .ok_or_else(|| format!("`{selector}` does not select namespaces"))?;
            chosen |= is_in;
            doubtful |= could;
        }
        if chosen {
            found.push(id);
        } else if doubtful {
            return Err(format!("whether `{}` belongs to `{name}` cannot be seen", namespace.name));
        }
    }
    Ok(found)
}

/// Whether a namespace is of the environment by its name or its labels.
fn is_called(environment: &str, namespace: &Namespace) -> bool {
    let label = |key: &str| namespace.labels.as_ref().and_then(|labels| labels.get(key));
    if let Some(said) = label(OWN_LABEL) {
        return said == environment;
    }
    let own = [environment];
    let words = SYNONYMS.into_iter().find(|words| words.contains(&environment)).unwrap_or(&own);
    let by_name = words.iter().any(|&word| {
        let before = namespace.name.strip_suffix(word).and_then(|before| before.strip_suffix('-'));
        let denied = |before: &str| before.rsplit('-').next().is_some_and(|last| DENIALS.contains(&last));
        namespace.name == word
            || namespace.name.starts_with(&format!("{word}-"))
            || before.is_some_and(|before| !denied(before))
    });
    let by_label = || {
        LABEL_KEYS
            .into_iter()
            .any(|key| label(key).is_some_and(|value| words.contains(&value.to_ascii_lowercase().as_str())))
    };
    by_name || by_label()
}

/// Whether a selector of `--env` means a namespace, and whether it could by labels that are not shown; `None` if it is no
/// selector.
fn is_selected(text: &str, namespace: &Namespace) -> Option<(bool, bool)> {
    let by_labels = text.contains('=') || [" in ", " notin ", " in("].iter().any(|sign| text.contains(sign));
    if !by_labels {
        let mut globs = text.split(',').map(str::trim).filter(|glob| !glob.is_empty());
        let is_in = globs.try_fold(false, |is_in, glob| {
            let matcher = Glob::new(glob).ok()?.compile_matcher();
            Some(is_in || matcher.is_match(&namespace.name))
        })?;
        return Some((is_in, false));
    }
    let selector = label_selector(text)?;
    if let Some(labels) = &namespace.labels {
        return Some((selector.matches(labels), false));
    }
    let name = Labels::from([(Namespace::NAME_LABEL.to_owned(), namespace.name.clone())]);
    let asks_for_others =
        selector.requirements.iter().any(|requirement| requirement.key != Namespace::NAME_LABEL);
    let any = LabelBox::exactly(&name, [Namespace::NAME_LABEL.to_owned()]);
    Some((selector.matches(&name) && !asks_for_others, any.select(&selector).is_some()))
}

/// A selector as `kubectl -l` takes it.
fn label_selector(text: &str) -> Option<Selector> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let open = rest.find('(').unwrap_or(rest.len());
        let comma = match rest.find(',') {
            Some(comma) if comma < open => Some(comma),
            Some(_) => {
                let close = rest.find(')').unwrap_or(rest.len());
                rest[close..].find(',').map(|comma| close + comma)
            }
            None => None,
        };
        let end = comma.unwrap_or(rest.len());
        parts.push(requirement(rest[..end].trim())?);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Some(Selector { requirements: parts })
}

fn requirement(part: &str) -> Option<Requirement> {
    let of = |key: &str, operator, values: &str| {
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        Requirement { key: key.trim().to_owned(), operator, values }
    };
    let in_parentheses = |rest: &str, word: &str| {
        let list = rest.trim_start().strip_prefix(word)?.trim_start().strip_prefix('(')?;
        Some(list.strip_suffix(')')?.to_owned())
    };
    let requirement = if let Some((key, value)) = part.split_once("!=") {
        of(key, Operator::NotIn, value)
    } else if let Some((key, value)) = part.split_once('=') {
        of(key, Operator::In, value.strip_prefix('=').unwrap_or(value))
    } else if let Some((key, rest)) = part.split_once(char::is_whitespace) {
        match in_parentheses(rest, "notin") {
            Some(values) => of(key, Operator::NotIn, &values),
            None => of(key, Operator::In, &in_parentheses(rest, "in")?),
        }
    } else {
        let (key, operator) = match part.strip_prefix('!') {
            Some(key) => (key, Operator::DoesNotExist),
            None => (part, Operator::Exists),
        };
        Requirement { key: key.to_owned(), operator, values: Vec::new() }
    };
    watertight_base::label_key(&requirement.key).ok()?;
    let fits = |value: &String| watertight_base::label_value(value).is_ok();
    requirement.values.iter().all(fits).then_some(requirement)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use watertight_model::Admission;

    /// A cluster of namespaces with odd names and labels; the last ones have no object.
    fn snapshot() -> Snapshot {
        let mut names: Vec<String> = Vec::new();
        for word in ["staging", "stg", "prod", "live", "production"] {
            for name in ["{}", "{}-eu", "shop-{}", "non-{}", "shop-pre-{}", "my{}", "{}x"] {
                names.push(name.replace("{}", word));
            }
        }
        names.sort();
        let namespaces = names.iter().enumerate().map(|(number, name)| {
            let labels = [("env", "Prod"), ("environment", "stage"), ("tier", "test")];
            let (key, value) = labels[number % 3];
            let own = [(key.to_owned(), value.to_owned()), (Namespace::NAME_LABEL.to_owned(), name.clone())];
            Namespace {
                name: name.clone(),
                labels: (number % 5 != 4).then(|| own.into()),
                admission: Admission::Accepted,
                label_spans: BTreeMap::new(),
                origin: None,
                first_seen: None,
            }
        });
        Snapshot { namespaces: namespaces.collect(), ..Snapshot::default() }
    }

    /// What the engine finds for a name and its `--env`, beside an environment that is nothing else's.
    fn of_engine(snapshot: &Snapshot, name: &str, selectors: &[String]) -> Option<Vec<String>> {
        let mut snapshot = snapshot.clone();
        let other = Namespace { name: "~".to_owned(), labels: None, ..snapshot.namespaces[0].clone() };
        snapshot.namespaces.push(other);
        let asked = selectors.iter().map(|text| (name.to_owned(), text.clone()));
        let asked: Vec<_> = asked.chain([("other".to_owned(), "~".to_owned())]).collect();
        let found = watertight_prove::environments(&snapshot, name, "other", &asked).ok()?;
        Some(found[0].namespaces.iter().map(|choice| choice.name.clone()).collect())
    }

    #[test]
    fn environments_are_those_of_the_engine() {
        let snapshot = snapshot();
        let mut compared = 0;
        for name in ["staging", "stg", "live", "production", "shop"] {
            for given in [
                &[][..],
                &["shop-*", "stg"],
                &["tier=test"],
                &["env!=Prod,tier"],
                &["environment in (stage, x),!tier"],
                &["kubernetes.io/metadata.name in (stg,prod)"],
                &["env notin (Prod)", "stg-eu , live"],
                &["nothing-like-this"],
                &["["],
                &["a=b c"],
            ] {
                let selectors: Vec<String> = given.iter().map(|&text| text.to_owned()).collect();
                let engine = of_engine(&snapshot, name, &selectors);
                let names = |ids: Vec<NamespaceId>| -> Vec<String> {
                    ids.into_iter().map(|id| snapshot.namespace(id).name.clone()).collect()
                };
                match (find(&snapshot, name, &selectors), engine) {
                    (Ok(own), Some(engine)) => {
                        assert_eq!(names(own), engine, "{name} {given:?}");
                        compared += 1;
                    }
                    // An empty environment is an error there.
                    (Ok(own), None) => assert!(own.is_empty(), "{name} {given:?}"),
                    // Labels that are not shown are a blind spot there, and no selector is an error in both.
                    (Err(why), engine) => {
                        let unseen = why.contains("cannot be seen");
                        assert!(unseen || engine.is_none(), "{name} {given:?}: {why}");
                    }
                }
            }
        }
        assert!(compared > 10, "{compared}");
    }

    #[test]
    fn labels_that_are_not_shown_decide_nothing() {
        let found = |selector: &str| find(&snapshot(), "staging", &[selector.to_owned()]);
        assert!(found("tier=test").is_err_and(|why| why.ends_with("cannot be seen")));
        assert!(found("kubernetes.io/metadata.name=stg").is_ok());
    }
}
