//! What a pod tells its containers in the object itself: environment variables that have their value there, `command` and `args`, and
//! what probes and hooks run or send. What is no text means its spelling; whether it is one, decides nothing here.

use super::bearer;
use crate::tree::{Mapping, Node};
use watertight_base::Sealed;
use watertight_model::HeldValue;

/// Reads what the spec of a pod has of them.
pub(super) fn read(spec: &Mapping<'_>) -> Vec<HeldValue> {
    let mut values = Vec::new();
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        let containers = spec.get(list).and_then(Node::sequence).unwrap_or_default();
        for (number, container) in containers.into_iter().enumerate() {
            if let Some(container) = container.mapping() {
                let path = format!("/spec/{list}/{number}");
                values.extend(variables(&container, &path));
                values.extend(arguments(&container, &path, "command"));
                values.extend(arguments(&container, &path, "args"));
                for (place, handler) in handlers(&container) {
                    values.extend(of_handler(&handler, &format!("{path}/{place}")));
                }
            }
        }
    }
    values
}

/// What its probes and hooks do, each with its place.
pub(super) fn handlers<'n>(container: &Mapping<'n>) -> Vec<(String, Mapping<'n>)> {
    let mapping = |of: &Mapping<'n>, field: &str| of.get(field).and_then(Node::mapping);
    let probes = ["livenessProbe", "readinessProbe", "startupProbe"].into_iter();
    let probes = probes.filter_map(|probe| Some((probe.to_owned(), mapping(container, probe)?)));
    let lifecycle = mapping(container, "lifecycle");
    let hooks = lifecycle.iter().flat_map(|lifecycle| {
        let hooks = ["postStart", "preStop"].into_iter();
        hooks.filter_map(|hook| Some((format!("lifecycle/{hook}"), mapping(lifecycle, hook)?)))
    });
    probes.chain(hooks).collect()
}

fn of_handler(handler: &Mapping<'_>, path: &str) -> Vec<HeldValue> {
    let mut values = Vec::new();
    if let Some(exec) = handler.get("exec").and_then(Node::mapping) {
        values.extend(arguments(&exec, &format!("{path}/exec"), "command"));
    }
    let Some(get) = handler.get("httpGet").and_then(Node::mapping) else { return values };
    let headers = elements(&get, "httpHeaders").into_iter().enumerate();
    values.extend(headers.filter_map(|(position, header)| {
        let header = header.mapping()?;
        let value = header.get("value")?;
        let name = header.get("name").and_then(Node::written).unwrap_or_default();
        held(
            value,
            &value.written()?,
            name.into_owned(),
            format!("{path}/httpGet/httpHeaders/{position}/value"),
        )
    }));
    values
}

fn elements<'n>(container: &Mapping<'n>, field: &str) -> Vec<Node<'n>> {
    container.get(field).and_then(Node::sequence).unwrap_or_default()
}

fn variables(container: &Mapping<'_>, path: &str) -> Vec<HeldValue> {
    let variables = elements(container, "env").into_iter().enumerate().filter_map(|(position, variable)| {
        let variable = variable.mapping()?;
        let value = variable.get("value")?;
        let name = variable.get("name").and_then(Node::written).unwrap_or_default();
        held(value, &value.written()?, name.into_owned(), format!("{path}/env/{position}/value"))
    });
    variables.collect()
}

/// The values of options, `--NAME=VALUE` or `--NAME` and the next one, under their names; all else as it is written, under its
/// place.
fn arguments(container: &Mapping<'_>, path: &str, field: &str) -> Vec<HeldValue> {
    let mut values = Vec::new();
    let mut option = None;
    for (position, argument) in elements(container, field).into_iter().enumerate() {
        let Some(written) = argument.written() else {
            option = None;
            continue;
        };
        let at = format!("{path}/{field}/{position}");
        let before = option.take();
        let is_option = written.starts_with('-');
        if let Some((name, value)) = written.split_once('=').filter(|(name, _)| is_name(name)) {
            values.extend(held(argument, value, name.to_owned(), at));
        } else if is_option && is_name(&written) {
            option = Some(written.into_owned());
        } else {
            let name = before.unwrap_or_else(|| format!("{field}[{position}]"));
            values.extend(held(argument, &written, name, at));
        }
    }
    values
}

/// Whether it is the name of an option or of a variable: not a line of a script.
fn is_name(name: &str) -> bool {
    name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
}

fn held(node: Node<'_>, written: &str, key: String, path: String) -> Option<HeldValue> {
    let value = HeldValue {
        key,
        path,
        span: node.span(),
        registry: None,
        bearers: bearer::of(written.as_bytes()),
        value: Sealed::from(written),
    };
    (!written.is_empty()).then_some(value)
}
