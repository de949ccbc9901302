//! Secrets, and other objects that hold values which may be credentials. The values themselves are sealed.

use crate::{ObjectRef, Principal};
use watertight_base::{Sealed, Span};

/// A Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The object.
    pub object: ObjectRef,
    /// The whole object in its input.
    pub span: Span,
    /// `type`: `Opaque`, `kubernetes.io/tls`…
    pub secret_type: String,
    /// Of a token of a ServiceAccount (type `kubernetes.io/service-account-token`), its name.
    pub token_of: Option<String>,
    /// The values, if they were asked for. Those that the input leaves out or masks are not there.
    pub values: Vec<HeldValue>,
    /// Whether the input masks one of its values, as exports do.
    pub is_masked: bool,
}

/// A ConfigMap, or what a pod or a template tells its containers: environment variables, `command` and `args`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The object.
    pub object: ObjectRef,
    /// The values, as they are written.
    pub values: Vec<HeldValue>,
}

/// A value under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldValue {
    /// The name: the key of the data, the name of the environment variable or of the option; of other arguments their place,
    /// as `args[2]`.
    pub key: String,
    /// The JSON Pointer from the object to the value.
    pub path: String,
    /// Where the value stands.
    pub span: Span,
    /// The registry, of what is a credential for one in a list of them.
    pub registry: Option<String>,
    /// As whom one can act who holds it, as far as it says so itself: by tokens of ServiceAccounts and by client certificates
    /// with their keys.
    pub bearers: Vec<Principal>,
    /// The value.
    pub value: Sealed,
}
