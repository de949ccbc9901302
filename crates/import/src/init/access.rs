//! Who may do something in an environment, from its RoleBindings, as far as the two roles of an intent say the same.

use super::Found;
use super::inventory::{EnvironmentIndex, Inventory};
use crate::notes::Notes;
use crate::workload::owned;
use crate::{names, rules};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::words::listed;
use watertight_base::{Diagnostic, Span};
use watertight_intent::Format;
use watertight_model::{Principal, RoleBinding, RoleRule, SubjectKind};
use watertight_yaml::{Value, mapping};

/// Verbs that change nothing.
const READING: [&str; 3] = ["get", "list", "watch"];

/// Resources whose change is a deployment.
const DEPLOYED: [&str; 7] =
    ["pods", "deployments", "statefulsets", "daemonsets", "replicasets", "jobs", "cronjobs"];

/// Parts of names of pipelines.
const PIPELINES: [&str; 12] = [
    "argocd", "cd", "ci", "deploy", "deployer", "flux", "github", "gitlab", "jenkins", "pipeline", "release",
    "runner",
];

/// What a role comes to in an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    View,
    Edit,
}

/// In which list of `access` somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    Teams,
    Ci,
    Operators,
    OnCall,
}

impl List {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Teams, "teams"), (Self::Ci, "ci"), (Self::Operators, "operators"), (Self::OnCall, "onCall")];
}

/// Somebody with the role that they come to, and where that is said.
struct Grant {
    environment: EnvironmentIndex,
    principal: Principal,
    role: Role,
    span: Span,
    /// What is to be said if anything of the binding stays: its place and name, and what it binds.
    said: Option<(Span, String, String)>,
}

/// `access` of each environment; nothing where nobody is in it.
pub(crate) fn access(found: &Found<'_>, inventory: &Inventory<'_>, notes: &mut Notes) -> Vec<Option<Value>> {
    let mut grants: Vec<Grant> = Vec::new();
    for (environment, report) in found.environments.iter().enumerate() {
        let own = |binding: &&RoleBinding| {
            let namespace = binding.object.namespace.as_deref();
            namespace.is_some_and(|name| report.namespaces.iter().any(|own| own.name == name))
        };
        for binding in found.snapshot.role_bindings.iter().filter(own) {
            let Some(whole) = binding.span else { continue };
            let is_it =
                |span: &Span| span.source == whole.source && (whole.start..whole.end).contains(&span.start);
            // The line with its name tells more than its first one.
            let span = inventory.of(environment).map(|object| object.span).find(is_it).unwrap_or(whole);
            let Some((role, said)) = role(found, binding, span, notes) else { continue };
            let named = span;
            for subject in &binding.subjects {
                let principal = Principal { kind: subject.kind.clone(), name: subject.name.clone() };
                let span = subject.span.unwrap_or(span);
                if is_everybody(&principal) {
                    let message = format!("{principal} is everybody, and nobody's of an environment");
                    lost(span, message, "name the groups of those who work in it", notes);
                } else if !can_be_written(&principal) {
                    lost(
                        span,
                        format!("the name of {principal} is none that an intent takes"),
                        "correct the name",
                        notes,
                    );
                } else {
                    let said = said.clone().map(|said| (named, binding.object.name.clone(), said));
                    grants.push(Grant { environment, principal, role, span, said });
                }
            }
        }
    }
    alone(found, &mut grants, notes);
    replaced(&grants, notes);
    (0..found.environments.len()).map(|environment| written(found, environment, &grants)).collect()
}

