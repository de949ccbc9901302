//! A case under names of its own, so that many are on one server at a time, and what is proved of it.

use super::cases::Case;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{Channel, ChannelReport, Snapshot};
use watertight_network::Profile;
use watertight_prove::{Question, environments, prove};

/// The kinds that are put on the server: those by which rights are held, and what is read with them.
const LOADED: [&str; 8] = [
    "Namespace",
    "ServiceAccount",
    "Secret",
    "ConfigMap",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
];

/// The ClusterRoles of every server that cases name.
const BUILT_IN: [&str; 4] = ["view", "edit", "admin", "cluster-admin"];

/// Resources whose names are those of something in no namespace, or of somebody.
const NAMED_FOR_ALL: [&str; 9] = [
    "users",
    "groups",
    "namespaces",
    "namespaces/status",
    "namespaces/finalize",
    "clusterroles",
    "clusterrolebindings",
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
];

/// A case, renamed.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) case: Case,
    /// What every name of its own begins with.
    pub(crate) prefix: String,
    /// The objects, under these names.
    pub(crate) objects: Vec<Value>,
    /// All namespaces that it has of its own.
    pub(crate) namespaces: BTreeSet<String>,
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    /// The API server's minor version that the input shows, if any.
    pub(crate) minor: Option<u32>,
    /// Those as whom staging starts.
    pub(crate) hostile: Vec<watertight_model::Principal>,
    pub(crate) report: ChannelReport,
}

fn snapshot(objects: &[Value]) -> Snapshot {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    let source = Source { name: "case.json".to_owned(), bytes: list.to_string().into_bytes() };
    read(&[source], &Options { default_namespace: "default".to_owned(), values: true }).snapshot
}

/// What of an object is read and loaded: not its state, and nothing that another case could meet.
fn is_kept(object: &Value) -> bool {
    object["kind"].as_str().is_some_and(|kind| kind == "Node" || LOADED.contains(&kind))
}

impl World {
    pub(crate) fn of(case: Case, prefix: &str) -> Result<Self> {
        let mut objects: Vec<Value> = case.objects.iter().filter(|object| is_kept(object)).cloned().collect();
        let before = snapshot(&objects);
        let sides = environments(&before, "staging", "production", &[])
            .map_err(|error| anyhow::anyhow!("{}: {}", case.name, error.message))?;
        let names = Names::of(prefix, &before);
        let sides: Vec<Vec<String>> = sides
            .iter()
            .map(|side| side.namespaces.iter().map(|choice| names.namespace(&choice.name)).collect())
            .collect();
        objects.iter_mut().for_each(|object| names.rename(object));
        let snapshot = snapshot(&objects);
        let question = Question {
            from: "staging".to_owned(),
            to: "production".to_owned(),
            environments: vec![
                ("staging".to_owned(), sides[0].join(",")),
                ("production".to_owned(), sides[1].join(",")),
            ],
            profile: Profile::CONSERVATIVE,
            accepted: Vec::new(),
            channels: vec![Channel::Api],
            principals: Vec::new(),
            strict: case.strict,
            why_not: false,
            all: true,
            needs: Vec::new(),
        };
        let mut report = prove(&snapshot, &question).map_err(|error| anyhow::anyhow!("{}", error.message))?;
        let hostile =
            report.environments[0].principals.iter().map(|choice| choice.principal.clone()).collect();
        let channels = report.boundaries.remove(0).channels;
        let of_api = channels.into_iter().find(|channel| channel.channel == Channel::Api);
        let namespaces = snapshot.namespaces.iter().map(|namespace| namespace.name.clone());
        Ok(Self {
            prefix: prefix.to_owned(),
            namespaces: namespaces.filter(|name| name.starts_with(prefix)).collect(),
            from: sides[0].clone(),
            to: sides[1].clone(),
            minor: snapshot.minor_version(),
            hostile,
            report: of_api.context("the channel is examined")?,
            objects,
            case,
        })
    }

    /// What is put on the server.
    pub(crate) fn loaded(&self) -> impl Iterator<Item = &Value> {
        self.objects
            .iter()
            .filter(|object| object["kind"].as_str().is_some_and(|kind| LOADED.contains(&kind)))
    }

    /// Whether it grants something to people whom other cases have too, or takes over roles of others.
    pub(crate) fn touches_others(&self) -> bool {
        self.loaded().any(|object| {
            let everywhere = object["kind"] == "ClusterRoleBinding"
                && object["subjects"].as_array().into_iter().flatten().any(|subject| {
                    let name = subject["name"].as_str().unwrap_or_default();
                    name.starts_with("system:") && !name.contains(&self.prefix)
                });
            let takes_over = object["aggregationRule"].to_string();
            everywhere || takes_over.contains("DoesNotExist") || takes_over.contains("NotIn")
        })
    }
}

/// The elements of a list that may be there.
fn list<'a>(value: &'a mut Value, pointer: &str) -> impl Iterator<Item = &'a mut Value> {
    value.pointer_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten()
}

