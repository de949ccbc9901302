//! The files as the user wrote them, and where each object stands in them.

use crate::carried::{Carried, WorkloadName};
use crate::text::{Edit, Page};
use std::collections::BTreeSet;
use watertight_base::{Source, SourceId, Span};
use watertight_ingest::{Content, Tree, trees};
use watertight_model::{NamespaceId, ObjectRef, Snapshot};
use watertight_network::AddressSpace;

/// What is to be mended, before anything is changed.
pub(crate) struct Input<'a> {
    pub(crate) sources: &'a [Source],
    pub(crate) snapshot: &'a Snapshot,
    /// The documents of each source; none of standard input, which nobody can edit.
    documents: Vec<Vec<Tree>>,
    /// The namespaces of the hostile side.
    pub(crate) from: BTreeSet<String>,
    /// The namespaces of the side that is to be kept.
    pub(crate) to: BTreeSet<String>,
    /// The workloads of neither side that carry on what the hostile side's routes say.
    pub(crate) relays: BTreeSet<WorkloadName>,
    /// What they carry on for others.
    pub(crate) carried: Carried,
    /// Where pods and nodes may have their addresses.
    pub(crate) space: AddressSpace,
}

/// An object in its file.
#[derive(Clone, Copy)]
pub(crate) struct Place<'t> {
    pub(crate) source: usize,
    pub(crate) tree: &'t Tree,
    document: usize,
    /// The element of `items`, if a list holds it.
    item: Option<usize>,
}

impl<'a> Input<'a> {
    pub(crate) fn new(
        sources: &'a [Source],
        snapshot: &'a Snapshot,
        from: BTreeSet<String>,
        to: BTreeSet<String>,
    ) -> Self {
        let documents = sources.iter().zip(0..).map(|(source, index)| {
            if source.name == "-" { Vec::new() } else { trees(SourceId(index), source).documents }
        });
        let space = AddressSpace::of(snapshot);
        let hostile: Vec<NamespaceId> =
            from.iter().filter_map(|name| snapshot.namespace_named(name)).collect();
        let relays = watertight_network::proxies(snapshot, &hostile).into_iter().filter_map(|pod| {
            let pod = snapshot.pods.get(pod)?;
            let namespace = &snapshot.namespace(pod.namespace).name;
            let is_shared = !from.contains(namespace) && !to.contains(namespace);
            is_shared.then(|| (namespace.clone(), pod.workload.kind.clone(), pod.workload.name.clone()))
        });
        let (documents, relays) = (documents.collect(), relays.collect());
        let carried = Carried::of(snapshot, &from);
        Self { sources, snapshot, documents, from, to, relays, carried, space }
    }

    /// The text in which an object stands.
    pub(crate) fn page(&self, place: &Place<'_>) -> Page<'a> {
        Page::of(&self.sources[place.source])
    }

    /// Where an object stands, if it can be edited there.
    pub(crate) fn place(&self, object: &ObjectRef) -> Option<Place<'_>> {
        let span = span_of(self.snapshot, object)?;
        let source = usize::try_from(span.source.0).ok()?;
        let documents = self.documents.get(source)?;
        documents.iter().enumerate().find_map(|(document, tree)| {
            if tree.span == span {
                return Some(Place { source, tree, document, item: None });
            }
            let items = tree.get("items").map_or(&[][..], Tree::elements);
            let item = items.iter().position(|item| item.span == span)?;
            Some(Place { source, tree: &items[item], document, item: Some(item) })
        })
    }

    /// The document of a file that holds one.
    pub(crate) fn document(&self, source: usize) -> Option<&Tree> {
        match self.documents.get(source)?.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// How many documents a file holds.
    pub(crate) fn documents_of(&self, source: usize) -> usize {
        self.documents.get(source).map_or(0, Vec::len)
    }

    /// Whether each document of a file is one object.
    pub(crate) fn holds_no_list(&self, source: usize) -> bool {
        self.documents.get(source).is_some_and(|all| all.iter().all(|tree| tree.get("items").is_none()))
    }

    /// The edits that take an object away.
    pub(crate) fn remove(&self, place: &Place<'_>) -> Option<Vec<Edit>> {
        let documents = self.documents.get(place.source)?;
        let page = self.page(place);
        let Some(item) = place.item else {
            return Some(vec![page.remove_document(documents, place.document)?]);
        };
        let list = crate::text::member(documents.get(place.document)?, "items")?;
        match &list.value.content {
            Content::List(items) if items.len() > 1 => page.remove_elements(&list.value, &[item]),
            _ => Some(vec![page.empty_list(list)]),
        }
    }

    /// The folder of the file that says most of a namespace: that of its own object, or else of the first object in it.
    pub(crate) fn folder_of(&self, namespace: &str) -> &'a str {
        let known = self.snapshot.namespace_named(namespace).map(|id| self.snapshot.namespace(id));
        let origin = known.and_then(|known| known.origin.as_ref().or(known.first_seen.as_ref()));
        let source = origin.and_then(|origin| usize::try_from(origin.span.source.0).ok());
        let name = source.and_then(|index| self.sources.get(index)).map_or("", |source| source.name.as_str());
        name.rfind('/').map_or("", |slash| &name[..=slash])
    }

    /// The name of a namespace.
    pub(crate) fn name(&self, id: NamespaceId) -> &'a str {
        &self.snapshot.namespace(id).name
    }
}

/// Where an object was read.
pub(crate) fn span_of(snapshot: &Snapshot, object: &ObjectRef) -> Option<Span> {
    let is_it = |other: &ObjectRef| {
        (&other.kind, &other.namespace, &other.name) == (&object.kind, &object.namespace, &object.name)
    };
    let policies = snapshot.policies.iter().map(|policy| (&policy.origin.object, Some(policy.origin.span)));
    let cluster =
        snapshot.cluster_policies.iter().map(|policy| (&policy.origin.object, Some(policy.origin.span)));
    let services =
        snapshot.services.iter().map(|service| (&service.origin.object, Some(service.origin.span)));
    let bindings = snapshot.role_bindings.iter().map(|binding| (&binding.object, binding.span));
    let namespaces = snapshot.namespaces.iter().filter_map(|namespace| namespace.origin.as_ref());
    let namespaces = namespaces.map(|origin| (&origin.object, Some(origin.span)));
    let pods = snapshot.pods.iter().map(|pod| (&pod.origin.object, Some(pod.origin.span)));
    let roles = snapshot.roles.iter().map(|role| (&role.object, role.span));
    let grants =
        snapshot.reference_grants.iter().map(|grant| (&grant.origin.object, Some(grant.origin.span)));
    let of_network = policies.chain(cluster).chain(services).chain(grants);
    let mut all = of_network.chain(bindings).chain(roles).chain(namespaces).chain(pods);
    all.find(|(other, _)| is_it(other)).and_then(|(_, span)| span)
}
