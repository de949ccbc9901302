//! All objects of the input, each with the environment whose it is and what becomes of it.

use super::Overlay;
use std::collections::BTreeMap;
use watertight_base::{Source, SourceId, Span};
use watertight_ingest::{Content, Tree, is_kustomization};
use watertight_model::EnvironmentReport;

/// The environment of an object, by its place in the question.
pub(crate) type EnvironmentIndex = usize;

/// Kinds that may come from the manifests of an application, by their API group. All others would be part of the wall, or
/// nobody knows what they make.
const OF_APPLICATIONS: [(&str, &[&str]); 8] = [
    ("", &["ServiceAccount", "Secret", "ConfigMap", "PersistentVolumeClaim", "Service", "Pod"]),
    ("apps", &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"]),
    ("batch", &["Job", "CronJob"]),
    ("autoscaling", &["HorizontalPodAutoscaler"]),
    ("policy", &["PodDisruptionBudget"]),
    ("networking.k8s.io", &["NetworkPolicy", "Ingress"]),
    ("gateway.networking.k8s.io", &["HTTPRoute", "GRPCRoute"]),
    ("monitoring.coreos.com", &["ServiceMonitor", "PodMonitor", "PrometheusRule"]),
];

/// An object, as it is written.
#[derive(Debug)]
pub(crate) struct Object<'t> {
    pub(crate) group: &'t str,
    pub(crate) kind: &'t str,
    pub(crate) namespace: Option<&'t str>,
    pub(crate) name: &'t str,
    pub(crate) tree: &'t Tree,
    /// Where its name stands.
    pub(crate) span: Span,
    /// The environment whose it is, by its namespace or as one of its namespaces: the first of them, if it is all environments'.
    pub(crate) environment: Option<EnvironmentIndex>,
}

impl<'t> Object<'t> {
    /// `Deployment `shop``.
    pub(crate) fn label(&self) -> String {
        format!("{} `{}`", self.kind, self.name)
    }

    /// Whether it is of this kind.
    pub(crate) fn is(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }

    /// Whether it may come from the manifests of an application.
    pub(crate) fn is_of_applications(&self) -> bool {
        OF_APPLICATIONS.iter().any(|(group, kinds)| *group == self.group && kinds.contains(&self.kind))
    }

    /// Whether it is of a kind whose objects are in namespaces, as far as such kinds are known here.
    fn is_of_namespace(&self) -> bool {
        let of_wall = self.group == "rbac.authorization.k8s.io" && !self.kind.starts_with("Cluster");
        self.is_of_applications() || of_wall || self.is("", "ResourceQuota") || self.is("", "LimitRange")
    }

    /// Whether it is a Namespace.
    pub(crate) fn is_namespace(&self) -> bool {
        self.is("", "Namespace")
    }

    /// What stands at a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&'t Tree> {
        at(self.tree, path)
    }
}

/// What stands at a path of keys.
pub(crate) fn at<'t>(tree: &'t Tree, path: &[&str]) -> Option<&'t Tree> {
    path.iter().try_fold(tree, |tree, key| tree.get(key))
}

/// What one file holds.
#[derive(Debug, Default)]
pub(crate) struct FileContent {
    /// Its objects, by their places in the inventory.
    pub(crate) objects: Vec<usize>,
    /// Whether it is a kustomization.
    pub(crate) is_kustomization: bool,
    /// Whether it holds something that is no object.
    pub(crate) holds_others: bool,
}

/// The environments of objects.
struct Owners<'o> {
    /// By their namespaces.
    by_namespace: BTreeMap<&'o str, EnvironmentIndex>,
    /// In the file that is looked at, of those that name none.
    without_namespace: Option<EnvironmentIndex>,
}

/// All objects, and what each file holds.
#[derive(Debug, Default)]
pub(crate) struct Inventory<'t> {
    pub(crate) objects: Vec<Object<'t>>,
    pub(crate) files: Vec<FileContent>,
    /// Whether each environment has all objects that one has.
    is_for_all: bool,
}

