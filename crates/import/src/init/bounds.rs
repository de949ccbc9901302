//! Quotas and limits of an environment: those that are there, and as much more as what runs there takes.

use super::amounts::{Sums, containers_without_limits, count, said};
use super::inventory::{EnvironmentIndex, Inventory, Object};
use super::pods::{Moment, Pods};
use crate::notes::Notes;
use crate::rules;
use crate::workload::owned;
use std::collections::BTreeMap;
use watertight_base::words::listed;
use watertight_base::{Diagnostic, Quantity, Span};
use watertight_ingest::{Content, Member, Tree};
use watertight_intent::{Environment, OBJECT_COUNTS, Spanned};
use watertight_yaml::Value;

/// The resources of which a container takes amounts.
pub(crate) const RESOURCES: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

/// The most objects that a quota of an intent counts.
const COUNT_MAX: i64 = 1_000_000;

/// Amounts by the name that they have in a ResourceList.
pub(crate) type Amounts = BTreeMap<&'static str, Quantity>;

/// A quota, as far as an intent has it.
#[derive(Debug, Default)]
pub(crate) struct Quota {
    requests: Amounts,
    limits: Amounts,
    storage: Option<Quantity>,
    objects: BTreeMap<&'static str, i64>,
}

/// The three parts of `limits`.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    default: Amounts,
    default_request: Amounts,
    max: Amounts,
}

fn told(span: Span, message: String, help: &str, notes: &mut Notes) {
    notes.push(Diagnostic::warning(rules::TAKEN_BY_WALL, message).at(span, "not kept").help(help));
}

/// `limits` of an environment, from its LimitRanges.
pub(crate) fn limits(inventory: &Inventory<'_>, environment: EnvironmentIndex, notes: &mut Notes) -> Limits {
    let mut limits = Limits::default();
    let ranges = inventory.of(environment).filter(|object| object.is("", "LimitRange"));
    for item in ranges.flat_map(|range| range.at(&["spec", "limits"]).map(Tree::elements).unwrap_or_default())
    {
        if item.get("type").and_then(Tree::text) != Some("Container") {
            told(
                item.span,
                "a LimitRange of another type than `Container` is not kept".to_owned(),
                "an intent bounds containers alone: apply it apart from what is compiled",
                notes,
            );
            continue;
        }
        for member in item.members() {
            let amounts = match member.key.as_str() {
                "type" => continue,
                "default" => &mut limits.default,
                "defaultRequest" => &mut limits.default_request,
                "max" => &mut limits.max,
                _ => {
                    told(
                        member.key_span,
                        format!("`{}` of a LimitRange is not kept", member.key),
                        "an intent has `default`, `defaultRequest` and `max`",
                        notes,
                    );
                    continue;
                }
            };
            for amount in member.value.members() {
                match (known(&amount.key), quantity(&amount.value)) {
                    (Some(name), Some(quantity)) => keep_least(amounts, name, quantity),
                    _ => told(
                        amount.key_span,
                        format!("the bound of `{}` is not kept", amount.key),
                        "an intent bounds `cpu`, `memory` and `ephemeral-storage`",
                        notes,
                    ),
                }
            }
        }
    }
    limits.complete();
    limits
}

impl Limits {
    /// What the API server fills in, and what makes the rest fit: a default is no more than the most, and a request no more
    /// than its limit.
    ///
    /// Source: `SetDefaults_LimitRangeItem` of Kubernetes.
    fn complete(&mut self) {
        for name in RESOURCES {
            if let Some(max) = self.max.get(name).copied() {
                let default = self.default.entry(name).or_insert(max);
                *default = (*default).min(max);
            }
            if let Some(default) = self.default.get(name).copied() {
                let request = self.default_request.entry(name).or_insert(default);
                *request = (*request).min(default);
            }
        }
    }

