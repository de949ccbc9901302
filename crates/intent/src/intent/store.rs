//! A database or a cache that applications use.

use super::{EnvironmentId, Spanned};
use watertight_base::Span;

/// A database or a cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Its name.
    pub name: Spanned<String>,
    /// What it is.
    pub engine: Spanned<Engine>,
    /// Where it is, for each environment that uses it.
    pub endpoints: Vec<Endpoint>,
    /// Where it is listed.
    pub span: Span,
}

/// What a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engine {
    /// Its name: one of the words of the schema.
    pub name: &'static str,
    /// Its usual port.
    pub port: u16,
}

/// Where a store is for one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The environment.
    pub environment: Spanned<EnvironmentId>,
    /// The name or address by which pods call it.
    pub host: Spanned<String>,
    /// Its addresses, at least one.
    pub cidrs: Vec<Spanned<String>>,
    /// Its port: that of the engine by default.
    pub port: Spanned<u16>,
}
