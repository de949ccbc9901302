//! A wall between two environments, in one direction, and what is let through it for a time.

use super::{ApplicationId, EnvironmentId, Role, ServiceAccountRef, Spanned, workload::Protocol};
use crate::formats::date::Date;
use watertight_base::Span;

/// One wall, in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boundary {
    /// The environment that is taken as hostile.
    pub from: EnvironmentId,
    /// The environment that is kept.
    pub to: EnvironmentId,
    /// On which channels nothing gets across. By default on all that are examined.
    pub promises: Vec<Spanned<Promise>>,
    /// What is let through for a time. None has expired.
    pub exceptions: Vec<Exception>,
    /// Where it is listed, or the environment that is kept.
    pub span: Span,
}

/// The channel on which something is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// No connection is opened.
    Network,
    /// Nothing is done through the API server.
    Api,
}

impl Promise {
    /// All promises, in the order in which they are printed.
    pub const ALL: [Self; 2] = [Self::Network, Self::Api];

    /// The name of the channel.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Api => "api",
        }
    }
}

/// What is let through a wall for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// What is let through.
    pub allows: ExceptionAllows,
    /// Why.
    pub reason: Spanned<String>,
    /// Who answers for it.
    pub owner: Spanned<String>,
    /// The last day on which it holds.
    pub expires: Spanned<Date>,
    /// Where it is listed.
    pub span: Span,
}

/// What an exception lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExceptionAllows {
    /// A connection, although [`Promise::Network`] is given.
    Connection {
        /// The application that opens it; `None` for any pod of the `from` side.
        from: Option<Spanned<ApplicationId>>,
        /// The application that is called.
        to: Spanned<ApplicationId>,
        /// The ports of its containers, at least one.
        ports: Vec<Spanned<u16>>,
        /// The protocol.
        protocol: Spanned<Protocol>,
    },
    /// A right on the `to` side, although [`Promise::Api`] is given.
    Access {
        /// Who.
        subject: Spanned<Subject>,
        /// What they may do.
        role: Spanned<Role>,
    },
}

/// Somebody, as the API server knows them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A user.
    User(String),
    /// A group.
    Group(String),
    /// A ServiceAccount.
    ServiceAccount(ServiceAccountRef),
}
