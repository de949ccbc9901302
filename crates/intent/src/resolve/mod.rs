//! What cannot be, although each part by itself could: one file for each sort.
//!
//! All of it looks at an intent that may have errors already, in which names are empty and lists too short: what has been
//! reported is not reported again.

mod contexts;
mod cycles;
mod egress;
mod exceptions;
mod hosts;
mod identities;
mod named;
mod namespaces;
mod principals;
mod priorities;
mod proxies;
mod quotas;
mod routes;
mod stores;
mod workloads;

use crate::findings::Findings;
use crate::intent::Intent;

/// Reports all that cannot be.
pub(crate) fn resolve(intent: &Intent, findings: &mut Findings) {
    contexts::check(intent, findings);
    namespaces::check(intent, findings);
    quotas::check(intent, findings);
    priorities::check(intent, findings);
    principals::check(intent, findings);
    cycles::check(intent, findings);
    routes::check(intent, findings);
    hosts::check(intent, findings);
    stores::check(intent, findings);
    egress::check(intent, findings);
    exceptions::check(intent, findings);
    identities::check(intent, findings);
    proxies::check(intent, findings);
    workloads::check(intent, findings);
    named::check(intent, findings);
}
