//! What is changed of one object, and its text with all such changes in it.

use crate::binding::group;
use crate::input::{Input, Place};
use crate::text::{Edit, Page, at, member};
use crate::workload;
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use watertight_ingest::Tree;
use watertight_model::{Namespace, ObjectRef};
use watertight_yaml::{Value, mapping, texts};

/// The changes of one object. Indices are those of the object as the user wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Changes {
    /// Of a policy: what becomes of the peers of its ingress, by rule and peer.
    pub(crate) peers: BTreeMap<(usize, usize), PeerChange>,
    /// Of a policy: the peers of ingress rules that name nobody.
    pub(crate) open_rules: BTreeMap<usize, Value>,
    /// Of a binding: the subjects that go, and what becomes of them.
    pub(crate) subjects: BTreeMap<usize, SubjectChange>,
    /// Of a namespace: the labels that it gets.
    pub(crate) labels: BTreeMap<String, String>,
    /// Of a Service: whether it is to bring clients in under their own addresses.
    pub(crate) keeps_clients: bool,
    /// Of a Service or a Gateway: whether it claims no addresses any more.
    pub(crate) claims_nothing: bool,
    /// Of a workload: whether its pods do without what they have of the host.
    pub(crate) leaves_host: bool,
    /// Of a workload: whether its probes and hooks ask its own pods alone.
    pub(crate) asks_itself: bool,
    /// Of a ReferenceGrant: the elements of `from` that go.
    pub(crate) grantees: BTreeSet<usize>,
    /// Of a role: the resources that go, by rule and place.
    pub(crate) rights: BTreeSet<(usize, usize)>,
    /// Whether the object goes altogether.
    pub(crate) removed: bool,
}

/// What becomes of a subject that a binding loses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubjectChange {
    /// The groups that stand in its place: it meant others too.
    pub(crate) others: Vec<String>,
    /// Whether RoleBindings in the hostile side's namespaces grant it the same there.
    pub(crate) at_home: bool,
}

/// What becomes of a peer of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PeerChange {
    /// It goes.
    Remove,
    /// Its namespaces are these, by their names.
    Names(Vec<String>),
    /// These addresses are left out of its block too.
    Except(Vec<IpNet>),
}

/// The field in which a Service or a Gateway claims addresses.
pub(crate) fn claims_by(object: &ObjectRef) -> &'static str {
    if object.kind == "Gateway" { "addresses" } else { "externalIPs" }
}

impl Changes {
    /// These and others. Where both change one peer, the other one wins.
    pub(crate) fn with(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.peers.extend(other.peers.clone());
        all.open_rules.extend(other.open_rules.clone());
        all.labels.extend(other.labels.clone());
        all.subjects.extend(other.subjects.clone());
        all.keeps_clients |= other.keeps_clients;
        all.claims_nothing |= other.claims_nothing;
        all.leaves_host |= other.leaves_host;
        all.asks_itself |= other.asks_itself;
        all.grantees.extend(&other.grantees);
        all.rights.extend(&other.rights);
        all.removed |= other.removed;
        all
    }

    /// Each of them by itself.
    pub(crate) fn single(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let one = |change: &dyn Fn(&mut Self)| {
            let mut changes = Self::default();
            change(&mut changes);
            changes
        };
        for (at, change) in &self.peers {
            all.push(one(&|changes| drop(changes.peers.insert(*at, change.clone()))));
        }
        for (at, peers) in &self.open_rules {
            all.push(one(&|changes| drop(changes.open_rules.insert(*at, peers.clone()))));
        }
        for (index, change) in &self.subjects {
            all.push(one(&|changes| drop(changes.subjects.insert(*index, change.clone()))));
        }
        for (key, value) in &self.labels {
            all.push(one(&|changes| drop(changes.labels.insert(key.clone(), value.clone()))));
        }
        if self.keeps_clients {
            all.push(one(&|changes| changes.keeps_clients = true));
        }
        if self.claims_nothing {
            all.push(one(&|changes| changes.claims_nothing = true));
        }
        if self.leaves_host {
            all.push(one(&|changes| changes.leaves_host = true));
        }
        if self.asks_itself {
            all.push(one(&|changes| changes.asks_itself = true));
        }
        for &index in &self.grantees {
            all.push(one(&|changes| changes.grantees.extend([index])));
        }
        for &right in &self.rights {
            all.push(one(&|changes| changes.rights.extend([right])));
        }
        if self.removed {
            all.push(one(&|changes| changes.removed = true));
        }
        all
    }

