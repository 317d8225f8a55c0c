//! Who evaluates the language.

mod core;
mod functions;
mod guard;
mod scope;
mod values;
mod words;

use std::collections::BTreeSet;

use serde_json::Value;

pub(super) use self::core::suite;
use super::Bindings;

/// The engine that is in use.
pub(super) type Chosen = self::core::Core;

/// What went wrong: a message with its code in front, where the language has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) String);

/// A parsed expression. It is kept in compiled definitions, which threads share.
pub(crate) trait Program: Clone + std::fmt::Debug + Send + Sync {
    /// The variables that it reads and doesn't set, without their `$`.
    fn free(&self) -> &BTreeSet<String>;
}

/// An implementation of the language, with what one evaluation, or several of the same bindings, need.
pub(crate) trait Engine: Sized {
    type Program: Program;

    fn parse(text: &str) -> Result<Self::Program, Fault>;

    /// Only `wanted` of the bindings are taken over.
    fn new(bindings: &Bindings<'_>, wanted: &BTreeSet<String>) -> Self;

    /// None: it found nothing.
    fn evaluate(&mut self, program: &Self::Program) -> Result<Option<Value>, Fault>;
}
