//! Who is in a cluster beside an environment. What is written for the whole cluster is there because of them.

use watertight_intent::{Environment, EnvironmentId, Intent};

/// The other environments in the cluster of one, each with its place in the intent. There is none where an environment has a
/// cluster of its own.
pub(crate) fn neighbours(
    intent: &Intent,
    id: EnvironmentId,
) -> impl Iterator<Item = (EnvironmentId, &Environment)> {
    let cluster = intent.environments.get(id.0).map(|own| own.cluster);
    let all = intent.environments.iter().enumerate().map(|(index, other)| (EnvironmentId(index), other));
    all.filter(move |(other, environment)| *other != id && Some(environment.cluster) == cluster)
}

/// What the neighbours are called, in a sentence.
pub(crate) fn names(intent: &Intent, id: EnvironmentId) -> String {
    let names: Vec<&str> = neighbours(intent, id).map(|(_, other)| other.name.value.as_str()).collect();
    match names.as_slice() {
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        names => names.concat(),
    }
}
