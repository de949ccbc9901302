//! Certificates that the engine writes, and what else somebody could write, against the checker.

#[cfg(test)]
mod acceptance;
mod addresses;
#[cfg(test)]
mod bound;
#[cfg(test)]
mod by_hand;
#[cfg(test)]
mod claimed;
#[cfg(test)]
mod clusters;
#[cfg(test)]
mod common;
mod contents;
#[cfg(test)]
mod creatable;
#[cfg(test)]
mod declared;
#[cfg(test)]
mod empty;
#[cfg(test)]
mod every_kind;
#[cfg(test)]
mod forgeries;
#[cfg(test)]
mod labels;
#[cfg(test)]
mod missing_roles;
#[cfg(test)]
mod moved;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod narrow;
mod nodes;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod params;
#[cfg(test)]
mod passing;
#[cfg(test)]
#[path = "../../../channels/network/tests/support/plain.rs"]
mod plain;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod published;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod steered;
#[cfg(test)]
mod strictly;
#[cfg(test)]
mod unseen;
mod unseen_kinds;