    /// Whether the object is gone with them: it is taken away, or binds or lets in nobody any more.
    pub(crate) fn removes(&self, tree: &Tree) -> bool {
        let subjects = tree.get("subjects").map_or(&[][..], Tree::elements);
        let goes = |index| self.subjects.get(&index).is_some_and(|change| change.others.is_empty());
        let unbound = !self.subjects.is_empty() && (0..subjects.len()).all(goes);
        let grantees = at(tree, "/spec/from").map_or(0, |from| from.elements().len());
        self.removed || unbound || (!self.grantees.is_empty() && self.grantees.len() == grantees)
    }

    /// The edits of the object's text.
    pub(crate) fn edits(
        &self,
        input: &Input<'_>,
        object: &ObjectRef,
        place: &Place<'_>,
    ) -> Option<Vec<Edit>> {
        let page = input.page(place);
        if self.removes(place.tree) {
            return input.remove(place);
        }
        let mut edits = Vec::new();
        if !self.subjects.is_empty() {
            edits.extend(self.binding(page, place.tree.get("subjects")?)?);
        }
        if !self.peers.is_empty() || !self.open_rules.is_empty() {
            edits.extend(self.policy(input, place)?);
        }
        if !self.labels.is_empty() {
            edits.extend(self.namespace(input, place)?);
        }
        if self.claims_nothing {
            edits.push(page.empty_list(member(place.tree.get("spec")?, claims_by(object))?));
        }
        if self.leaves_host {
            edits.extend(workload::off_the_host(input, page, object, place.tree)?);
        }
        if self.asks_itself {
            edits.extend(workload::asking_itself(input, page, object, place.tree)?);
        }
        if !self.grantees.is_empty() {
            let grantees: Vec<usize> = self.grantees.iter().copied().collect();
            edits.extend(page.remove_elements(at(place.tree, "/spec/from")?, &grantees)?);
        }
        if !self.rights.is_empty() {
            edits.extend(self.role(page, place.tree)?);
        }
        if self.keeps_clients {
            let spec = place.tree.get("spec")?;
            edits.push(match member(spec, "externalTrafficPolicy") {
                Some(old) => page.replace_member(old, page.is_flow(spec), &"Local".into()),
                None => page.add_member(spec, "externalTrafficPolicy", &"Local".into())?,
            });
        }
        Some(edits)
    }

    fn binding(&self, page: Page<'_>, subjects: &Tree) -> Option<Vec<Edit>> {
        let gone = self.subjects.iter().filter(|(_, change)| change.others.is_empty());
        let gone: Vec<usize> = gone.map(|(index, _)| *index).collect();
        let mut edits = page.remove_elements(subjects, &gone)?;
        for (index, change) in self.subjects.iter().filter(|(_, change)| !change.others.is_empty()) {
            let groups: Vec<Value> = change.others.iter().map(|name| group(name)).collect();
            edits.push(page.replace_element(subjects, *index, &groups)?);
        }
        Some(edits)
    }

    /// Rules of a role of which no resource stays go as well: the server takes none without.
    fn role(&self, page: Page<'_>, tree: &Tree) -> Option<Vec<Edit>> {
        let rules = member(tree, "rules")?;
        let gone = self.gone_rules(tree);
        if gone.len() == rules.value.elements().len() {
            return Some(vec![page.empty_list(rules)]);
        }
        let mut edits = page.remove_elements(&rules.value, &gone)?;
        for (index, rule) in rules.value.elements().iter().enumerate() {
            let resources = self.gone_resources(index);
            if !resources.is_empty() && !gone.contains(&index) {
                edits.extend(page.remove_elements(rule.get("resources")?, &resources)?);
            }
        }
        Some(edits)
    }

