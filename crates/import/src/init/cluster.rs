//! What is to be said about the cluster: its version, who serves routes, and where the manifests are of what else is in it.

use super::Found;
use super::applications::{STDIN, common, folder, is_apart};
use super::inventory::Inventory;
use crate::workload::owned;
use std::collections::{BTreeMap, BTreeSet};
use watertight_intent::Format;
use watertight_yaml::{Value, mapping};

/// Parts of images of ingress controllers.
const CONTROLLERS: [&str; 9] = [
    "ingress-nginx/controller",
    "nginx-ingress-controller",
    "nginx-ingress",
    "traefik",
    "haproxy-ingress",
    "kubernetes-ingress",
    "projectcontour/contour",
    "kong/kubernetes-ingress-controller",
    "aws-load-balancer-controller",
];

/// The one cluster, if anything of it is known. `others` is the path to the manifests of what else is in it.
pub(crate) fn clusters(found: &Found<'_>, inventory: &Inventory<'_>, others: Option<&str>) -> Vec<Value> {
    let mut fields: Vec<(&str, Value)> = vec![("name", "default".into())];
    fields.extend(others.map(|path| ("manifests", path.into())));
    let version = found.snapshot.kubernetes_version.as_deref();
    if let Some(version) = version.filter(|version| Format::KubernetesVersion.check(version).is_ok()) {
        fields.push(("kubernetesVersion", version.into()));
    }
    if let Some((namespace, class)) = ingress(found, inventory) {
        let ingress = mapping([("namespace", namespace.into()), ("className", class.into())]);
        fields.push(("ingress", ingress));
    }
    if fields.len() > 1 { vec![owned(fields)] } else { Vec::new() }
}

/// The path from the intent to what is of no environment, if one file or folder holds all of it and nothing else: the proof reads it
/// with what is compiled.
pub(crate) fn others(found: &Found<'_>, inventory: &Inventory<'_>) -> Option<String> {
    let of_nobody = |object: &usize| inventory.objects[*object].environment.is_none();
    let files = inventory.files.iter().enumerate();
    let holding: Vec<usize> =
        files.filter(|(_, file)| file.objects.iter().any(of_nobody)).map(|(index, _)| index).collect();
    let name = |file: usize| found.sources[file].name.as_str();
    let fits = |file: usize| {
        inventory.files[file].objects.iter().all(of_nobody)
            && !found.rendered.contains_key(&file)
            && name(file) != STDIN
    };
    if let [only] = holding.as_slice() {
        return fits(*only)
            .then(|| (found.path)(name(*only)))
            .filter(|path| Format::FilePath.check(path).is_ok());
    }
    let mut folders = holding.iter().map(|file| folder(name(*file)));
    let first = folders.next()?;
    let root = folders.fold(first.to_owned(), |root, next| common(&root, next));
    let path = (found.path)(root.trim_end_matches('/'));
    // The intent, which is the first source of the command line, has no place in it.
    let mut below = (0..inventory.files.len()).filter(|file| name(*file).starts_with(&root));
    let is_it = is_apart(&root, &path) && below.all(fits) && (found.is_whole)(&root);
    Some(format!("{path}/")).filter(|path| is_it && Format::FilePath.check(path).is_ok())
}

/// The namespace of the ingress controller, and the class that it serves, if there is one of each.
fn ingress(found: &Found<'_>, inventory: &Inventory<'_>) -> Option<(String, String)> {
    let snapshot = found.snapshot;
    let runs_one = |image: &str| CONTROLLERS.iter().any(|part| image.contains(part));
    let controllers =
        snapshot.pods.iter().filter(|pod| pod.containers.iter().any(|one| runs_one(&one.image)));
    let namespaces: BTreeSet<&str> =
        controllers.map(|pod| snapshot.namespace(pod.namespace).name.as_str()).collect();
    let outside = namespaces.into_iter().filter(|name| found.environment_of(name).is_none());
    let mut outside: Vec<&str> = outside.collect();
    let namespace = outside.pop().filter(|_| outside.is_empty())?;
    // Classes by how often they are asked for; without any Ingress, the only class that there is.
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for ingress in &snapshot.ingresses {
        let class = ingress.class.as_ref().or(ingress.class_annotation.as_ref());
        let is_own = found.environment_of(&snapshot.namespace(ingress.namespace).name).is_some();
        if let Some(class) = class.filter(|_| is_own) {
            *classes.entry(&class.text).or_default() += 1;
        }
    }
    if classes.is_empty() {
        let named = inventory.objects.iter().filter(|object| object.is("networking.k8s.io", "IngressClass"));
        classes.extend(named.map(|object| (object.name, 1)));
    }
    let mut most: Vec<&str> = classes.keys().copied().collect();
    let class = most.pop().filter(|_| most.is_empty())?;
    let fits = Format::Name.check(namespace).is_ok() && Format::Subdomain.check(class).is_ok();
    fits.then(|| (namespace.to_owned(), class.to_owned()))
}
