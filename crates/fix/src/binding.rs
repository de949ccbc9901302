//! Bindings that grant the hostile side something outside of its own namespaces: it loses that, and keeps what they grant it
//! at home.

use crate::candidates::Ground;
use crate::change::{Changes, NewObject, SubjectChange};
use crate::fence::file_name;
use crate::input::Input;
use crate::state::State;
use std::collections::BTreeSet;
use watertight_api::{Resources, SUPPORTED};
use watertight_model::{EvidenceRole, ObjectRef, Report, RoleBinding, RoleRule, Subject, SubjectKind};
use watertight_yaml::{Value, mapping};

const GROUP: &str = "rbac.authorization.k8s.io";
const API_VERSION: &str = "rbac.authorization.k8s.io/v1";
/// The ServiceAccounts of a namespace: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects>.
const ACCOUNTS_OF: &str = "system:serviceaccounts:";

/// A binding without a subject that means somebody of the hostile side. First they keep at home what the role grants in a
/// namespace; then they lose all of it, for where that is what gets across.
pub(crate) fn without(ground: &Ground<'_>, object: &ObjectRef, index: usize) -> Vec<State> {
    let input = ground.input;
    let Some(binding) = find(input, object) else { return Vec::new() };
    let Some(subject) = binding.subjects.get(index).filter(|subject| is_hostile(ground, subject)) else {
        return Vec::new();
    };
    let others: Vec<String> = if means_everybody(subject) {
        let namespaces = input.snapshot.namespaces.iter().map(|namespace| &namespace.name);
        let others = namespaces.filter(|name| !input.from.contains(*name));
        others.map(|name| format!("{ACCOUNTS_OF}{name}")).collect()
    } else {
        Vec::new()
    };
    let state = |at_home| {
        let change = SubjectChange { others: others.clone(), at_home };
        State::of(object, Changes { subjects: [(index, change)].into(), ..Changes::default() })
    };
    let is_everywhere = binding.object.namespace.is_none() && grants_in_namespaces(input, binding);
    if is_everywhere { vec![state(true), state(false)] } else { vec![state(false)] }
}

fn find<'a>(input: &Input<'a>, object: &ObjectRef) -> Option<&'a RoleBinding> {
    input.snapshot.role_bindings.iter().find(|binding| is_same(&binding.object, object))
}

fn is_same(a: &ObjectRef, b: &ObjectRef) -> bool {
    (&a.kind, &a.namespace, &a.name) == (&b.kind, &b.namespace, &b.name)
}

/// Whether a subject means each ServiceAccount, whatever its namespace.
fn means_everybody(subject: &Subject) -> bool {
    subject.kind == SubjectKind::Group
        && ["system:serviceaccounts", "system:authenticated"].contains(&subject.name.as_str())
}

/// Whether a subject means somebody of the hostile side: by itself, or as one of everybody.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects>.
fn is_hostile(ground: &Ground<'_>, subject: &Subject) -> bool {
    let from = &ground.input.from;
    match &subject.kind {
        SubjectKind::ServiceAccount(namespace) if from.contains(namespace) => return true,
        SubjectKind::Group
            if means_everybody(subject)
                || subject.name == "system:unauthenticated"
                || subject.name.strip_prefix(ACCOUNTS_OF).is_some_and(|name| from.contains(name)) =>
        {
            return true;
        }
        SubjectKind::User if subject.name == "system:anonymous" => return true,
        _ => {}
    }
    ground.hostile.iter().any(|known| known.kind == subject.kind && known.name == subject.name)
}

/// Whether a role grants anything that a namespace can have. Of a role that the input does not hold, nobody knows. The object of
/// a namespace itself does not count: its labels are the fence.
fn grants_in_namespaces(input: &Input<'_>, binding: &RoleBinding) -> bool {
    let mut roles = input.snapshot.roles.iter();
    let role = roles.find(|role| role.object.namespace.is_none() && role.object.name == binding.role.name);
    let served = Resources::new(*SUPPORTED.end(), &input.snapshot.custom_resources);
    let of_the_cluster = |rule: &RoleRule| {
        rule.resources.iter().all(|resource| {
            let plural = resource.split('/').next().unwrap_or_default();
            served.find(plural).is_some_and(|known| !known.namespaced)
        })
    };
    role.is_none_or(|role| role.aggregates.is_some() || !role.rules.iter().all(of_the_cluster))
}

