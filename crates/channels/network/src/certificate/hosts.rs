//! What acts by a node, and who is on the host network, where policies decide nothing.

use super::closing::NotClosed;
use super::{Sides, Sources, Writer, left};
use crate::ends::{future_on_host_network, future_with_probe_host, pods_in};
use std::collections::BTreeSet;
use watertight_admission::pod_security::{in_namespace_of_node, with_probe_host};
use watertight_model::{CertifiedSource, CertifiedWay, ClosedFact, NamespaceId, RefusedObject};

impl<'a> Writer<'_, 'a> {
    /// What is closed since nobody of the hostile side acts by a node.
    pub(super) fn without_host_network(&mut self, facts: &mut Vec<ClosedFact>) -> Result<(), NotClosed> {
        let view = self.view;
        let dialing = |id: NamespaceId| match future_with_probe_host(view, id) {
            None => Some(Vec::new()),
            Some(_) => self.refused(id, with_probe_host()),
        };
        let mut refused = Vec::new();
        for &id in self.sides.running {
            match (self.off_host(id), dialing(id)) {
                (Some(_), Some(dialing)) => refused.extend(dialing),
                _ if !self.closing.errs => return Err(NotClosed::Passes),
                _ => {}
            }
        }
        facts.push(ClosedFact::NoDialedHost { namespaces: self.names(self.sides.running), refused });
        Ok(())
    }

    /// What policies refuse of a namespace, if that keeps what Pod Security admits from it: pods on the host network. `None` if some
    /// are there or come.
    fn off_host(&self, id: NamespaceId) -> Option<Vec<RefusedObject>> {
        let view = self.view;
        let on_it = pods_in(view, id).any(|(_, pod)| view.on_host_network(pod));
        match future_on_host_network(view, id) {
            _ if on_it => None,
            None => Some(Vec::new()),
            Some(_) => self.refused(id, in_namespace_of_node("hostNetwork")),
        }
    }

    /// The namespaces of the `to` side with pods on the host network, now or later, where only what goes there can be held back. A
    /// pod on their node reaches them, where the enforcer lets it.
    pub(super) fn on_hosts(&self) -> Result<Vec<NamespaceId>, NotClosed> {
        let view = self.view;
        if !view.profile.nodes {
            return Ok(Vec::new());
        }
        let mut on_hosts = self.sides.kept.to_vec();
        on_hosts.retain(|&id| self.off_host(id).is_none());
        match view.profile.pod_to_own_node.holds(view.permissive) {
            true if self.closing.errs => Ok(Vec::new()),
            true if !on_hosts.is_empty() => Err(NotClosed::Passes),
            _ => Ok(on_hosts),
        }
    }

    /// The way onto the host network of the `to` side.
    pub(super) fn onto_hosts(
        &mut self,
        source: &CertifiedSource,
        sources: &Sources<'a>,
        on_hosts: &Result<Vec<NamespaceId>, NotClosed>,
    ) -> Result<(), NotClosed> {
        let mut targets = on_hosts.as_ref().map_err(|why| *why)?.iter();
        targets.try_for_each(|&id| self.close(source.clone(), sources, CertifiedWay::HostNetwork, id))
    }

    /// Who is off the host network: all of the hostile side, and of the other those that are not on it.
    pub(super) fn off_hosts(&self, facts: &mut Vec<ClosedFact>, on_hosts: &[NamespaceId]) {
        let Sides { running, kept, .. } = self.sides;
        let off: BTreeSet<NamespaceId> = running.iter().copied().chain(left(kept, on_hosts)).collect();
        // Each namespace's in one piece, those of the hostile side first.
        let each = running.iter().chain(kept).filter(|id| off.contains(id));
        let refused = each.filter_map(|&id| self.off_host(id)).flatten().collect();
        let namespaces = self.names(&off.into_iter().collect::<Vec<_>>());
        facts.push(ClosedFact::NoHostNetwork { namespaces, refused });
    }
}
