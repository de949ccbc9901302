//! Checks the steps of the API channel in a breach: does each hold, by RBAC read plainly and by what was before?

use super::world::{World, someone};
use crate::rbac::{is_principal, rule_allows};
use watertight_model::{
    Attributes, Because, Breach, Channel, Fact, Gain, Principal, ResourceAttributes, Role, RoleRule, Step,
    SubjectKind,
};

/// A right: verbs, API group, and resource with its subresource.
type Right = (&'static [&'static str], &'static str, &'static str);

/// What each rule says that its rights yield: a table of its own, from the public documentation.
const YIELDS: [(&str, Gain, &[Right]); 6] = [
    ("create-pods", Gain::RunsPods, &[(&["create"], "", "pods")]),
    ("exec-into-pods", Gain::EntersPods, &[(&["create"], "", "pods/exec")]),
    ("change-pods", Gain::EntersPods, &[(EDIT, "", "pods")]),
    (
        "create-workloads",
        Gain::RunsPods,
        &[
            (CHANGE, "apps", "deployments"),
            (CHANGE, "apps", "daemonsets"),
            (CHANGE, "apps", "statefulsets"),
            (CHANGE, "apps", "replicasets"),
            (CHANGE, "batch", "jobs"),
            (CHANGE, "batch", "cronjobs"),
            (CHANGE, "", "replicationcontrollers"),
        ],
    ),
    ("read-secrets", Gain::ReadsSecrets, &[(&["get", "list", "watch"], "", "secrets")]),
    ("request-tokens", Gain::MintsTokens, &[(&["create"], "", "serviceaccounts/token")]),
];

const EDIT: &[&str] = &["update", "patch"];
const CHANGE: &[&str] = &["create", "update", "patch"];

/// Checks every step of the API channel: who is held is held from the start or follows from a gain, what is granted is
/// granted by the binding that it names, and what is gained follows from what is granted.
///
/// # Errors
/// Says which step does not hold, and why.
pub fn replay(world: &World, breach: &Breach) -> Result<(), String> {
    let steps: Vec<&Step> = breach.steps.iter().filter(|step| step.channel == Channel::Api).collect();
    for step in &steps {
        let mut used = Vec::new();
        for &id in &step.uses {
            if id == 0 || id >= step.id {
                return Err(format!("step {} uses step {id}, which is not an earlier one", step.id));
            }
            used.extend(breach.steps.iter().filter(|earlier| earlier.id == id));
        }
        let checked = match &step.fact {
            Fact::ActsAs { principal } => acts_as(world, principal, &used),
            Fact::Granted { principal, rule, scope } => {
                granted(world, step, (principal, rule, scope.as_deref()), &used)
            }
            Fact::Answers { namespace, .. } => answers(world, namespace, &used),
            Fact::Gains { gain, scope, names } => gains(step.rule, (*gain, scope.as_deref(), names), &used),
            other => Err(format!("`{}` is no fact of the API channel", other.kind())),
        };
        checked.map_err(|why| format!("step {}, {}: {why}", step.id, step.fact.kind()))?;
    }
    match steps.last() {
        Some(Step { fact: Fact::Gains { .. }, .. }) => Ok(()),
        _ => Err("the last step is no gain".to_owned()),
    }
}

fn acts_as(world: &World, principal: &Principal, used: &[&Step]) -> Result<(), String> {
    let Some(step) = used.first() else {
        let starts = world.starts();
        let is_start = starts.iter().any(|who| is_principal(who, principal));
        return if is_start { Ok(()) } else { Err(format!("nobody is {principal} from the start")) };
    };
    let Fact::Gains { gain, scope, names } = &step.fact else {
        return Err("it follows from something that is no gain".to_owned());
    };
    // A namespace that only a subject names may be there too.
    let named = world.bound_accounts();
    let is_there = |namespace: &str| {
        (world.namespaces.iter().any(|known| known == namespace)
            || named.iter().any(|(known, _)| known == namespace))
            && scope.as_deref().is_none_or(|scope| scope == namespace)
    };
    let is_named = names.is_empty() || names.contains(&principal.name);
    let follows = match (gain, &principal.kind) {
        (Gain::RunsPods | Gain::EntersPods, SubjectKind::ServiceAccount(namespace)) => is_there(namespace),
        (Gain::MintsTokens, SubjectKind::ServiceAccount(namespace)) => is_there(namespace) && is_named,
        (Gain::RunsPods | Gain::EntersPods | Gain::MintsTokens, SubjectKind::Group) => {
            let namespace = principal.name.strip_prefix("system:serviceaccounts:");
            principal.name == "system:serviceaccounts" || namespace.is_some_and(is_there)
        }
        (Gain::ActsAsAnybody, _) => is_named,
        (Gain::ControlsCluster | Gain::GrantsRights, _) => true,
        _ => false,
    };
    if follows {
        Ok(())
    } else {
        Err(format!("{gain:?} in {scope:?} of {names:?} does not make one {principal}"))
    }
}