/// The names that a case has of its own, and what becomes of them.
struct Names<'a> {
    prefix: &'a str,
    namespaces: BTreeSet<String>,
}

impl<'a> Names<'a> {
    fn of(prefix: &'a str, snapshot: &Snapshot) -> Self {
        Self {
            prefix,
            namespaces: snapshot.namespaces.iter().map(|namespace| namespace.name.clone()).collect(),
        }
    }

    fn own(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    /// Whether a namespace is the same one in all cases.
    fn is_shared(&self, name: &str) -> bool {
        name.starts_with("kube-") || name == "default" || name.is_empty()
    }

    fn namespace(&self, name: &str) -> String {
        if self.is_shared(name) { name.to_owned() } else { self.own(name) }
    }

    /// A user or a group.
    fn principal(&self, name: &str) -> String {
        for head in ["system:serviceaccount:", "system:serviceaccounts:"] {
            if let Some(rest) = name.strip_prefix(head) {
                return format!("{head}{}", self.own(rest));
            }
        }
        if name.starts_with("system:") { name.to_owned() } else { self.own(name) }
    }

    fn cluster_role(&self, name: &str) -> String {
        let is_built_in = BUILT_IN.contains(&name) || name.starts_with("system:");
        if is_built_in { name.to_owned() } else { self.own(name) }
    }

    fn rename(&self, object: &mut Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let kind = text(&object["kind"]);
        let metadata = &mut object["metadata"];
        if let Some(name) = metadata["namespace"].as_str() {
            metadata["namespace"] = json!(self.namespace(name));
        }
        match kind.as_str() {
            "Namespace" => metadata["name"] = json!(self.namespace(&text(&metadata["name"]))),
            "ClusterRole" => metadata["name"] = json!(self.cluster_role(&text(&metadata["name"]))),
            "Role" | "RoleBinding" if self.is_shared(&text(&metadata["namespace"])) => {
                metadata["name"] = json!(self.own(&text(&metadata["name"])));
            }
            "ClusterRoleBinding" => metadata["name"] = json!(self.own(&text(&metadata["name"]))),
            _ => {}
        }
        if kind == "ClusterRole" {
            self.rename_labels(object.pointer_mut("/metadata/labels"));
            for selector in list(object, "/aggregationRule/clusterRoleSelectors") {
                self.rename_labels(selector.get_mut("matchLabels"));
                for requirement in list(selector, "/matchExpressions") {
                    requirement["key"] = json!(self.label(&text(&requirement["key"])));
                }
            }
        }
        for subject in list(object, "/subjects") {
            if let Some(namespace) = subject["namespace"].as_str() {
                subject["namespace"] = json!(self.namespace(namespace));
            }
            if subject["kind"] != "ServiceAccount" {
                subject["name"] = json!(self.principal(&text(&subject["name"])));
            }
        }
        if object["roleRef"]["kind"] == "ClusterRole" {
            object["roleRef"]["name"] = json!(self.cluster_role(&text(&object["roleRef"]["name"])));
        }
        let is_shared = kind == "RoleBinding" && self.is_shared(&text(&object["metadata"]["namespace"]));
        if is_shared && object["roleRef"]["kind"] == "Role" {
            object["roleRef"]["name"] = json!(self.own(&text(&object["roleRef"]["name"])));
        }
        for rule in list(object, "/rules") {
            self.rename_rule(rule);
        }
    }

    fn rename_labels(&self, labels: Option<&mut Value>) {
        if let Some(labels) = labels
            && let Some(old) = labels.as_object()
        {
            *labels = old.iter().map(|(key, value)| (self.label(key), value.clone())).collect();
        }
    }

    /// The key of a label of ClusterRoles.
    fn label(&self, key: &str) -> String {
        if key.starts_with("kubernetes.io/") { key.to_owned() } else { format!("{}.{key}", self.prefix) }
    }

    /// The names to which a rule is bound. Where it is about objects of both sorts, it is bound to both.
    fn rename_rule(&self, rule: &mut Value) {
        let resources: Vec<String> = rule["resources"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        let Some(names) = rule["resourceNames"].as_array() else { return };
        let is_for_all = |resource: &String| NAMED_FOR_ALL.contains(&resource.as_str()) || resource == "*";
        let is_of_namespace = |resource: &String| !NAMED_FOR_ALL.contains(&resource.as_str());
        let mut renamed = BTreeSet::new();
        for name in names.iter().filter_map(Value::as_str) {
            if resources.iter().any(is_of_namespace) {
                renamed.insert(name.to_owned());
            }
            if resources.iter().any(is_for_all) {
                renamed.insert(match name {
                    name if self.namespaces.contains(name) => self.namespace(name),
                    name if BUILT_IN.contains(&name) => name.to_owned(),
                    name => self.principal(name),
                });
            }
        }
        rule["resourceNames"] = json!(renamed);
    }
}