    /// Raises what containers that are there would not be let in by: a request over the limit that they get, and a limit over the most.
    ///
    /// Source: <https://kubernetes.io/docs/concepts/policy/limit-range/>.
    pub(crate) fn fit(
        &mut self,
        inventory: &Inventory<'_>,
        environment: EnvironmentIndex,
        defaults: &Environment,
        notes: &mut Notes,
    ) {
        let mut raised: BTreeMap<(&str, &str), &Object<'_>> = BTreeMap::new();
        for object in inventory.of(environment) {
            let Some(pods) = Pods::of(object, inventory) else { continue };
            for (container, name) in pods.containers().flat_map(|it| RESOURCES.map(|name| (it, name))) {
                let (request, limit) = (said(container, "requests", name), said(container, "limits", name));
                let default = self.default.get(name).copied().or(default_of(defaults.limits.default, name));
                if let (Some(request), None) = (request, limit)
                    && default.is_some_and(|default| request > default)
                {
                    self.default.insert(name, request);
                    raised.insert(("default", name), object);
                }
                if let (Some(own), Some(max)) = (request.max(limit), self.max.get_mut(name))
                    && own > *max
                {
                    *max = own;
                    raised.insert(("max", name), object);
                }
            }
        }
        for ((part, name), object) in raised {
            let of = &defaults.name.value;
            let message = match part {
                "max" => format!(
                    "`max` of `limits` of `{of}` is raised to what {} takes of {name}",
                    object.label()
                ),
                _ => format!(
                    "{} asks for more {name} than the limit that `{of}` gives to who has none: the default is raised to it",
                    object.label()
                ),
            };
            let warning =
                Diagnostic::warning(rules::REPLACED_BY_WALL, message).at(object.span, "has to be let in");
            notes.push(
                warning.help("write `resources` in the manifests, and lower `limits` of the environment"),
            );
        }
    }

    /// As it is written, beside the defaults of an intent.
    pub(crate) fn value(&mut self, defaults: &watertight_intent::Limits) -> Option<Value> {
        for (name, default) in defaults.default.named() {
            // A request over a limit that nobody wrote is the limit too.
            if let (Some(request), Some(default)) = (self.default_request.get(name).copied(), default)
                && !self.default.contains_key(name)
                && request > default.value
            {
                self.default.insert(name, request);
            }
        }
        let plain = |amounts: &Amounts, defaults: watertight_intent::Resources| {
            let mut amounts = amounts.clone();
            for (name, default) in defaults.named() {
                if default.is_some_and(|default| amounts.get(name) == Some(&default.value)) {
                    amounts.remove(name);
                }
            }
            written(&amounts)
        };
        let fields = [
            ("default", plain(&self.default, defaults.default)),
            ("defaultRequest", plain(&self.default_request, defaults.default_request)),
            ("max", written(&self.max)),
        ];
        let fields: Vec<(&str, Value)> =
            fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        (!fields.is_empty()).then(|| owned(fields))
    }
}

/// `quota` of an environment, from its ResourceQuotas: of several in a namespace the least counts, and of several namespaces
/// the greatest.
pub(crate) fn quota(inventory: &Inventory<'_>, environment: EnvironmentIndex, notes: &mut Notes) -> Quota {
    let mut by_namespace: BTreeMap<&str, Quota> = BTreeMap::new();
    let mut place = None;
    for object in inventory.of(environment).filter(|object| object.is("", "ResourceQuota")) {
        let spec = object.at(&["spec"]);
        if let Some(scoped) = spec.and_then(|spec| spec.get("scopes").or_else(|| spec.get("scopeSelector"))) {
            told(
                scoped.span,
                format!("{} is for some pods alone, and is not kept", object.label()),
                "the quota of an intent is for all pods of a namespace",
                notes,
            );
            continue;
        }
        place = Some(object.span);
        let quota = by_namespace.entry(object.namespace.unwrap_or_default()).or_default();
        for member in object.at(&["spec", "hard"]).map(Tree::members).unwrap_or_default() {
            if quota.add(member).is_none() {
                told(
                    member.key_span,
                    format!("the bound of `{}` is not kept", member.key),
                    "an intent bounds what `quota` lists",
                    notes,
                );
            }
        }
    }
    if let (Some(place), true) = (place, by_namespace.len() > 1) {
        let message =
            "the namespaces of an environment have one quota in an intent: the greatest bounds are taken"
                .to_owned();
        notes.push(
            Diagnostic::warning(rules::REPLACED_BY_WALL, message)
                .at(place, "one of several")
                .help("make environments of namespaces that need bounds of their own"),
        );
    }
    by_namespace.into_values().fold(Quota::default(), Quota::greatest)
}

/// What of a quota is raised.
#[derive(Default)]
struct Raised {
    /// What is bounded today, by less than what is there.
    known: Vec<&'static str>,
    /// What nobody bounds today.
    new: Vec<&'static str>,
}

impl Raised {
    /// To what a bound is raised, of today (`own`) or the default of an intent, if it is to be. What is there is what starts, what there
    /// may be at most, and what is bounded where the latter is over the default.
    fn to<T: Ord + Copy>(
        &mut self,
        name: &'static str,
        own: Option<T>,
        default: Option<T>,
        (start, most, bound): (T, T, T),
    ) -> Option<T> {
        match (own, default) {
            (Some(own), _) if start > own => {
                self.known.push(name);
                Some(start)
            }
            (None, Some(default)) if most > default => {
                self.new.push(name);
                Some(bound)
            }
            _ => None,
        }
    }

