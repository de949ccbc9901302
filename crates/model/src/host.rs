//! A host as objects name it: an address, or a name that somebody resolves.

use std::fmt;
use std::net::IpAddr;

/// An address or a DNS name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// An IP address.
    Address(IpAddr),
    /// A name, as it is written. What it resolves to is not known, unless it is the name of a Service.
    Name(String),
}

impl Host {
    /// What a text means: an address if it is one, else a name.
    #[must_use]
    pub fn of(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Address)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}
