//! A pattern of the model, compiled when first needed.

use std::sync::OnceLock;

use regex::Regex;

/// The text of a pattern, as AWS shows it in messages, and what the house matches with.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    /// The same in the syntax of [`regex`], where that differs; `None`: not checked.
    syntax: Option<&'static str>,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { text, syntax: Some(text), compiled: OnceLock::new() }
    }

    /// A pattern that had to be translated by hand.
    #[must_use]
    pub const fn translated(text: &'static str, syntax: &'static str) -> Self {
        Self { text, syntax: Some(syntax), compiled: OnceLock::new() }
    }

    /// A pattern that is known and not checked.
    #[must_use]
    pub const fn unchecked(text: &'static str) -> Self {
        Self { text, syntax: None, compiled: OnceLock::new() }
    }

    #[must_use]
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Whether the whole of `value` matches; always, for a pattern that is not checked.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        self.regex().is_none_or(|regex| regex.is_match(value))
    }

    /// Whether the pattern can be used: the generator's check.
    #[must_use]
    pub fn compiles(&self) -> bool {
        self.syntax.is_none() || self.regex().is_some()
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&format!(r"\A(?:{})\z", self.syntax?)).ok()).as_ref()
    }
}
