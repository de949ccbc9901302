//! An application, and what it is in each of its environments.

use super::{ApplicationId, EnvironmentId, Spanned, Workload};
use watertight_base::Span;

/// What runs in environments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its name.
    pub name: Spanned<String>,
    /// Applications that are there before it. There is no ring.
    pub depends_on: Vec<Spanned<ApplicationId>>,
    /// What it is in each environment in which it runs, in the order of the environments.
    pub placements: Vec<Placement>,
    /// Where it is listed.
    pub span: Span,
}

/// An application in one environment, with what is said for that environment alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The environment.
    pub environment: EnvironmentId,
    /// The namespace: one of the environment's.
    pub namespace: Spanned<String>,
    /// Where its manifests come from.
    pub source: PlacedSource,
    /// What of them is left out.
    pub without: Vec<LeftOut>,
}

/// An object that is left out, or that is taken without some of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its kind.
    pub kind: Spanned<String>,
    /// Its name.
    pub name: Spanned<String>,
    /// JSON Pointers into it; none if all of it is left out.
    pub fields: Vec<Spanned<String>>,
}

/// Where the manifests of an application come from. Paths are as they are written: from the folder of the intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlacedSource {
    /// A file or folder of manifests.
    Manifests(Spanned<String>),
    /// The folder of a kustomization.
    Kustomization(Spanned<String>),
    /// A Helm chart.
    Helm {
        /// The folder or the archive.
        chart: Spanned<String>,
        /// The name of the release.
        release_name: Spanned<String>,
        /// Files of values, of which a later one wins.
        values: Vec<Spanned<String>>,
    },
    /// The short form.
    Workload(Box<Workload>),
}