/// The RoleBindings that come with the edit of a ClusterRoleBinding: what it grants to subjects that it loses, they have in the
/// hostile side's namespaces.
pub(crate) fn at_home(input: &Input<'_>, object: &ObjectRef, changes: &Changes) -> Vec<NewObject> {
    let Some(binding) = find(input, object) else { return Vec::new() };
    let kept = changes.subjects.iter().filter(|(_, change)| change.at_home);
    let subjects: Vec<Value> =
        kept.filter_map(|(&index, _)| binding.subjects.get(index)).map(written).collect();
    if subjects.is_empty() {
        return Vec::new();
    }
    let name = name_at_home(input, object);
    let of = |namespace: &String| {
        let value = mapping([
            ("apiVersion", API_VERSION.into()),
            ("kind", "RoleBinding".into()),
            ("metadata", mapping([("name", name.as_str().into()), ("namespace", namespace.as_str().into())])),
            (
                "roleRef",
                mapping([
                    ("apiGroup", GROUP.into()),
                    ("kind", "ClusterRole".into()),
                    ("name", binding.role.name.as_str().into()),
                ]),
            ),
            ("subjects", Value::List(subjects.clone())),
        ]);
        let object = ObjectRef {
            api_version: API_VERSION.to_owned(),
            kind: "RoleBinding".to_owned(),
            namespace: Some(namespace.clone()),
            name: name.clone(),
            uid: None,
        };
        // Names of bindings may hold colons, and those of files need not.
        let file = file_name(input, namespace, &name.replace(':', "-"));
        NewObject { object, file, value }
    };
    input.from.iter().map(of).collect()
}

/// How many RoleBindings come with an edit.
pub(crate) fn count_at_home(input: &Input<'_>, changes: &Changes) -> usize {
    if changes.subjects.values().any(|change| change.at_home) { input.from.len() } else { 0 }
}

/// A name that no RoleBinding of the hostile side has.
fn name_at_home(input: &Input<'_>, object: &ObjectRef) -> String {
    let is_taken = |name: &str| {
        let mut bindings = input.snapshot.role_bindings.iter().map(|binding| &binding.object);
        bindings.any(|other| {
            other.name == name
                && other.namespace.as_ref().is_some_and(|namespace| input.from.contains(namespace))
        })
    };
    let name = format!("watertight-{}", object.name);
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}

fn written(subject: &Subject) -> Value {
    let name = ("name", Value::from(subject.name.as_str()));
    match &subject.kind {
        SubjectKind::ServiceAccount(namespace) => {
            mapping([("kind", "ServiceAccount".into()), name, ("namespace", namespace.as_str().into())])
        }
        SubjectKind::User => mapping([("apiGroup", GROUP.into()), ("kind", "User".into()), name]),
        SubjectKind::Group => group(&subject.name),
    }
}

/// A group, as a subject.
pub(crate) fn group(name: &str) -> Value {
    mapping([("apiGroup", GROUP.into()), ("kind", "Group".into()), ("name", name.into())])
}

/// Whether something gets across by what is kept at home: then it is not to be kept.
pub(crate) fn crosses_at_home(input: &Input<'_>, state: &State, report: &Report) -> bool {
    let kept: BTreeSet<(Option<String>, String)> = state
        .changes
        .iter()
        .flat_map(|(object, changes)| at_home(input, object, changes))
        .map(|new| (new.object.namespace, new.object.name))
        .collect();
    if kept.is_empty() {
        return false;
    }
    let steps = crate::judge::breaches(report).into_iter().flat_map(|breach| &breach.steps);
    let mut all = steps.flat_map(|step| &step.because);
    all.any(|because| {
        because.role == EvidenceRole::Allows
            && because.object.kind == "RoleBinding"
            && kept.contains(&(because.object.namespace.clone(), because.object.name.clone()))
    })
}
