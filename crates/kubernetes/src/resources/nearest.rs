//! What somebody may have meant by a name that is none.

use super::{Resource, Resources};
use strsim::normalized_damerau_levenshtein;

/// How much of a name must be right, so that it is a misspelling and not another word.
const ENOUGH: f64 = 0.6;

impl Resources {
    /// The plural name of the resource whose plural name, singular name or kind is most like one that
    /// [is none](Resources::find); `None` if there is nothing like it. A group that is written behind it does not
    /// count.
    #[must_use]
    pub fn nearest(&self, written: &str) -> Option<&str> {
        let written = written.to_lowercase();
        let name = written.split('.').next().unwrap_or_default();
        let mut nearest = None;
        let mut most = ENOUGH;
        for resource in self.iter() {
            let likeness = likeness(resource, name);
            // Of several that are as like, the first one.
            if likeness > most || (nearest.is_none() && likeness >= most) {
                (nearest, most) = (Some(resource.plural.as_str()), likeness);
            }
        }
        nearest
    }
}

fn likeness(resource: &Resource, name: &str) -> f64 {
    let kind = resource.kind.to_lowercase();
    let names = [resource.plural.as_str(), &resource.singular, &kind];
    names.map(|known| normalized_damerau_levenshtein(known, name)).into_iter().fold(0.0, f64::max)
}