    fn tell(self, place: Option<Span>, of: &str, notes: &mut Notes) {
        let known =
            format!("the quota of `{of}` is raised to what is there, which is more than it lets in today");
        let new = format!(
            "the quota of `{of}` is made for what is there, over the default, where nothing bounds it today"
        );
        for (mut names, lead) in [(self.known, known), (self.new, new)] {
            names.sort_unstable();
            names.dedup();
            let Some(place) = place.filter(|_| !names.is_empty()) else { continue };
            let message = format!("{lead}: {}", listed(&names));
            notes.push(
                Diagnostic::warning(rules::REPLACED_BY_WALL, message)
                    .at(place, "gets a quota")
                    .help("lower `quota` to what the environment needs"),
            );
        }
    }
}

impl Quota {
    /// One bound; nothing if an intent does not have it.
    fn add(&mut self, member: &Member) -> Option<()> {
        let quantity = quantity(&member.value)?;
        let key = member.key.as_str();
        let side = key.strip_prefix("requests.").or(Some(key)).and_then(known);
        if let Some(name) = side {
            keep_least(&mut self.requests, name, quantity);
        } else if let Some(name) = key.strip_prefix("limits.").and_then(known) {
            keep_least(&mut self.limits, name, quantity);
        } else if key == "requests.storage" {
            self.storage = Some(self.storage.map_or(quantity, |storage| storage.min(quantity)));
        } else {
            let name = key.strip_prefix("count/").unwrap_or(key);
            let name = OBJECT_COUNTS.into_iter().find(|object| *object == name)?;
            let count = i64::try_from(quantity.as_units()).ok().filter(|count| *count <= COUNT_MAX)?;
            let known = self.objects.entry(name).or_insert(count);
            *known = (*known).min(count);
        }
        Some(())
    }

    /// The greater of each bound.
    fn greatest(mut self, other: Self) -> Self {
        for (own, other) in [(&mut self.requests, other.requests), (&mut self.limits, other.limits)] {
            for (name, quantity) in other {
                let known = own.entry(name).or_insert(quantity);
                *known = (*known).max(quantity);
            }
        }
        self.storage = self.storage.max(other.storage);
        for (name, count) in other.objects {
            let known = self.objects.entry(name).or_insert(count);
            *known = (*known).max(count);
        }
        self
    }

    /// Raises bounds that are less than what is there: those that are there to what starts, and the defaults of an intent, where nobody
    /// bounds anything today, to what there may be at most; and makes both sides fit.
    pub(crate) fn fit(
        &mut self,
        inventory: &Inventory<'_>,
        environment: EnvironmentIndex,
        defaults: &Environment,
        notes: &mut Notes,
    ) {
        let bounds = &defaults.quota;
        let [start, most] = [Moment::Start, Moment::Most]
            .map(|moment| Sums::greatest(inventory, environment, moment, defaults));
        let mut raised = Raised::default();
        let sides = [
            (&mut self.requests, bounds.requests, &start.requests, &most.requests),
            (&mut self.limits, bounds.limits, &start.limits, &most.limits),
        ];
        for (own, defaults, start, most) in sides {
            for name in RESOURCES {
                let (Some(start), Some(most)) = (start.get(name), most.get(name)) else { continue };
                // Twice, so that a rollout has room.
                let wanted = (*start, *most, (*most).max(start.times(2)));
                if let Some(wanted) =
                    raised.to(name, own.get(name).copied(), default_of(defaults, name), wanted)
                {
                    own.insert(name, wanted);
                }
            }
        }
        let storage = bounds.storage.map(|bound| bound.value);
        if let (Some(start), Some(most)) = (start.storage, most.storage) {
            self.storage = raised.to("storage", self.storage, storage, (start, most, most)).or(self.storage);
        }
        for name in OBJECT_COUNTS {
            let bound = bounds.objects.iter().find(|(known, _)| *known == name).map(|(_, bound)| bound.value);
            let there = |moment| count(inventory, environment, name, moment);
            let (start, most) = (there(Moment::Start), there(Moment::Most));
            let own = self.objects.get(name).and_then(|own| u64::try_from(*own).ok());
            // What is made anew for a rollout stands beside what it replaces.
            let wanted = (start, most, most.max(start.saturating_mul(2)));
            if let Some(wanted) = raised.to(name, own, bound, wanted) {
                self.objects.insert(name, i64::try_from(wanted).unwrap_or(i64::MAX).min(COUNT_MAX));
            }
        }
        for name in RESOURCES {
            self.both_sides_fit(name, default_of(bounds.requests, name), default_of(bounds.limits, name));
        }
        raised.tell(inventory.place(environment), &defaults.name.value, notes);
    }

