//! The Common Expression Language, as far as policies are decided: expressions are checked as the API server checks
//! them when a policy is written, and evaluated for all objects that fit a draft at once.
//!
//! Sources: <https://github.com/google/cel-spec/blob/master/doc/langdef.md>,
//! <https://kubernetes.io/docs/reference/using-api/cel/>.

mod arithmetic;
mod check;
mod comparing;
mod constants;
mod cost;
mod evaluate;
mod functions;
mod macros;
mod pattern;
mod signatures;
mod types;
mod value;

#[cfg(test)]
mod tests;

pub(super) use check::{Checker, NotTaken};
pub(super) use cost::is_cheap;
pub(super) use evaluate::{Inputs, evaluate};
pub(super) use types::Type;
pub(super) use value::{Field, Outcome, Value};
