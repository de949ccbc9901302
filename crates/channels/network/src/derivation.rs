//! A crossing as a derivation: numbered steps, each with the objects and the places that it rests on.

use crate::direction::Direction;
use crate::rule::{PeerRef, PolicyRef, Rule};
use crate::view::View;
use crate::ways::{Gate, Way};
use std::net::IpAddr;
use watertight_base::{ConnectionSet, Span};
use watertight_model::{
    Action, Because, Channel, Evidence, EvidenceRole, Fact, FactPeer, NamespaceId, ObjectRef, PeerKind,
    PodSecurity, Step,
};

/// The steps of one derivation, as they grow.
#[derive(Debug)]
pub(crate) struct Derivation<'v, 'a> {
    view: &'v View<'a>,
    steps: Vec<Step>,
}

impl<'v, 'a> Derivation<'v, 'a> {
    pub(crate) fn new(view: &'v View<'a>) -> Self {
        Self { view, steps: Vec::new() }
    }

    pub(crate) fn finish(self) -> Vec<Step> {
        self.steps
    }

    fn push(
        &mut self,
        rule: &'static str,
        fact: Fact,
        text: String,
        uses: &[usize],
        because: Vec<Because>,
    ) -> usize {
        let id = self.steps.len() + 1;
        self.steps.push(Step {
            id,
            channel: Channel::Network,
            rule,
            fact,
            text,
            uses: uses.to_vec(),
            because,
        });
        id
    }

    /// The source is there, or could be; `or_new` says that a new pod could do the same.
    pub(crate) fn runs(&mut self, from: &FactPeer, or_new: bool) -> usize {
        let more = if or_new { ", and so could a new pod" } else { "" };
        let text = format!("{}{more}", self.existence(from));
        let because = self.pod_evidence(from);
        self.push(existence_rule(from), Fact::Runs { pod: from.clone() }, text, &[], because)
    }

    /// An object of `source` could make a proxy carry connections on.
    pub(crate) fn relays(&mut self, source: NamespaceId, proxy: &FactPeer) -> usize {
        let namespace = &self.view.snapshot.namespace(source).name;
        let text = format!(
            "an Ingress or a route could be created in `{namespace}`, to a Service with any endpoints, and {} would serve it",
            proxy.name
        );
        let because = self.pod_evidence(proxy);
        let fact = Fact::Relays { namespace: namespace.clone(), proxy: proxy.clone() };
        self.push("N39", fact, text, &[], because)
    }

    /// The destination is there, or could be.
    pub(crate) fn target(&mut self, to: &FactPeer) -> usize {
        let text = self.existence(to);
        let because = self.pod_evidence(to);
        self.push(existence_rule(to), Fact::Target { pod: to.clone() }, text, &[], because)
    }

    /// One side lets the connection pass.
    pub(crate) fn passes(
        &mut self,
        direction: Direction,
        way: &Way<'_>,
        from: &FactPeer,
        to: &FactPeer,
        ports: &ConnectionSet,
        uses: &[usize],
    ) -> usize {
        let (own, other) = match direction {
            Direction::Egress => (from, to),
            Direction::Ingress => (to, from),
        };
        let unfenced = || {
            let (namespace, name) = (&own.namespace, &own.name);
            format!("no NetworkPolicy in `{namespace}` isolates {name} for {}", direction.name())
        };
        let (rule, text, mut evidence) = match way.gate {
            Gate::Unfenced => ("N1", unfenced(), vec![self.absent_in(&own.namespace)]),
            Gate::Spared(policy) => {
                let object = &policy.origin.object;
                let text =
                    format!("{}, and {object} selects it, so that Baseline may not be asked", unfenced());
                let selects = because(
                    EvidenceRole::Selects,
                    object.clone(),
                    "/spec/podSelector",
                    Some(policy.subject_span),
                );
                ("N63", text, vec![selects])
            }
            Gate::Rule(rule) => {
                let means = match rule.peer {
                    None => "everyone".to_owned(),
                    Some(_) => other.name.clone(),
                };
                let text = format!(
                    "{} {} rule {} {} {means} on {ports}{}",
                    rule.policy.origin().object,
                    direction.name(),
                    rule.index + 1,
                    verb(&rule),
                    assumption(other)
                );
                (gate_rule(&rule), text, rule_evidence(direction, &rule))
            }
        };
        let text = match &way.passed_by {
            None => text,
            Some(passes) => {
                evidence.extend(rule_evidence(direction, passes));
                let (object, index) = (&passes.policy.origin().object, passes.index + 1);
                format!("{text}, which {object} {} rule {index} leaves to it", direction.name())
            }
        };
        let fact = match direction {
            Direction::Egress => {
                Fact::EgressAllowed { from: from.clone(), to: to.clone(), ports: ports.clone() }
            }
            Direction::Ingress => {
                Fact::IngressAllowed { from: from.clone(), to: to.clone(), ports: ports.clone() }
            }
        };
        self.push(rule, fact, text, uses, evidence)
    }

