//! Reading texts in tests, and looking at what was found.

#![allow(clippy::allow_attributes, reason = "whether the next ones are needed depends on the test file")]
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::expect_used, reason = "a test that panics has failed")]

use watertight_base::{Source, Span};
use watertight_ingest::{Ingested, Options};
use watertight_model::{BlindScope, NetworkPolicy, Pod, Snapshot};

/// Inputs, and what was read of them.
pub struct Read {
    pub sources: Vec<Source>,
    pub ingested: Ingested,
}

/// Reads one YAML or JSON text.
pub fn read(text: &str) -> Read {
    read_files(&[("input.yaml", text)])
}

/// Reads files, by name and content.
pub fn read_files(files: &[(&str, &str)]) -> Read {
    let source = |&(name, text): &(&str, &str)| Source { name: name.into(), bytes: text.into() };
    let sources: Vec<Source> = files.iter().map(source).collect();
    let ingested = watertight_ingest::read(&sources, &Options::default());
    Read { sources, ingested }
}

/// A NetworkPolicy `staging/p` with this spec, which is YAML in flow style.
pub fn policy(spec: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
         metadata: {{name: p, namespace: staging}}\nspec: {spec}\n"
    )
}

/// A ClusterNetworkPolicy `p` in the tier Admin, about all pods, with these rules, which are YAML in flow style.
pub fn cluster(rules: &str) -> String {
    format!(
        "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {{name: p}}\n\
         spec: {{tier: Admin, priority: 7, subject: {{namespaces: {{}}}}, {rules}}}\n"
    )
}

/// An AdminNetworkPolicy `p`, about all pods, with these rules.
pub fn admin(rules: &str) -> String {
    format!(
        "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {{name: p}}\n\
         spec: {{priority: 7, subject: {{namespaces: {{}}}}, {rules}}}\n"
    )
}

/// The BaselineAdminNetworkPolicy, about all pods, with these rules.
pub fn baseline(rules: &str) -> String {
    format!(
        "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\n\
         metadata: {{name: default}}\nspec: {{subject: {{namespaces: {{}}}}, {rules}}}\n"
    )
}

/// A Deployment `staging/web` whose spec has these further fields and whose pod spec has those.
pub fn deployment(spec: &str, pod: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: staging}}\nspec:\n  \
         {spec}\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    \
         metadata: {{labels: {{app: web}}}}\n    spec: {{containers: [{{name: c}}], {pod}}}\n"
    )
}

impl Read {
    pub fn snapshot(&self) -> &Snapshot {
        &self.ingested.snapshot
    }

    /// The text under a span.
    pub fn under(&self, span: Span) -> String {
        let bytes = &self.sources[span.source.0 as usize].bytes;
        String::from_utf8(bytes[span.start..span.end].to_vec()).expect("a span cuts no character")
    }

    /// Every diagnostic as severity and rule, message, underlined text, label, help.
    pub fn diagnostics(&self) -> Vec<[String; 5]> {
        let lines = self.ingested.diagnostics.iter().map(|diagnostic| {
            let (span, label) = diagnostic.at.clone().expect("a place");
            [
                format!("{} {}", diagnostic.severity, diagnostic.rule),
                diagnostic.message.clone(),
                self.under(span),
                label,
                diagnostic.help.clone().expect("a help"),
            ]
        });
        lines.collect()
    }

    /// The rules of all diagnostics, in order.
    pub fn rules(&self) -> Vec<&'static str> {
        self.ingested.diagnostics.iter().map(|diagnostic| diagnostic.rule).collect()
    }

    /// Rule and scope of every blind spot.
    pub fn blind_spots(&self) -> Vec<(&'static str, BlindScope)> {
        self.snapshot().blind_spots.iter().map(|spot| (spot.rule, spot.scope.clone())).collect()
    }

    /// The one policy.
    pub fn policy(&self) -> &NetworkPolicy {
        assert_eq!(self.snapshot().policies.len(), 1, "{:?}", self.diagnostics());
        &self.snapshot().policies[0]
    }

    /// The one pod.
    pub fn pod(&self) -> &Pod {
        assert_eq!(self.snapshot().pods.len(), 1, "{:?}", self.diagnostics());
        &self.snapshot().pods[0]
    }

    /// Nothing is wrong with the input, and nothing in it is unseen.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert_eq!(self.diagnostics(), Vec::<[String; 5]>::new());
        assert_eq!(self.blind_spots(), []);
    }
}
