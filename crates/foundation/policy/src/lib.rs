//! Policy documents: who may do what with which resource, and when.
//!
//! Pure: it reads a document, and says what it means for a request; it knows no service, no store and no clock. What a
//! service limits beyond the language (how long, which actions, whose resources), and the words in which it refuses, are
//! the service's. Which side says what, and what that comes to, is in [`decide`] (ADR 20). Start reading at [`Policy`].

mod ask;
mod condition;
mod context;
mod decide;
mod document;
mod operator;
mod pattern;
mod principal;
mod value;

pub use ask::{Resource, Sending, ask, ask_for};
pub use condition::Condition;
pub use context::{Context, Facts};
pub use decide::{Outcome, Side, Sides, Spoken, decide};
pub use document::{Effect, Malformed, Policy, Request, Statement, Verdict};
pub use pattern::Pattern;
pub use principal::{Principal, Principals, Who};