impl<'t> Inventory<'t> {
    /// What is in the documents of each source; with what kustomizations make, by its place among them.
    pub(crate) fn new(
        sources: &[Source],
        documents: &'t [Vec<Tree>],
        environments: &[EnvironmentReport],
        is_for_all: bool,
        rendered: &BTreeMap<usize, Overlay>,
    ) -> Self {
        let mut by_namespace: BTreeMap<&str, EnvironmentIndex> = BTreeMap::new();
        for (index, environment) in environments.iter().enumerate() {
            by_namespace.extend(environment.namespaces.iter().map(|it| (it.name.as_str(), index)));
        }
        let mut owners = Owners { by_namespace, without_namespace: None };
        let mut inventory = Self { is_for_all, ..Self::default() };
        for (index, documents) in documents.iter().enumerate() {
            let namespace = rendered.get(&index).and_then(|overlay| overlay.namespace.as_deref());
            owners.without_namespace = namespace.and_then(|name| owners.by_namespace.get(name).copied());
            // By its name it is one, whether it says so or not.
            let is_named = sources.get(index).is_some_and(|source| is_kustomization(&source.name));
            let mut content = FileContent { is_kustomization: is_named, ..FileContent::default() };
            for document in documents.iter().filter(|_| !is_named) {
                inventory.add(document, &owners, &mut content);
            }
            inventory.files.push(content);
        }
        inventory
    }

    fn add(&mut self, tree: &'t Tree, owners: &Owners<'_>, content: &mut FileContent) {
        let text = |key: &str| tree.get(key).and_then(Tree::text);
        let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) else {
            content.holds_others = true;
            return;
        };
        if kind.ends_with("List")
            && let Some(Content::List(items)) = tree.get("items").map(|items| &items.content)
        {
            for item in items {
                self.add(item, owners, content);
            }
            return;
        }
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        if group == "kustomize.config.k8s.io" {
            content.is_kustomization = true;
            return;
        }
        let name = at(tree, &["metadata", "name"]);
        let namespace = at(tree, &["metadata", "namespace"]).and_then(Tree::text);
        let mut object = Object {
            group,
            kind,
            namespace,
            name: name.and_then(Tree::text).unwrap_or_default(),
            tree,
            span: name.map_or(tree.span, |name| name.span),
            environment: None,
        };
        let owned = if object.is_namespace() { Some(object.name) } else { namespace };
        object.environment = if self.is_for_all {
            object.is_of_namespace().then_some(0)
        } else {
            match owned {
                Some(namespace) => owners.by_namespace.get(namespace).copied(),
                None => owners.without_namespace.filter(|_| object.is_of_namespace()),
            }
        };
        content.objects.push(self.objects.len());
        self.objects.push(object);
    }

    /// The objects of an environment.
    pub(crate) fn of(&self, environment: EnvironmentIndex) -> impl Iterator<Item = &Object<'t>> {
        self.objects.iter().filter(move |object| self.is_of(object, environment))
    }

    /// Whether an object is one of an environment.
    pub(crate) fn is_of(&self, object: &Object<'_>, environment: EnvironmentIndex) -> bool {
        object.environment.is_some_and(|own| self.is_for_all || own == environment)
    }

    /// A place that stands for an environment: its first Namespace, else its first object.
    pub(crate) fn place(&self, environment: EnvironmentIndex) -> Option<Span> {
        let namespace = self.of(environment).find(|object| object.is_namespace());
        namespace.or_else(|| self.of(environment).next()).map(|object| object.span)
    }
}

/// The name of a source as it is shown.
pub(crate) fn shown(sources: &[Source], source: SourceId) -> &str {
    sources.get(source.0 as usize).map_or("", |source| source.name.as_str())
}

/// `2 Roles and 1 RoleBinding`: kinds with how many there are of each.
pub(crate) fn counted<'o>(objects: impl IntoIterator<Item = &'o Object<'o>>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for object in objects {
        *counts.entry(object.kind).or_default() += 1;
    }
    let plural = |kind: &str, count: usize| match kind {
        _ if count == 1 => kind.to_owned(),
        kind if kind.ends_with('y') && !kind.ends_with("way") => format!("{}ies", &kind[..kind.len() - 1]),
        kind if kind.ends_with("ss") => format!("{kind}es"),
        kind if kind.ends_with('s') => kind.to_owned(),
        kind => format!("{kind}s"),
    };
    let parts: Vec<String> =
        counts.into_iter().map(|(kind, count)| format!("{count} {}", plural(kind, count))).collect();
    match parts.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        parts => parts.concat(),
    }
}
