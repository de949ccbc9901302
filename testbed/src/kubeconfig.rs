//! Kubeconfigs: how clients find the clusters, and who they are there.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;

/// A kubeconfig with a context for each cluster; the first is the current one.
pub(crate) struct Kubeconfig {
    clusters: Vec<Value>,
    contexts: Vec<Value>,
    users: Vec<Value>,
}

impl Kubeconfig {
    /// One for one user of one cluster, whose folder has the keys.
    pub(crate) fn of(cluster: &str, url: &str, folder: &Path, user: &str) -> Self {
        let pki = |file: &str| folder.join("pki").join(file);
        let user_name = format!("{cluster}-{user}");
        Self {
            clusters: vec![json!({
                "name": cluster,
                "cluster": { "server": url, "certificate-authority": pki("ca.crt") },
            })],
            contexts: vec![json!({ "name": cluster, "context": { "cluster": cluster, "user": user_name } })],
            users: vec![json!({
                "name": user_name,
                "user": {
                    "client-certificate": pki(&format!("{user}.crt")),
                    "client-key": pki(&format!("{user}.key")),
                },
            })],
        }
    }

    /// With what another one holds as well.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.clusters.extend(other.clusters);
        self.contexts.extend(other.contexts);
        self.users.extend(other.users);
        self
    }

    /// Writes it: JSON is YAML too.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let current = self.contexts.first().and_then(|context| context.get("name"));
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": self.clusters,
            "contexts": self.contexts,
            "users": self.users,
            "current-context": current,
        });
        let text = serde_json::to_string_pretty(&config)?;
        std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }
}
