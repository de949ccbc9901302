//! One object of an application in one environment.

use super::kinds::Kind;
use watertight_base::Span;
use watertight_ingest::Tree;
use watertight_intent::{ApplicationId, EnvironmentId};

/// An object of a kind that may come from an application.
#[derive(Debug, Clone)]
pub(crate) struct Object<'q> {
    pub(crate) application: ApplicationId,
    pub(crate) environment: EnvironmentId,
    /// As it was read.
    pub(crate) tree: &'q Tree,
    pub(crate) kind: &'static Kind,
    /// Its name, and where that stands.
    pub(crate) name: &'q str,
    pub(crate) name_span: Span,
    /// The namespace into which it is put.
    pub(crate) namespace: String,
    /// What of the intent asks for it.
    pub(crate) asked_by: Span,
    /// The file, chart or kustomization from which it comes.
    pub(crate) from: &'q str,
}

impl<'q> Object<'q> {
    /// As people call it: `Service web` in backticks.
    pub(crate) fn label(&self) -> String {
        format!("{} `{}`", self.kind.name, self.name)
    }

    /// What a path of keys leads to.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&'q Tree> {
        at(self.tree, path)
    }

    /// An annotation.
    pub(crate) fn annotation(&self, key: &str) -> Option<&'q Tree> {
        self.at(&["metadata", "annotations"])?.get(key)
    }

    /// The template of its pods: what holds their metadata and their spec.
    pub(crate) fn template(&self) -> Option<&'q Tree> {
        self.at(self.kind.template?)
    }

    /// Whether it is of a kind.
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.kind.name == kind
    }
}

/// What a path of keys leads to.
pub(crate) fn at<'q>(tree: &'q Tree, path: &[&str]) -> Option<&'q Tree> {
    path.iter().try_fold(tree, |tree, key| tree.get(key))
}

/// The containers of pods, of each sort.
pub(crate) fn containers(spec: &Tree) -> impl Iterator<Item = &Tree> {
    ["initContainers", "containers", "ephemeralContainers"]
        .into_iter()
        .filter_map(|field| spec.get(field))
        .flat_map(Tree::elements)
}
