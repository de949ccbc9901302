//! What the API server would refuse or change in single values.

pub(crate) mod address;
pub(crate) mod cidr;
pub(crate) mod labels;
pub(crate) mod names;
pub(crate) mod pod_security;
