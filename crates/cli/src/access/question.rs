//! What is asked for, as kubectl understands the words.

use super::{Where, did_you_mean, verbs};
use crate::failure::Failure;
use crate::rules::suggestions;
use watertight_api::{Resource, Resources, Scope};
use watertight_model::{Attributes, NonResourceAttributes, ResourceAttributes, Snapshot};
use watertight_render::AskedIn;

/// The group of what only `impersonate` is about.
const AUTHENTICATION: &str = "authentication.k8s.io";

/// Resources that only rules of roles know, with their groups; none of them lives in a namespace. kubectl knows the first
/// two of them.
///
/// Sources: `nonStandardResourceNames` of <https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/cmd/auth/cani.go>,
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation> and
/// <https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization>.
const OF_RULES_ALONE: [(&str, &str); 8] = [
    ("users", ""),
    ("groups", ""),
    ("users", AUTHENTICATION),
    ("groups", AUTHENTICATION),
    ("nodes", AUTHENTICATION),
    ("uids", AUTHENTICATION),
    (USER_EXTRAS, AUTHENTICATION),
    ("signers", "certificates.k8s.io"),
];

/// Further attributes of somebody. Which, is the subresource, and the value is the name.
const USER_EXTRAS: &str = "userextras";

/// Stands for all verbs, groups or resources.
const ALL: &str = "*";

/// What is asked for, and what is odd about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// What is asked for.
    pub(crate) asked: Attributes,
    /// Where.
    pub(crate) place: AskedIn,
    /// What is odd about it: one lower-case sentence each.
    pub(crate) warnings: Vec<String>,
}

/// A resource as it was named.
struct Named<'r> {
    /// What is known of it.
    known: Option<&'r Resource>,
    group: String,
    plural: String,
    /// Whether its objects live in namespaces. What is not known is taken to.
    namespaced: bool,
}

impl Question {
    /// What a verb, the word behind it and the options ask for. Without an option, it is asked for in `elsewhere`, a
    /// namespace; without that, anywhere.
    ///
    /// # Errors
    /// A subresource is asked for of a path.
    pub(crate) fn new(
        verb: &str,
        word: &str,
        options: &Where,
        elsewhere: Option<&str>,
        resources: &Resources,
        snapshot: &Snapshot,
    ) -> Result<Self, Failure> {
        if word.starts_with('/') {
            return Self::about_path(verb, word, options);
        }
        let mut warnings = Vec::new();
        let (kind, name) = word.split_once('/').unwrap_or((word, ""));
        let resource = named(kind, resources, &mut warnings);
        let mut asked = ResourceAttributes {
            verb: verb.to_owned(),
            group: resource.group.clone(),
            resource: resource.plural.clone(),
            subresource: options.subresource.clone().unwrap_or_default(),
            namespace: String::new(),
            name: name.to_owned(),
        };
        if asked.resource == USER_EXTRAS && asked.subresource.is_empty() {
            asked.subresource = std::mem::take(&mut asked.name);
        }
        warnings.extend(verbs::odd_for_resources(verb, resource.known));
        warnings.extend(resource.known.and_then(|known| odd_subresource(known, &asked)));
        let place = place(&resource, &mut asked, options, elsewhere, &mut warnings);
        warnings.extend(unknown_namespace(&asked.namespace, snapshot));
        Ok(Self { asked: Attributes::Resource(asked), place, warnings })
    }

    fn about_path(verb: &str, path: &str, options: &Where) -> Result<Self, Failure> {
        if options.subresource.is_some() {
            return Err(Failure::new(format!("`{path}` is a path, and has no subresource"))
                .help("leave out `--subresource`, or name a resource, which begins with no `/`"));
        }
        let mut warnings: Vec<String> = verbs::odd_for_paths(verb).into_iter().collect();
        if options.namespace.is_some() {
            warnings.push("paths are in no namespace, and `-n` means nothing".to_owned());
        }
        let asked = NonResourceAttributes { verb: verb.to_owned(), path: path.to_owned() };
        Ok(Self { asked: Attributes::NonResource(asked), place: AskedIn::Cluster, warnings })
    }

