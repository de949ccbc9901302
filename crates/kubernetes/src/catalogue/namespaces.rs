//! Namespaces themselves: their labels, and whether they are there.

use crate::primitive::{ActsAs, EDIT, EVER, Need, Place, Primitive};
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    // A36, A37. A Role in the namespace counts for its own Namespace. Tried on 1.36: `namespaces/status` changes labels too,
    Primitive {
        rule: "relabel-namespaces",
        needs: &[Need::namespaced(EDIT, LABELLED).at(Place::Itself)],
        gain: Gain::RelabelsNamespace,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change the labels of {}, by which Pod Security and policies know it",
        fix: "let administrators alone change namespaces; policies that select by `kubernetes.io/metadata.name` hold whatever the labels are",
    },
    // and so does `namespaces/finalize`, which knows `update` alone.
    Primitive {
        rule: "relabel-namespaces",
        needs: &[Need::namespaced(&["update"], &[("", "namespaces/finalize")]).at(Place::Itself)],
        gain: Gain::RelabelsNamespace,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change the labels of {}, by which Pod Security and policies know it",
        fix: "let administrators alone change namespaces; policies that select by `kubernetes.io/metadata.name` hold whatever the labels are",
    },
    // The server has no `deletecollection` of namespaces.
    Primitive {
        rule: "delete-namespaces",
        needs: &[Need::namespaced(&["delete"], &[("", "namespaces")]).at(Place::Itself)],
        gain: Gain::StopsPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "delete {} with everything in it",
        fix: "let administrators alone delete namespaces",
    },
];

const LABELLED: &[(&str, &str)] = &[("", "namespaces"), ("", "namespaces/status")];
