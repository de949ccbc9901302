//! The API channel: all that the hostile side comes to by rights is in the set that the certificate claims, and nothing in the
//! set is a breach.
//!
//! The set holds as whom the hostile side can act, and what rights yield by the rows of the catalogue. It is looked at once: as
//! whom anybody starts must be in it; what the rights of all in it yield must be; and as whom that lets one act must be, too.
//! So nothing leads out of it, whatever is done in which order.

mod claim;
mod edits;
mod matching;
mod objects;
mod params;
mod people;
mod restored;
mod rights;
mod roles;
mod yields;

pub(crate) use claim::Claim;
pub(crate) use edits::Edited;
pub(crate) use matching::means;
pub(crate) use people::{Boundary, People};

use crate::admission::{Kept, Written};
use crate::format::Fact;
use crate::{Rejection, sharing};
use objects::Objects;
use people::identity;
use restored::restored;
use rights::Rights;
use roles::Roles;
use std::collections::BTreeSet;
use watertight_kubernetes::{SUPPORTED, bootstrap, catalogue};
use watertight_model::{NamespaceId, Snapshot};

/// How much newer an API server may be than the oldest kubelet, in minor versions.
///
/// Source: <https://kubernetes.io/releases/version-skew-policy/>.
const SKEW: u32 = 3;

/// What is known once the facts of the channel are checked.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The policies that what both sides share rests on.
    pub(crate) policies: BTreeSet<String>,
    /// Whether somebody of the hostile side may write Services that claim any address.
    pub(crate) may_claim_addresses: bool,
    pub(crate) claim: Claim,
    pub(crate) written: Written,
    pub(crate) people: People,
    /// Whether an ingress-nginx serves both sides of which the image does not say the version.
    pub(crate) has_unversioned_proxy: bool,
}

/// Checks the facts of the channel.
///
/// # Errors
/// Something leads out of the set, or is a breach, or cannot be followed.
pub(crate) fn check(
    snapshot: &Snapshot,
    boundary: &Boundary<'_>,
    facts: &[Fact],
) -> Result<Checked, Rejection> {
    if snapshot.role_bindings.is_empty() {
        return Err(Rejection::of_input("it holds no bindings, so that nobody's rights are known"));
    }
    let claim = Claim::of(facts)?;
    let people = People::of(snapshot, boundary);
    if let Some(principal) = &people.leaked {
        return Err(Rejection::of_input(format!("the hostile side has a credential of {principal}")));
    }
    if let Some(start) = people.start.iter().map(identity).find(|start| !claim.holds(start, false)) {
        return Err(Rejection::of_set(format!(
            "no fact says that it can act as {start}, as it does from the start"
        )));
    }
    // The version that is shown is that of the oldest kubelet. What holds in any that the server may have counts.
    let oldest = snapshot.minor_version();
    let newest = oldest.map_or(u32::MAX, |oldest| oldest.saturating_add(SKEW));
    let bootstrap = bootstrap(oldest.unwrap_or(*SUPPORTED.end()));
    let restored = restored(snapshot, bootstrap);
    let roles = Roles::new(&restored);
    let objects = Objects::new(newest, snapshot, &boundary.from);
    let rights = Rights::of(&claim, &roles, &objects);
    for (name, row) in catalogue::named() {
        if newest < *row.versions.start() || *row.versions.end() < oldest.unwrap_or(0) {
            continue;
        }
        for bounds in rights.yielded(row) {
            if !claim.says(&name, &bounds) {
                let why = format!(
                    "no fact says what rights yield by `{name}`: that it can {}",
                    row.done(bounds.scope.as_deref())
                );
                return Err(Rejection::of_set(why));
            }
        }
    }
    let accounts = roles.accounts();
    for gained in claim.gains() {
        let reject = |why: String| Err(Rejection::of_fact(gained.fact, why));
        if gained.is_a_breach(&boundary.to, boundary.strict) {
            let what = gained.row.done(gained.bounds.scope.as_deref());
            return reject(format!("it is a breach: it can {what}"));
        }
        let by_headers = gained.row.acts_by_headers();
        let by_it = yields::acts_as(snapshot, &accounts, gained, &boundary.from)
            .into_iter()
            .map(|it| (it, by_headers));
        let by_values = yields::read(snapshot, gained, &boundary.from).into_iter().map(|it| (it, false));
        let mut all = by_it.chain(by_values).map(|(it, by_headers)| (identity(&it), by_headers));
        if let Some((principal, _)) = all.find(|(principal, by_headers)| !claim.holds(principal, *by_headers))
        {
            return reject(format!("no fact says that it can act as {principal} by it"));
        }
    }
    let written = Written::of(&claim, rights.granted());
    let kept = Kept::new(facts, &written);
    let (has_unversioned_proxy, may_claim_addresses) = apart(snapshot, boundary, &claim, (&people, &kept))?;
    if let Some(fact) = kept.needless() {
        return Err(Rejection::of_fact(fact, "that is not refused, or need not be".to_owned()));
    }
    let policies = kept.policies();
    Ok(Checked { policies, written, may_claim_addresses, claim, people, has_unversioned_proxy })
}

/// Checks that both sides share nothing by their objects, whatever the hostile side comes to; and says whether an ingress-nginx
/// serves both whose version is not known, and whether a Service could claim any address.
fn apart(
    snapshot: &Snapshot,
    boundary: &Boundary<'_>,
    claim: &Claim,
    (people, kept): (&People, &Kept<'_>),
) -> Result<(bool, bool), Rejection> {
    let ids = |names: &BTreeSet<&str>| -> Vec<NamespaceId> {
        names.iter().filter_map(|name| snapshot.namespace_named(name)).collect()
    };
    let names: Vec<Vec<String>> =
        claim.gains().map(|gained| gained.bounds.names.iter().cloned().collect()).collect();
    let gains = claim.gains().zip(&names).filter(|(gained, _)| !gained.is_a_step());
    let gains = gains.map(|(gained, names)| sharing::Gained {
        row: gained.row,
        scope: gained.bounds.scope.as_deref(),
        names,
    });
    let (from, to, theirs) = (ids(&boundary.from), ids(&boundary.to), Vec::from_iter(people.theirs.clone()));
    let gains: Vec<sharing::Gained<'_>> = gains.collect();
    let sides = sharing::Sides {
        snapshot,
        from: &from,
        to: &to,
        people: &theirs,
        gains: &gains,
        kept,
        strict: boundary.strict,
    };
    match sharing::shared(&sides) {
        None => Ok((sharing::is_unversioned(&sides), sharing::may_claim_addresses(&sides))),
        Some(why) => Err(Rejection::of_input(why)),
    }
}
