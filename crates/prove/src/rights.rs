//! What the API channel tells the network: who may write what proxies go by.

use std::sync::Arc;
use watertight_api::{Closure, mended_ingress_nginx};
use watertight_model::{Channel, Snapshot};
use watertight_network::{Rights, Traffic};

/// What nobody of the hostile side may write, by any right that it may come to; `None` where rights are not known, or no
/// proxy would make a difference.
pub(crate) fn of_proxies(snapshot: &Snapshot, closure: &Closure) -> Option<Arc<Rights>> {
    let understood = mended_ingress_nginx(snapshot);
    let is_known =
        !snapshot.role_bindings.is_empty() && snapshot.blind_spots_of(Channel::Api).next().is_none();
    if understood.is_empty() || !is_known {
        return None;
    }
    let mut rights = Rights { understood, ..Rights::default() };
    for id in snapshot.namespace_ids() {
        let name = &snapshot.namespace(id).name;
        let is_withheld = |traffic: &Traffic| {
            let mut resources = traffic.resources().iter();
            !resources.any(|(group, resource)| closure.may_write(name, group, resource))
        };
        rights.withheld.extend(Traffic::ALL.into_iter().filter(is_withheld).map(|traffic| (id, traffic)));
    }
    Some(Arc::new(rights))
}
