//! Which enforcer a cluster shows that it has.

use super::Profile;
use watertight_model::{Origin, Snapshot};

impl Profile {
    /// The enforcer whose DaemonSet is in the snapshot, and that object; `None` if there is none, or more than one. What
    /// its settings are is not seen, so that nothing is proved by it alone.
    #[must_use]
    pub fn shown_in(snapshot: &Snapshot) -> Option<(Self, &Origin)> {
        let mut shown = Self::ENFORCERS.into_iter().filter_map(|profile| {
            let runs = |name: &str| profile.shown_by.contains(&name);
            let pods = snapshot.pods.iter().map(|pod| (&pod.workload, &pod.origin));
            let mut daemons =
                pods.filter(|(workload, _)| workload.kind == "DaemonSet" && runs(&workload.name));
            daemons.next().map(|(_, origin)| (profile, origin))
        });
        let first = shown.next()?;
        shown.next().is_none().then_some(first)
    }
}
