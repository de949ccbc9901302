//! Vocabulary with laws: names, label selectors, port, address and connection sets, evidence, diagnostics.
//!
//! Everything here is a plain value with an algebra that property tests pin down. Nothing here knows what a Pod or a
//! policy is; `watertight-model` builds those from this.

mod address_partition;
mod addresses;
mod connections;
mod diagnostics;
mod evidence;
mod fingerprint;
mod intervals;
mod label_space;
mod labels;
mod names;
mod ports;
mod quantity;
mod sealed;
mod source;
pub mod words;

pub use address_partition::AddressPartition;
pub use addresses::AddressSet;
pub use connections::{ConnectionSet, Protocol};
pub use diagnostics::{Diagnostic, Severity};
pub use evidence::{SourceId, Span};
pub use fingerprint::fingerprint;
pub use intervals::{IntervalSet, Point};
pub use label_space::{Escape, LabelBox, ValueSet};
pub use labels::{Labels, Operator, Requirement, Selector};
pub use names::{NameError, dns_label, dns_subdomain, label_key, label_value, path_segment, port_name};
pub use ports::PortSet;
pub use quantity::{Quantity, QuantityError};
pub use sealed::{Sealed, SealedIndex, SealedLogin};
pub use source::{Position, Source};
