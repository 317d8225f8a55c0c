//! Event patterns: which events EventBridge, Pipes and event source mappings pass on. SNS's filter policies
//! (`crate::filter_policy`) are the same language.
//!
//! Start at [`Pattern::parse`]. `reader` takes the text apart, `compile` and `operators` make tests of it, `event` looks
//! for the values in an event that they are about. Where an event is held against many patterns, [`RuleSet`] has them
//! compiled into one.

mod anything_but;
mod cidr;
mod compile;
mod error;
mod event;
mod matcher;
mod number;
mod operators;
mod reader;
mod rules;
#[cfg(test)]
mod tests;
mod wildcard;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use error::PatternError;
use matcher::Matcher;
pub use rules::RuleSet;
use serde_json::Value;

/// What must hold of every path at once, by the path's names joined with dots, in their order.
pub(crate) type Rule = BTreeMap<String, Tests>;

/// What one path's value may be.
#[derive(Clone, Debug)]
pub(crate) struct Tests {
    pub(crate) any_of: Arc<[Matcher]>,
    /// How many names the path has.
    pub(crate) depth: usize,
}

/// How large a number a pattern may compare with, which isn't the same for every service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    pub(crate) largest: f64,
}

/// EventBridge's, and so everybody's but SNS's.
const NUMBERS: Numbers = Numbers { largest: 5e9 };

/// An event pattern, checked and ready to be matched.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// One for every combination of `$or`'s branches: an event matches if one of them holds.
    rules: Vec<Rule>,
}

impl Pattern {
    /// `text` is a pattern's JSON. The error has AWS's reason, as EventBridge puts it after
    /// `Event pattern is not valid. Reason: `.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Self::with_numbers(text, NUMBERS)
    }

    pub(crate) fn with_numbers(text: &str, numbers: Numbers) -> Result<Self, PatternError> {
        compile::compile(text, numbers).map(|rules| Self { rules })
    }

    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        self.rules.iter().any(|rule| event::holds(rule, event))
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }
}
