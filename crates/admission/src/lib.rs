//! What the API server admits: which objects somebody who may write a kind could come to have.
//!
//! The question is about objects that nobody has written yet. So what is judged is a draft, of which some fields are known
//! and all others may be anything. A draft is refused only if every object that fits it would be; where that cannot be
//! shown, it may be admitted.
//!
//! Beside that stands whom the server asks on the way: webhooks and policies, by what they say to be about.

mod asked;
mod draft;
pub mod pod_security;
mod policies;

pub use asked::{Asked, Request, asked, by_namespace};
pub use draft::{Known, Others};
pub use policies::{Admission, Coming, Draft, Operation, Refusal, Wanted};