    fn gone_resources(&self, rule: usize) -> Vec<usize> {
        self.rights.range((rule, 0)..(rule + 1, 0)).map(|(_, resource)| *resource).collect()
    }

    /// The rules of a role that lose all their resources.
    fn gone_rules(&self, tree: &Tree) -> Vec<usize> {
        let rules = tree.get("rules").map_or(&[][..], Tree::elements).iter().enumerate();
        let count = |rule: &Tree| rule.get("resources").map_or(0, |all| all.elements().len());
        let goes =
            |index: usize, rule: &Tree| count(rule) > 0 && self.gone_resources(index).len() == count(rule);
        rules.filter(|(index, rule)| goes(*index, rule)).map(|(index, _)| index).collect()
    }

    /// Rules of a policy's ingress of which no peer stays go as well: a rule without peers would admit everyone.
    fn policy(&self, input: &Input<'_>, place: &Place<'_>) -> Option<Vec<Edit>> {
        let page = input.page(place);
        let spec = place.tree.get("spec")?;
        let ingress = member(spec, "ingress")?;
        let rules = ingress.value.elements();
        let mut edits = Vec::new();
        let mut gone = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            if let Some(peers) = self.open_rules.get(&index) {
                edits.push(match member(rule, "from") {
                    Some(from) => page.replace_member(from, page.is_flow(rule), peers),
                    None => page.add_first_member(rule, "from", peers),
                });
                continue;
            }
            let Some(from) = rule.get("from") else { continue };
            let removed = self.gone_peers(index);
            if !removed.is_empty() && removed.len() == from.elements().len() {
                gone.push(index);
                continue;
            }
            if !removed.is_empty() {
                edits.extend(page.remove_elements(from, &removed)?);
            }
            for ((_, peer), change) in self.peers.range((index, 0)..(index + 1, 0)) {
                edits.extend(peer_edit(input, place, from.elements().get(*peer)?, change)?);
            }
        }
        if gone.len() == rules.len() {
            return Some(vec![page.empty_list(ingress)]);
        }
        if !gone.is_empty() {
            edits.extend(page.remove_elements(&ingress.value, &gone)?);
        }
        Some(edits)
    }

    fn gone_peers(&self, rule: usize) -> Vec<usize> {
        let of_rule = self.peers.range((rule, 0)..(rule + 1, 0));
        of_rule.filter(|(_, change)| **change == PeerChange::Remove).map(|((_, peer), _)| *peer).collect()
    }

    fn namespace(&self, input: &Input<'_>, place: &Place<'_>) -> Option<Vec<Edit>> {
        let page = input.page(place);
        let metadata = place.tree.get("metadata")?;
        let labels = member(metadata, "labels");
        let Some(labels) = labels.filter(|labels| !labels.value.members().is_empty()) else {
            let value = Value::Mapping(
                self.labels.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect(),
            );
            return Some(vec![match labels {
                Some(empty) => page.replace_member(empty, page.is_flow(metadata), &value),
                None => page.add_member(metadata, "labels", &value)?,
            }]);
        };
        let set = |(key, value): (&String, &String)| match member(&labels.value, key) {
            Some(old) => Some(page.replace_member(old, page.is_flow(&labels.value), &value.clone().into())),
            None => page.add_member(&labels.value, key, &value.clone().into()),
        };
        self.labels.iter().map(set).collect()
    }

    /// Where a part of the changed object stands in the object as the user wrote it: elements before it may be gone.
    pub(crate) fn original_path(&self, tree: &Tree, path: &str) -> Option<Vec<usize>> {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let kept = |count: usize, gone: &dyn Fn(usize) -> bool, wanted: &str| {
            (0..count).filter(|&index| !gone(index)).nth(wanted.parse().ok()?)
        };
        match parts.as_slice() {
            ["subjects", index] => {
                let count = tree.get("subjects")?.elements().len();
                let becomes = |index| self.subjects.get(&index).map_or(1, |change| change.others.len());
                let mut written = (0..count).flat_map(|index| std::iter::repeat_n(index, becomes(index)));
                Some(vec![written.nth(index.parse().ok()?)?])
            }
            ["rules", rule] => {
                let gone = self.gone_rules(tree);
                Some(vec![kept(tree.get("rules")?.elements().len(), &|index| gone.contains(&index), rule)?])
            }
            ["spec", "ingress", rule, rest @ ..] => {
                let rules = at(tree, "/spec/ingress")?.elements();
                let count = |rule: usize| {
                    rules.get(rule).and_then(|rule| rule.get("from")).map_or(0, |from| from.elements().len())
                };
                let is_gone = |rule: usize| count(rule) > 0 && self.gone_peers(rule).len() == count(rule);
                let rule = kept(rules.len(), &is_gone, rule)?;
                match rest {
                    [] => Some(vec![rule]),
                    ["from", peer] => {
                        let gone = self.gone_peers(rule);
                        Some(vec![rule, kept(count(rule), &|index| gone.contains(&index), peer)?])
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// The edits of one peer: of a NetworkPolicy, or of a policy of the administrator.
fn peer_edit(input: &Input<'_>, place: &Place<'_>, peer: &Tree, change: &PeerChange) -> Option<Vec<Edit>> {
    let page = input.page(place);
    Some(match change {
        PeerChange::Remove => Vec::new(),
        PeerChange::Names(names) => {
            let pods = peer.get("pods").and_then(|pods| pods.get("namespaceSelector"));
            let selector = peer.get("namespaceSelector").or_else(|| peer.get("namespaces")).or(pods)?;
            vec![page.replace(selector, &named(names))]
        }
        PeerChange::Except(nets) => {
            let block = peer.get("ipBlock")?;
            let mut all: Vec<String> = match block.get("except") {
                Some(except) => except.elements().iter().filter_map(Tree::text).map(str::to_owned).collect(),
                None => Vec::new(),
            };
            all.extend(nets.iter().map(ToString::to_string));
            let list = texts(all.iter().map(String::as_str));
            vec![match member(block, "except") {
                Some(except) => page.replace_member(except, page.is_flow(block), &list),
                None => page.add_member(block, "except", &list)?,
            }]
        }
    })
}

/// The selector of namespaces by their names, which every API server sets as a label and nobody can change.
///
/// Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name>.
pub(crate) fn named(names: &[String]) -> Value {
    match names {
        [name] => mapping([("matchLabels", mapping([(Namespace::NAME_LABEL, name.as_str().into())]))]),
        names => {
            let expression = mapping([
                ("key", Namespace::NAME_LABEL.into()),
                ("operator", "In".into()),
                ("values", texts(names.iter().map(String::as_str))),
            ]);
            mapping([("matchExpressions", Value::List(vec![expression]))])
        }
    }
}

/// An object that is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewObject {
    /// Its name.
    pub object: ObjectRef,
    /// The file in which it is added.
    pub file: String,
    /// What it says.
    pub value: Value,
}

impl NewObject {
    /// Its namespace.
    pub(crate) fn namespace(&self) -> &str {
        self.object.namespace.as_deref().unwrap_or_default()
    }

    /// The members of a field.
    pub(crate) fn value_at(&self, key: &str) -> &[(String, Value)] {
        let Value::Mapping(members) = &self.value else { return &[] };
        match members.iter().find(|(name, _)| name == key) {
            Some((_, Value::Mapping(members))) => members,
            _ => &[],
        }
    }

    /// Whether a policy selects every pod of its namespace.
    pub(crate) fn selects_all(&self) -> bool {
        let is_whole = |(key, value): &(String, Value)| key == "podSelector" && *value == mapping([]);
        self.value_at("spec").iter().any(is_whole)
    }
}
