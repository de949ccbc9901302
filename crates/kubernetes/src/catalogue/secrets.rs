//! Secrets and tokens.

use crate::primitive::{ActsAs, CHANGE, EVER, Need, Place, Primitive, READ};
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    // A11 to A13. `list` and `watch` by name are asked for with `fieldSelector=metadata.name=…`.
    Primitive {
        rule: "read-secrets",
        needs: &[Need::namespaced(READ, SECRETS)],
        gain: Gain::ReadsSecrets,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "read the Secrets of {}",
        fix: "grant `get` with `resourceNames` to those who need one; `list` and `watch` give all values away",
    },
    // A12. The answer to `patch`, to `deletecollection`, and to `delete` with `propagationPolicy=Foreground` is the object,
    // and with `dryRun=All` nothing is changed. Tried on 1.36: `update` answers with what it is given.
    Primitive {
        rule: "echoed-secrets",
        needs: &[Need::namespaced(ECHO, SECRETS)],
        gain: Gain::ReadsSecrets,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "read the Secrets of {} in the answers to changing them",
        fix: "grant `create` and `update` alone to those who write Secrets, which answer with what they are given",
    },
    // A14. The controller of tokens fills a Secret of the type `kubernetes.io/service-account-token`. Tried on 1.36: who
    // may `patch` one that is there gets a token of any other ServiceAccount, by its annotation.
    Primitive {
        rule: "forge-tokens",
        needs: &[Need::namespaced(CHANGE, SECRETS), Need::namespaced(SEE, SECRETS)],
        gain: Gain::MintsTokens,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "have tokens written for the ServiceAccounts of {}",
        fix: "let nobody who reads Secrets create or change them there",
    },
    // A15.
    Primitive {
        rule: "request-tokens",
        needs: &[Need::namespaced(&["create"], &[("", "serviceaccounts/token")])],
        gain: Gain::MintsTokens,
        acts_as: ActsAs::NamedServiceAccounts,
        versions: EVER,
        does: "get tokens of the ServiceAccounts of {}, for any audience",
        fix: "take away `create` on `serviceaccounts/token`, or name the ServiceAccount in `resourceNames`",
    },
    // A11 for `kube-system`: tokens by which nodes join, and the credentials of what serves every environment.
    Primitive {
        rule: "system-secrets",
        needs: &[Need::namespaced(SEE, SECRETS).at(Place::In(&["kube-system"]))],
        gain: Gain::ReadsSecrets,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "read the Secrets of `kube-system`, with which nodes and controllers get in",
        fix: "let nobody but administrators see Secrets of `kube-system`",
    },
];

const SECRETS: &[(&str, &str)] = &[("", "secrets")];
/// What is answered with the object, besides reading.
const ECHO: &[&str] = &["patch", "delete", "deletecollection"];
/// What shows the object.
const SEE: &[&str] = &["get", "list", "watch", "patch", "delete", "deletecollection"];