/// Says once for each role of an environment what becomes of it, with all the bindings that bind it.
fn replaced(grants: &[Grant], notes: &mut Notes) {
    let mut said: BTreeMap<(EnvironmentIndex, &str), Vec<(Span, &str)>> = BTreeMap::new();
    for grant in grants {
        let Some((span, binding, what)) = &grant.said else { continue };
        let bindings = said.entry((grant.environment, what)).or_default();
        if !bindings.contains(&(*span, binding)) {
            bindings.push((*span, binding));
        }
    }
    for ((_, what), bindings) in said {
        let Some(&(span, _)) = bindings.first() else { continue };
        let names: Vec<&str> = bindings.iter().map(|(_, binding)| *binding).collect();
        let message = match names.as_slice() {
            [name] => format!("RoleBinding `{name}` binds {what}"),
            _ => format!("the RoleBindings {} bind {what}", listed(&names)),
        };
        let diagnostic = Diagnostic::warning(rules::REPLACED_BY_WALL, message);
        notes.push(diagnostic.at(span, "replaced by `access`").help("look whether that is what they need"));
    }
}

fn lost(span: Span, message: String, help: &str, notes: &mut Notes) {
    notes.push(Diagnostic::warning(rules::TAKEN_BY_WALL, message).at(span, "is not in `access`").help(help));
}

/// Groups that everybody is in.
fn is_everybody(principal: &Principal) -> bool {
    let is_builtin = ["system:authenticated", "system:unauthenticated", "system:serviceaccounts"]
        .iter()
        .any(|group| principal.name.starts_with(group));
    principal.kind == SubjectKind::Group && is_builtin
        || principal.kind == SubjectKind::User && principal.name == "system:anonymous"
}

fn can_be_written(principal: &Principal) -> bool {
    match &principal.kind {
        SubjectKind::ServiceAccount(namespace) => {
            Format::Name.check(namespace).is_ok() && Format::Subdomain.check(&principal.name).is_ok()
        }
        SubjectKind::User | SubjectKind::Group => Format::Text.check(&principal.name).is_ok(),
    }
}

/// The role of an intent that a binding comes to, with what is to be said about that; `None` where neither is like it, which is
/// told at once.
fn role(
    found: &Found<'_>,
    binding: &RoleBinding,
    span: Span,
    notes: &mut Notes,
) -> Option<(Role, Option<String>)> {
    let name = binding.role.name.as_str();
    let which = format!("RoleBinding `{}`", binding.object.name);
    let help = "give them `view` or `edit` in `access`, or bind what they need apart from what is compiled";
    if binding.role.cluster {
        match name {
            "view" => return Some((Role::View, None)),
            "edit" => return Some((Role::Edit, None)),
            "admin" | "cluster-admin" => {
                let message = format!("`{name}`, which may change the wall itself: it becomes `edit`");
                return Some((Role::Edit, Some(message)));
            }
            _ => {}
        }
    }
    let namespace = if binding.role.cluster { None } else { binding.object.namespace.as_deref() };
    let mut roles = found.snapshot.roles.iter();
    let role = roles.find(|role| role.object.name == name && role.object.namespace.as_deref() == namespace);
    let Some(role) = role else {
        lost(span, format!("{which} binds `{name}`, which the input does not hold"), help, notes);
        return None;
    };
    let rules = &role.rules;
    let all = |holds: &dyn Fn(&RoleRule) -> bool| rules.iter().all(holds);
    let reads = |rule: &RoleRule| rule.verbs.iter().all(|verb| READING.contains(&verb.as_str()));
    let no_secret = |rule: &RoleRule| {
        rule.resources.iter().all(|resource| {
            resource != "secrets" && resource != "*" && !resource.contains('/') || resource == "pods/log"
        })
    };
    if !rules.is_empty() && all(&|rule| reads(rule) && no_secret(rule)) {
        let message = format!("`{name}`: it becomes `view`, which reads all but Secrets");
        return Some((Role::View, Some(message)));
    }
    let deploys = |rule: &RoleRule| {
        !reads(rule)
            && rule.resources.iter().any(|resource| resource == "*" || DEPLOYED.contains(&resource.as_str()))
            && rule.verbs.iter().any(|verb| ["*", "create", "update", "patch"].contains(&verb.as_str()))
    };
    if rules.iter().any(deploys) {
        let message = format!("`{name}`: it becomes `edit`, which changes all but the wall, and enters pods");
        return Some((Role::Edit, Some(message)));
    }
    lost(span, format!("{which} binds `{name}`, which is neither like `view` nor like `edit`"), help, notes);
    None
}

