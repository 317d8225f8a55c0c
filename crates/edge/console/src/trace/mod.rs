//! What a history comes to: which states were visited when, within which, and how that went.

mod event;
mod fold;
mod history;
mod known;
mod outcome;
mod visit;
mod why;

pub(crate) use event::{Event, assigned, details};
pub(crate) use fold::{Trace, fold};
pub(crate) use history::History;
pub(crate) use known::Known;
pub(crate) use outcome::Outcome;
pub(crate) use visit::{Pick, Visit};
pub(crate) use why::why;