    /// Where somebody has to be able to do it.
    pub(crate) fn scope(&self) -> Scope<'_> {
        match (&self.asked, self.place) {
            (_, AskedIn::Anywhere) => Scope::Anywhere,
            (Attributes::Resource(asked), AskedIn::Namespace) => Scope::Namespace(&asked.namespace),
            _ => Scope::Cluster,
        }
    }
}

/// The resource of that name: one that is served, one that only rules know, or one that nobody knows.
fn named<'r>(kind: &str, resources: &'r Resources, warnings: &mut Vec<String>) -> Named<'r> {
    if let Some(known) = resources.find(kind) {
        return Named {
            known: Some(known),
            group: known.group.clone(),
            plural: known.plural.clone(),
            namespaced: known.namespaced,
        };
    }
    let (plural, group) = kind.split_once('.').unwrap_or((kind, ""));
    let of_rules = |&&(known, of): &&(&str, &str)| known == plural && (of == group || group.is_empty());
    if let Some((plural, group)) = OF_RULES_ALONE.iter().find(of_rules) {
        let (group, plural) = ((*group).to_owned(), (*plural).to_owned());
        return Named { known: None, group, plural, namespaced: false };
    }
    if plural != ALL {
        let of_group = if group.is_empty() { String::new() } else { format!(" in the group `{group}`") };
        let meant = did_you_mean(resources.nearest(kind).as_ref());
        warnings.push(format!("no resource `{plural}` is known{of_group}{meant}"));
    }
    Named { known: None, group: group.to_owned(), plural: plural.to_owned(), namespaced: true }
}

/// What is odd about the subresource, or about a name that looks like one.
fn odd_subresource(known: &Resource, asked: &ResourceAttributes) -> Option<String> {
    let ResourceAttributes { resource, subresource, name, .. } = asked;
    if subresource.is_empty() {
        return known.subresource(name).map(|_| {
            format!("`{name}` is taken for the name of an object; did you mean `--subresource {name}`?")
        });
    }
    if subresource == ALL || known.subresource(subresource).is_some() {
        return None;
    }
    let names = known.subresources.iter().map(|subresource| subresource.name.as_str());
    let meant = suggestions(subresource, names);
    Some(format!("no subresource `{subresource}` of `{resource}` is known{}", did_you_mean(meant.first())))
}

/// Where it is asked for, which `asked` gets to know.
///
/// A request for one Namespace by its name carries that namespace, so that a RoleBinding in it may grant it.
///
/// Source: `NewRequestInfo` of <https://github.com/kubernetes/apiserver/blob/v0.36.0/pkg/endpoints/request/requestinfo.go>.
fn place(
    resource: &Named<'_>,
    asked: &mut ResourceAttributes,
    options: &Where,
    elsewhere: Option<&str>,
    warnings: &mut Vec<String>,
) -> AskedIn {
    let Where { namespace, all_namespaces, .. } = options;
    if !resource.namespaced {
        let is_one_namespace =
            (asked.resource.as_str(), asked.group.as_str()) == ("namespaces", "") && !asked.name.is_empty();
        if is_one_namespace {
            asked.namespace = asked.name.clone();
        }
        if namespace.as_ref().is_some_and(|namespace| *namespace != asked.namespace) {
            warnings.push(format!("`{}` live in no namespace, and `-n` means nothing", asked.resource));
        }
        return if is_one_namespace { AskedIn::Namespace } else { AskedIn::Cluster };
    }
    match namespace.as_deref().or(elsewhere) {
        _ if *all_namespaces => AskedIn::AllNamespaces,
        None => AskedIn::Anywhere,
        Some(namespace) => {
            asked.namespace = namespace.to_owned();
            AskedIn::Namespace
        }
    }
}

/// Nothing in the input is in that namespace. Every cluster has `default`.
pub(crate) fn unknown_namespace(namespace: &str, snapshot: &Snapshot) -> Option<String> {
    let is_known =
        namespace.is_empty() || namespace == "default" || snapshot.namespace_named(namespace).is_some();
    if is_known {
        return None;
    }
    let names = snapshot.namespaces.iter().map(|namespace| namespace.name.as_str());
    let meant = suggestions(namespace, names);
    let meant = did_you_mean(meant.first());
    Some(format!("nothing in the input is in the namespace `{namespace}`{meant}"))
}
