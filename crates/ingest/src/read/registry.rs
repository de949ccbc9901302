//! The credentials for registries that a Secret holds: one for each registry.
//!
//! Source: `pkg/credentialprovider` of Kubernetes, which reads both formats.

use super::secret::decoded;
use serde::Deserialize;
use std::collections::BTreeMap;
use watertight_base::Sealed;
use watertight_model::HeldValue;

#[derive(Deserialize)]
struct Config {
    auths: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    auth: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
}

/// The values of a file of this format, which has its name from the type of the Secret; `None` for what is no such file.
pub(super) fn read(secret_type: &str, key: &str, bytes: &[u8]) -> Option<BTreeMap<String, Sealed>> {
    let auths = match (secret_type, key) {
        ("kubernetes.io/dockerconfigjson", ".dockerconfigjson") => {
            serde_json::from_slice::<Config>(bytes).ok()?.auths
        }
        ("kubernetes.io/dockercfg", ".dockercfg") => serde_json::from_slice(bytes).ok()?,
        _ => return None,
    };
    let credential = |(registry, entry): (String, Entry)| {
        let Entry { auth, username, password } = entry;
        let written = decoded(&auth).filter(|bytes| !bytes.is_empty());
        (registry, Sealed::from(written.unwrap_or_else(|| format!("{username}:{password}").into_bytes())))
    };
    Some(auths.into_iter().map(credential).collect())
}

/// The same, as values of a Secret.
pub(super) fn held(whole: &HeldValue, registries: BTreeMap<String, Sealed>) -> Vec<HeldValue> {
    let one = |(registry, value)| HeldValue { registry: Some(registry), value, ..whole.clone() };
    registries.into_iter().map(one).collect()
}