    /// What is asked for is at most what may be taken, also where one of the two is a default.
    fn both_sides_fit(&mut self, name: &'static str, request: Option<Quantity>, limit: Option<Quantity>) {
        let own = (self.requests.get(name).copied(), self.limits.get(name).copied());
        match own {
            (Some(own), None) if limit.is_some_and(|limit| own > limit) => {
                self.limits.insert(name, own.times(2));
            }
            (None, Some(own)) if request.is_some_and(|request| request > own) => {
                self.requests.insert(name, own);
            }
            (Some(request), Some(limit)) if request > limit => {
                self.requests.insert(name, limit);
            }
            _ => {}
        }
    }

    /// As it is written, beside the defaults of an intent.
    pub(crate) fn value(&self, defaults: &watertight_intent::Quota) -> Option<Value> {
        let mut fields: Vec<(&str, Value)> = Vec::new();
        let sides =
            [("requests", &self.requests, defaults.requests), ("limits", &self.limits, defaults.limits)];
        for (side, own, defaults) in sides {
            let differs = |(name, quantity): &(&&'static str, &Quantity)| {
                default_of(defaults, name) != Some(**quantity)
            };
            let differ: Amounts =
                own.iter().filter(differs).map(|(name, quantity)| (*name, *quantity)).collect();
            fields.extend(written(&differ).map(|value| (side, value)));
        }
        if let Some(storage) =
            self.storage.filter(|own| defaults.storage.map(|default| default.value) != Some(*own))
        {
            fields.push(("storage", storage.to_string().into()));
        }
        let is_default = |name: &str, count: i64| {
            let is_it = |(known, bound): &(&'static str, Spanned<u64>)| {
                *known == name && i64::try_from(bound.value) == Ok(count)
            };
            defaults.objects.iter().any(is_it)
        };
        let objects = self.objects.iter().filter(|(name, count)| !is_default(name, **count));
        let objects: Vec<(&str, Value)> =
            objects.map(|(name, count)| (*name, Value::Integer(*count))).collect();
        if !objects.is_empty() {
            fields.push(("objects", owned(objects)));
        }
        (!fields.is_empty()).then(|| owned(fields))
    }
}

/// Says which containers get limits that they do not have today.
pub(crate) fn unlimited(
    inventory: &Inventory<'_>,
    environment: EnvironmentIndex,
    limits: &Limits,
    name: &str,
    notes: &mut Notes,
) {
    if !limits.default.is_empty() {
        return;
    }
    let without: Vec<&Object<'_>> =
        inventory.of(environment).filter(|object| containers_without_limits(object, inventory)).collect();
    let Some(first) = without.first() else { return };
    let more = match without.len() {
        1 => String::new(),
        number => format!(" and {} more", number - 1),
    };
    let message = format!(
        "containers of {}{more} have no limits: in `{name}` they get those that `limits` says",
        first.label()
    );
    notes.push(
        Diagnostic::warning(rules::REPLACED_BY_WALL, message)
            .at(first.span, "gets limits")
            .help("write `resources` in the manifests, or `limits` of the environment"),
    );
}

fn default_of(resources: watertight_intent::Resources, name: &str) -> Option<Quantity> {
    let mut named = resources.named().into_iter();
    named.find(|(known, _)| *known == name).and_then(|(_, amount)| amount).map(|amount| amount.value)
}

fn known(name: &str) -> Option<&'static str> {
    RESOURCES.into_iter().find(|known| *known == name)
}

fn keep_least(amounts: &mut Amounts, name: &'static str, quantity: Quantity) {
    let known = amounts.entry(name).or_insert(quantity);
    *known = (*known).min(quantity);
}

/// An amount that is not negative.
pub(crate) fn quantity(tree: &Tree) -> Option<Quantity> {
    match &tree.content {
        Content::Text(written) | Content::Number { written, .. } => {
            Quantity::parse(written).ok().filter(|quantity| !quantity.is_negative())
        }
        _ => None,
    }
}

fn written(amounts: &Amounts) -> Option<Value> {
    let written =
        RESOURCES.into_iter().filter_map(|name| Some((name, amounts.get(name)?.to_string().into())));
    let written: Vec<(&str, Value)> = written.collect();
    (!written.is_empty()).then(|| owned(written))
}
