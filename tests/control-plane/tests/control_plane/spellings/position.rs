//! Where a scalar stands in a NetworkPolicy, and what it means there.

use serde_json::Value;
use watertight_base::Source;
use watertight_ingest::{Ingested, Options};
use watertight_model::{Admission, NetworkPolicy, PortMatch};

/// Where a scalar stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    Value,
    FlowValue,
    Key,
    FlowKey,
    Item,
    FlowItem,
    Port,
}

/// What a scalar means at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A text; for a key all keys.
    Text(Vec<String>),
    /// A port number.
    Number(u16),
    /// Nothing: as if it were not there.
    Nothing,
    /// What has another shape, since the scalar was none.
    Other,
    /// What the API server refuses there, or what cannot be parsed.
    Refused,
}

impl Meaning {
    pub(super) fn sort(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "number",
            Self::Nothing => "no value",
            Self::Other => "other shape",
            Self::Refused => "refused",
        }
    }
}

impl Position {
    pub(super) const ALL: [Self; 7] =
        [Self::Value, Self::FlowValue, Self::Key, Self::FlowKey, Self::Item, Self::FlowItem, Self::Port];

    /// A NetworkPolicy `p-INDEX` with the scalar in it.
    pub(super) fn document(self, index: usize, scalar: &str) -> String {
        let expressions =
            "podSelector:\n    matchExpressions:\n    - key: k\n      operator: In\n      values:";
        let spec = match self {
            Self::Value => format!("podSelector:\n    matchLabels:\n      k: {scalar}"),
            Self::FlowValue => format!("podSelector: {{matchLabels: {{k: {scalar}}}}}"),
            Self::Key => format!("podSelector:\n    matchLabels:\n      {scalar}: v"),
            Self::FlowKey => format!("podSelector: {{matchLabels: {{{scalar}: v}}}}"),
            Self::Item => format!("{expressions}\n      - {scalar}"),
            Self::FlowItem => format!("{expressions} [{scalar}]"),
            Self::Port => format!("podSelector: {{}}\n  ingress:\n  - ports:\n    - port: {scalar}"),
        };
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
             metadata: {{name: p-{index}, namespace: staging}}\nspec:\n  {spec}\n"
        )
    }

    /// What the API server makes of an object of this shape.
    pub(super) fn meaning(self, object: &Value) -> Meaning {
        let spec = &object["spec"];
        let labels = || -> Vec<(String, Meaning)> {
            match &spec["podSelector"]["matchLabels"] {
                Value::Object(labels) => {
                    labels.iter().map(|(key, value)| (key.clone(), text(value))).collect()
                }
                Value::Null => Vec::new(),
                // It is no map, which the server refuses.
                _ => vec![(String::new(), Meaning::Refused)],
            }
        };
        match self {
            Self::Value | Self::FlowValue => match labels().as_slice() {
                [(_, value)] => value.clone(),
                all => other(all.iter().map(|(_, value)| value)),
            },
            Self::Key | Self::FlowKey => {
                let labels = labels();
                let as_asked = |(_, value): &(String, Meaning)| *value == Meaning::Text(vec!["v".to_owned()]);
                match labels.iter().all(as_asked) {
                    true => Meaning::Text(labels.into_iter().map(|(key, _)| key).collect()),
                    false => other(labels.iter().map(|(_, value)| value)),
                }
            }
            Self::Item | Self::FlowItem => {
                let values = &spec["podSelector"]["matchExpressions"][0]["values"];
                let values: Vec<Meaning> = values.as_array().into_iter().flatten().map(text).collect();
                match values.as_slice() {
                    [value] => value.clone(),
                    // `In` needs a value.
                    [] => Meaning::Refused,
                    all => other(all.iter()),
                }
            }
            Self::Port => port(&spec["ingress"][0]["ports"][0]["port"]),
        }
    }

    /// What the reader makes of it: of the policy, if there is one.
    pub(super) fn ours(self, policy: Option<NetworkPolicy>) -> Meaning {
        let Some(policy) = policy else { return Meaning::Refused };
        let requirements = policy.subject.requirements;
        match self {
            Self::Value | Self::FlowValue | Self::Item | Self::FlowItem => match requirements.as_slice() {
                [requirement] if requirement.values.len() == 1 => Meaning::Text(requirement.values.clone()),
                _ => Meaning::Other,
            },
            Self::Key | Self::FlowKey => {
                if requirements.iter().any(|requirement| requirement.values != ["v"]) {
                    return Meaning::Other;
                }
                let mut keys: Vec<String> =
                    requirements.into_iter().map(|requirement| requirement.key).collect();
                keys.sort();
                Meaning::Text(keys)
            }
            Self::Port => {
                let ports = policy.ingress.first().and_then(|rule| rule.ports.as_deref());
                match ports.and_then(<[_]>::first).map(|port| &port.port) {
                    Some(PortMatch::All) => Meaning::Nothing,
                    Some(PortMatch::Number(number)) => Meaning::Number(*number),
                    Some(PortMatch::Named(name)) => Meaning::Text(vec![name.clone()]),
                    Some(PortMatch::Range(..)) | None => Meaning::Other,
                }
            }
        }
    }
}