fn granted(
    world: &World,
    step: &Step,
    (principal, rule, scope): (&Principal, &RoleRule, Option<&str>),
    used: &[&Step],
) -> Result<(), String> {
    let gives_rights = |step: &&&Step| {
        matches!(&step.fact, Fact::Gains { gain: Gain::GrantsRights | Gain::ControlsCluster, .. })
    };
    if let Some(gain) = used.iter().find(gives_rights) {
        return bindable(world, step, (rule, scope), gain);
    }
    if !used.iter().any(|step| matches!(&step.fact, Fact::ActsAs { principal: held } if held == principal)) {
        return Err(format!("{principal} is not held"));
    }
    let named = step.because.first().ok_or("it names no binding")?;
    let binding = world.rbac.bindings.iter().find(|binding| {
        binding.object.namespace == named.object.namespace
            && binding.object.kind == named.object.kind
            && binding.object.name == named.object.name
    });
    let binding = binding.ok_or_else(|| format!("{} is not there", named.object))?;
    if binding.object.namespace.as_deref() != scope {
        return Err(format!("{} does not grant it in {scope:?}", named.object));
    }
    let who = someone(principal);
    let places = match scope {
        Some(scope) => vec![scope],
        None => world.namespaces.iter().map(String::as_str).chain([""]).collect(),
    };
    let mut is_something = false;
    for verb in &rule.verbs {
        for group in &rule.api_groups {
            for resource in &rule.resources {
                for place in &places {
                    for name in names_of(rule) {
                        let asked = asks(verb, group, resource, place, name);
                        is_something = true;
                        if !world.rbac.grants(binding, &who, &asked) {
                            return Err(format!("{} does not let {principal} {asked}", named.object));
                        }
                    }
                }
            }
        }
    }
    if is_something { Ok(()) } else { Err("it is nothing".to_owned()) }
}

/// The rights of a role that they can bind, or come to in another way, hold where that is.
fn bindable(
    world: &World,
    step: &Step,
    (rule, scope): (&RoleRule, Option<&str>),
    gain: &Step,
) -> Result<(), String> {
    let Fact::Gains { scope: gained, .. } = &gain.fact else {
        return Err("it follows from no gain".to_owned());
    };
    if gained.is_some() && gained.as_deref() != scope {
        return Err(format!("what is gained in {gained:?} does not hold in {scope:?}"));
    }
    let is_role = |role: &&Role| {
        let object = &role.object;
        let is_named = |named: &&Because| {
            let named = &named.object;
            (&named.kind, &named.namespace, &named.name) == (&object.kind, &object.namespace, &object.name)
        };
        step.because.iter().any(|named| is_named(&named))
    };
    let role = world.rbac.roles.iter().find(is_role).ok_or("it names no role that is there")?;
    for verb in &rule.verbs {
        for group in &rule.api_groups {
            for resource in &rule.resources {
                for name in names_of(rule) {
                    let asked = asks(verb, group, resource, scope.unwrap_or_default(), name);
                    if !role.rules.iter().any(|rule| rule_allows(rule, &asked)) {
                        return Err(format!("{} does not allow {asked}", role.object));
                    }
                }
            }
        }
    }
    Ok(())
}

/// A webhook is served there, and the player's code can be: it is its own namespace, or one that it has come to.
fn answers(world: &World, namespace: &str, used: &[&Step]) -> Result<(), String> {
    if !world.webhooks.iter().any(|(served, _)| served == namespace) {
        return Err(format!("no webhook is served from `{namespace}`"));
    }
    let comes_there = |step: &&Step| match &step.fact {
        Fact::Gains {
            gain: Gain::RunsPods | Gain::EntersPods | Gain::GrantsRights | Gain::ControlsCluster,
            scope,
            ..
        } => scope.as_deref().is_none_or(|scope| scope == namespace),
        _ => false,
    };
    // To lead calls elsewhere takes the key too.
    let gained = |wanted: Gain| {
        used.iter().any(|step| {
            matches!(&step.fact, Fact::Gains { gain, scope, .. }
            if *gain == wanted && scope.as_deref().is_none_or(|scope| scope == namespace))
        })
    };
    let leads_there = gained(Gain::TakesTraffic) && gained(Gain::ReadsSecrets);
    if used.is_empty() && world.from.contains(namespace) || used.iter().any(comes_there) || leads_there {
        Ok(())
    } else {
        Err(format!("nothing says that its code can answer in `{namespace}`"))
    }
}

/// What is gained must follow from a right that was granted, for every object that it is said to be about.
fn gains(
    rule: &str,
    (gain, scope, names): (Gain, Option<&str>, &[String]),
    used: &[&Step],
) -> Result<(), String> {
    // Of a rule that is not known here, only that it follows from something.
    let Some((_, yields, needs)) = YIELDS.iter().find(|(known, ..)| *known == rule) else {
        return if used.is_empty() { Err("it follows from nothing".to_owned()) } else { Ok(()) };
    };
    let mut rights = Vec::new();
    for step in used {
        match &step.fact {
            Fact::Granted { rule, scope: granted, .. }
                if granted.is_none() || granted.as_deref() == scope =>
            {
                rights.push(rule);
            }
            _ => return Err("it uses something that is not granted there".to_owned()),
        }
    }
    if *yields != gain {
        return Err(format!("{rule} does not yield {gain:?}"));
    }
    let any = String::new();
    let wanted: Vec<&String> = if names.is_empty() { vec![&any] } else { names.iter().collect() };
    for name in wanted {
        let is_allowed = needs.iter().any(|(verbs, group, resource)| {
            verbs.iter().any(|verb| {
                let asked = asks(verb, group, resource, scope.unwrap_or_default(), name);
                rights.iter().any(|right| rule_allows(right, &asked))
            })
        });
        if !is_allowed {
            return Err(format!("no right that it uses is one of {rule} for the name `{name}`"));
        }
    }
    Ok(())
}

/// The names to which a rule is bound; one that is bound to none is about every name, and about requests without one.
fn names_of(rule: &RoleRule) -> Vec<&str> {
    if rule.resource_names.is_empty() {
        return vec!["", "whatever"];
    }
    rule.resource_names.iter().map(String::as_str).collect()
}

fn asks(verb: &str, group: &str, resource: &str, namespace: &str, name: &str) -> Attributes {
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    Attributes::Resource(ResourceAttributes {
        verb: verb.to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    })
}
