//! A slow, plain evaluator written from the specifications, to hold the engine against (development only).
//!
//! It answers one question at a time, may this packet pass?, by walking over the objects as a reader of the rules
//! N1 to N70 would, and shares no code with the engine: it reads the model's fields and matches selectors, addresses
//! and ports by itself. Where an answer depends on something that the snapshot does not fix (the labels of a namespace
//! without an object, the node or the address of a pod, the pods that do not exist yet), the caller fixes it in the
//! [`Endpoint`]; [`candidates`] and [`placement`] list what could be fixed. So the evaluator always looks at one concrete
//! world, and "may" over many worlds is the tester's loop.

pub mod attacker;
pub mod build;
pub mod candidates;
pub mod choices;
pub mod conformance;
mod endpoint;
mod evaluate;
pub mod expressions;
mod faults;
pub mod generate;
pub mod manifests;
mod matching;
pub mod placement;
pub mod probe;
mod random;
pub mod rbac;
pub mod reading;
mod replay;
mod tiers;

pub use choices::{Choices, OpenPoints};
pub use endpoint::{ConcretePod, Endpoint, Identity};
pub use evaluate::{Evaluator, PolicySet, Refused};
pub use faults::Faults;
pub use random::Random;
pub use reading::Reading;
pub use replay::replay;