/// Another number of values than asked for, all of which are text, or some are not.
fn other<'a>(mut values: impl Iterator<Item = &'a Meaning>) -> Meaning {
    if values.any(|value| *value == Meaning::Refused) { Meaning::Refused } else { Meaning::Other }
}

/// A field that holds text. Null is the empty one.
fn text(value: &Value) -> Meaning {
    match value {
        Value::String(text) => Meaning::Text(vec![text.clone()]),
        Value::Null => Meaning::Text(vec![String::new()]),
        _ => Meaning::Refused,
    }
}

/// A field that holds a port by number or name.
fn port(value: &Value) -> Meaning {
    match value {
        Value::Null => Meaning::Nothing,
        // Without a letter it is no name.
        Value::String(name) if name.parse::<i128>().is_ok() => Meaning::Refused,
        Value::String(name) => Meaning::Text(vec![name.clone()]),
        Value::Number(number) => {
            let number = number.as_u64().and_then(|number| u16::try_from(number).ok());
            number.filter(|number| *number > 0).map_or(Meaning::Refused, Meaning::Number)
        }
        _ => Meaning::Refused,
    }
}

/// The policies that the reader finds in documents, and takes as they are: one with a value of a wrong type is read as it
/// was meant, and yet refused. Where there is none, something must have been said.
pub(super) fn read(documents: &[&str]) -> Vec<Option<NetworkPolicy>> {
    let sources: Vec<Source> = documents
        .iter()
        .enumerate()
        .map(|(index, text)| Source { name: format!("{index}.yaml"), bytes: text.as_bytes().to_vec() })
        .collect();
    let Ingested { snapshot, diagnostics, .. } = watertight_ingest::read(&sources, &Options::default());
    let mut policies: Vec<Option<NetworkPolicy>> = documents.iter().map(|_| None).collect();
    for policy in snapshot.policies {
        let index = policy.origin.span.source.0 as usize;
        policies[index] = Some(policy);
    }
    let mut spoken = vec![false; documents.len()];
    for span in snapshot.blind_spots.iter().filter_map(|spot| spot.span) {
        spoken[span.source.0 as usize] = true;
    }
    for diagnostic in &diagnostics {
        let Some((span, _)) = &diagnostic.at else { continue };
        let index = span.source.0 as usize;
        spoken[index] = true;
        if ["wrong-type", "unparsable"].contains(&diagnostic.rule) {
            let policy = policies[index].take();
            assert!(
                policy.is_none_or(|policy| policy.admission == Admission::Refused),
                "{}",
                documents[index]
            );
        }
    }
    for (index, policy) in policies.iter().enumerate() {
        assert!(policy.is_some() || spoken[index], "passed over in silence:\n{}", documents[index]);
    }
    policies
}