    /// No policy fences what is on the host network.
    pub(crate) fn unfenced_host(
        &mut self,
        from: &FactPeer,
        to: &FactPeer,
        ports: &ConnectionSet,
        uses: &[usize],
    ) -> usize {
        let text = format!("no policy fences {}, which is on the host network", to.name);
        let fact = Fact::IngressAllowed { from: from.clone(), to: to.clone(), ports: ports.clone() };
        self.push("N37", fact, text, uses, Vec::new())
    }

    /// The source's side lets connections to nodes pass.
    pub(crate) fn leaves_for_node(
        &mut self,
        way: &Way<'_>,
        from: &FactPeer,
        address: Option<IpAddr>,
        ports: &ConnectionSet,
        via: Option<&ObjectRef>,
        uses: &[usize],
    ) -> usize {
        let at = address.map_or(String::new(), |address| format!(" at {address}"));
        let port = via.map_or("a node port there".to_owned(), |via| format!("that of {via}"));
        let text = format!("{} can open {ports} to nodes{at}, and {port} leads on", from.name);
        let mut evidence = match way.gate {
            Gate::Rule(rule) => rule_evidence(Direction::Egress, &rule),
            Gate::Unfenced | Gate::Spared(_) => vec![self.absent_in(&from.namespace)],
        };
        evidence.extend(
            via.map(|via| because(EvidenceRole::Allows, via.clone(), "/spec/ports", self.span_of(via))),
        );
        let fact = Fact::LeavesForNode { from: from.clone(), address, ports: ports.clone() };
        self.push("N40", fact, text, uses, evidence)
    }

    /// Where a Service stands, or the workload that has a `hostPort`.
    fn span_of(&self, object: &ObjectRef) -> Option<Span> {
        let services = self.view.snapshot.services.iter().map(|service| &service.origin);
        let mut origins = services.chain(self.view.snapshot.pods.iter().map(|pod| &pod.origin));
        origins.find(|origin| origin.object == *object).map(|origin| origin.span)
    }

    /// Both can be on one node.
    pub(crate) fn shared_node(
        &mut self,
        from: &FactPeer,
        to: &FactPeer,
        node: Option<String>,
        uses: &[usize],
    ) -> usize {
        let place = node.as_ref().map_or("one node".to_owned(), |node| format!("the node `{node}`"));
        let text = format!("{} and {} can run on {place}", from.name, to.name);
        let on = self.view.snapshot.nodes.iter().filter(|on| node.as_ref() == Some(&on.name));
        let because = on
            .map(|on| because(EvidenceRole::Allows, on.origin.object.clone(), "", Some(on.origin.span)))
            .collect();
        let fact = Fact::SharedNode { from: from.clone(), to: to.clone(), node };
        self.push("N35", fact, text, uses, because)
    }

    /// Both are, or could be, on a network that no policy governs.
    pub(crate) fn shared_network(
        &mut self,
        from: &FactPeer,
        to: &FactPeer,
        network: String,
        uses: &[usize],
    ) -> usize {
        let joins = if from.pod.is_some() { "is on" } else { "can ask for" };
        let text = format!("{} {joins} the network `{network}`, on which {} is", from.name, to.name);
        let pods = [from, to].into_iter().filter_map(|peer| self.view.snapshot.pods.get(peer.pod?));
        let asked = pods.flat_map(|pod| pod.networks.iter().map(move |further| (pod, further)));
        let because = asked.map(|(pod, further)| {
            let path = format!("{}/metadata/annotations", pod.template);
            because(EvidenceRole::Allows, pod.origin.object.clone(), &path, Some(further.span))
        });
        let because = because.collect();
        let fact = Fact::SharedNetwork { from: from.clone(), to: to.clone(), network };
        self.push("N56", fact, text, uses, because)
    }

    /// The connection can be opened.
    pub(crate) fn connects(
        &mut self,
        rule: &'static str,
        why: &str,
        from: &FactPeer,
        to: &FactPeer,
        ports: &ConnectionSet,
        uses: &[usize],
    ) {
        let text = format!("{} can open {ports} to {}{why}", from.name, to.name);
        let fact = Fact::Connects { from: from.clone(), to: to.clone(), ports: ports.clone() };
        self.push(rule, fact, text, uses, Vec::new());
    }

    fn existence(&self, pod: &FactPeer) -> String {
        let host = if pod.host_network { " on the host network" } else { "" };
        match pod.pod {
            Some(_) => format!("{} is there{host}", pod.name),
            None => {
                let labels: Vec<String> =
                    pod.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
                let labels = if labels.is_empty() {
                    "without labels".to_owned()
                } else {
                    format!("labelled {}", labels.join(","))
                };
                let admitted = if pod.host_network { "; no Pod Security level refuses it" } else { "" };
                format!("a pod {labels} could be created in `{}`{host}{admitted}", pod.namespace)
            }
        }
    }