/// Takes those out who act in another environment too, or live there: nobody stands on both sides of a wall. They stay in the
/// first environment; production is the last.
fn alone(found: &Found<'_>, grants: &mut Vec<Grant>, notes: &mut Notes) {
    let mut owners: BTreeMap<Principal, EnvironmentIndex> = BTreeMap::new();
    for grant in grants.iter() {
        let home = match &grant.principal.kind {
            SubjectKind::ServiceAccount(namespace) => found.environment_of(namespace),
            _ => None,
        };
        owners.entry(grant.principal.clone()).or_insert(home.unwrap_or(grant.environment));
    }
    grants.retain(|grant| {
        let Some(owner) = owners.get(&grant.principal).filter(|owner| **owner != grant.environment) else { return true };
        let (own, other) = (&found.environments[grant.environment].name, &found.environments[*owner].name);
        lost(
            grant.span,
            format!("{} is of `{other}`, so that the wall takes its rights in `{own}` away", grant.principal),
            &format!("give `{own}` somebody of its own, or list an exception of the boundary from `{other}` to `{own}`, with `access`"),
            notes,
        );
        false
    });
}

/// `access` of an environment.
fn written(found: &Found<'_>, environment: EnvironmentIndex, grants: &[Grant]) -> Option<Value> {
    // Of several roles, the greatest counts.
    let mut roles: BTreeMap<&Principal, Role> = BTreeMap::new();
    for grant in grants.iter().filter(|grant| grant.environment == environment) {
        let role = roles.entry(&grant.principal).or_insert(grant.role);
        *role = grant.role.max(*role);
    }
    let is_production = ["production", "prod"].contains(&found.environments[environment].name.as_str());
    let mut fields: Vec<(&str, Value)> = Vec::new();
    for (list, key) in List::ALL {
        let mut taken: Vec<String> = Vec::new();
        let members = roles.iter().filter(|(principal, _)| list_of(principal) == list);
        let parties: Vec<Value> = members
            .map(|(principal, role)| {
                let name = names::label(&principal.name).unwrap_or_else(|| "party".to_owned());
                let name = names::unlike(name, &taken);
                taken.push(name.clone());
                let default = if list == List::Teams && is_production { Role::View } else { Role::Edit };
                party(name, principal, *role, default)
            })
            .collect();
        if !parties.is_empty() {
            fields.push((key, Value::List(parties)));
        }
    }
    (!fields.is_empty()).then(|| owned(fields))
}

fn list_of(principal: &Principal) -> List {
    let words: BTreeSet<String> =
        principal.name.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase).collect();
    let is_pipeline = |word: &str| PIPELINES.contains(&word);
    match &principal.kind {
        SubjectKind::ServiceAccount(namespace) => {
            let of_namespace = namespace.split('-').any(is_pipeline);
            if of_namespace || words.iter().any(|word| is_pipeline(word)) {
                List::Ci
            } else {
                List::Operators
            }
        }
        _ if words.contains("oncall") || words.contains("on") && words.contains("call") => List::OnCall,
        SubjectKind::User if words.iter().any(|word| is_pipeline(word)) => List::Ci,
        _ => List::Teams,
    }
}

fn party(name: String, principal: &Principal, role: Role, default: Role) -> Value {
    let mut fields: Vec<(&str, Value)> = vec![("name", name.into())];
    let own = Value::from(principal.name.as_str());
    fields.push(match &principal.kind {
        SubjectKind::User => ("users", Value::List(vec![own])),
        SubjectKind::Group => ("groups", Value::List(vec![own])),
        SubjectKind::ServiceAccount(namespace) => {
            let account = mapping([("namespace", namespace.as_str().into()), ("name", own)]);
            ("serviceAccounts", Value::List(vec![account]))
        }
    });
    if role != default {
        fields.push(("role", if role == Role::View { "view" } else { "edit" }.into()));
    }
    owned(fields)
}
