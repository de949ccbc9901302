//! Secrets and tokens.

use crate::attack::primitive::{ActsAs, EVER, Need, Primitive, READ};
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    Primitive {
        rule: "read-secrets",
        needs: &[Need::namespaced(READ, &[("", "secrets")])],
        gain: Gain::ReadsSecrets,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "read the Secrets of {}",
        fix: "grant `get` with `resourceNames` to those who need one; `list` and `watch` give all values away",
    },
    Primitive {
        rule: "request-tokens",
        needs: &[Need::namespaced(&["create"], &[("", "serviceaccounts/token")])],
        gain: Gain::MintsTokens,
        acts_as: ActsAs::NamedServiceAccounts,
        versions: EVER,
        does: "get tokens of the ServiceAccounts of {}, for any audience",
        fix: "take away `create` on `serviceaccounts/token`, or name the ServiceAccount in `resourceNames`",
    },
];