    fn pod_evidence(&self, peer: &FactPeer) -> Vec<Because> {
        let Some(index) = peer.pod else { return self.namespace_evidence(peer) };
        let pod = &self.view.snapshot.pods[index];
        let (path, span) = match pod.host_network {
            Some(span) => ("/spec/hostNetwork", span),
            None => ("/metadata/labels", pod.labels_span),
        };
        vec![because(
            EvidenceRole::Selects,
            pod.origin.object.clone(),
            &format!("{}{path}", pod.template),
            Some(span),
        )]
    }

    /// For a pod that could be created: the namespace, and for one on the host network the Pod Security label that is
    /// missing or too weak.
    fn namespace_evidence(&self, peer: &FactPeer) -> Vec<Because> {
        let Some(id) = self.view.snapshot.namespace_named(&peer.namespace) else { return Vec::new() };
        let namespace = self.view.snapshot.namespace(id);
        let enforced = namespace.label_spans.get(PodSecurity::ENFORCE).filter(|_| peer.host_network);
        let (role, path, span) = match enforced {
            Some(&span) => {
                (EvidenceRole::Allows, "/metadata/labels/pod-security.kubernetes.io~1enforce", Some(span))
            }
            None if peer.host_network => (EvidenceRole::Absent, "/metadata/labels", self.namespace_span(id)),
            None => (EvidenceRole::Allows, "", self.namespace_span(id)),
        };
        vec![because(role, namespace_object(&peer.namespace), path, span)]
    }

    fn absent_in(&self, namespace: &str) -> Because {
        let span = self.view.snapshot.namespace_named(namespace).and_then(|id| self.namespace_span(id));
        because(EvidenceRole::Absent, namespace_object(namespace), "", span)
    }

    fn namespace_span(&self, id: NamespaceId) -> Option<Span> {
        self.view.snapshot.namespace(id).origin.as_ref().map(|origin| origin.span)
    }
}

fn existence_rule(pod: &FactPeer) -> &'static str {
    if pod.pod.is_some() { "N55" } else { "N18" }
}

/// What must be true of a namespace whose labels are not known.
fn assumption(other: &FactPeer) -> String {
    if other.namespace_labels.is_empty() {
        return String::new();
    }
    let labels: Vec<String> =
        other.namespace_labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!(", if the namespace `{}` is labelled {}", other.namespace, labels.join(","))
}

fn verb(rule: &Rule<'_>) -> &'static str {
    match (rule.policy, rule.action) {
        (PolicyRef::Network(_), _) => "allows",
        (PolicyRef::Cluster(_), Action::Accept) => "accepts",
        (PolicyRef::Cluster(_), Action::Deny) => "denies",
        (PolicyRef::Cluster(_), Action::Pass) => "passes",
    }
}

fn gate_rule(rule: &Rule<'_>) -> &'static str {
    use watertight_model::NamespaceScope;
    if matches!(rule.policy, PolicyRef::Cluster(_)) {
        return "N61";
    }
    match rule.peer.map(|(_, peer)| peer.kind) {
        None => "N8",
        Some(PeerRef::Network(PeerKind::Pods { namespaces: NamespaceScope::Own, .. })) => "N10",
        Some(PeerRef::Network(PeerKind::Pods { pods, .. })) if pods.is_everything() => "N11",
        Some(PeerRef::Network(PeerKind::Pods { .. })) => "N12",
        Some(PeerRef::Network(PeerKind::IpBlock { .. }) | PeerRef::Tier(_)) => "N43",
    }
}

/// The policy's selector, and the rule or peer that allows.
pub(crate) fn rule_evidence(direction: Direction, rule: &Rule<'_>) -> Vec<Because> {
    let object = &rule.policy.origin().object;
    let pointer = format!("/spec/{}/{}", direction.name(), rule.index);
    let (path, span) = match rule.peer {
        None => (pointer, rule.span),
        Some((index, peer)) => (format!("{pointer}/{}/{index}", direction.peers_field()), peer.span),
    };
    let (subject, subject_span) = rule.policy.subject();
    vec![
        because(EvidenceRole::Selects, object.clone(), subject, Some(subject_span)),
        because(EvidenceRole::Allows, object.clone(), &path, Some(span)),
    ]
}

pub(crate) fn because(role: EvidenceRole, object: ObjectRef, path: &str, span: Option<Span>) -> Because {
    Because { role, object, path: path.to_owned(), evidence: span.map(Evidence::File) }
}

fn namespace_object(name: &str) -> ObjectRef {
    ObjectRef {
        api_version: "v1".into(),
        kind: "Namespace".into(),
        namespace: None,
        name: name.to_owned(),
        uid: None,
    }
}
