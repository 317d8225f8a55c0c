//! A pattern of the model, compiled when first needed.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

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
        self.compiled.get_or_init(|| compile(self.syntax?)).as_ref()
    }
}

/// AWS: `\w`, `\d` and `\s` are ASCII. Where the pattern has classes that Rust only knows in Unicode, all are.
fn compile(syntax: &str) -> Option<Regex> {
    let whole = format!(r"\A(?:{syntax})\z");
    RegexBuilder::new(&whole).unicode(false).build().or_else(|_| Regex::new(&whole)).ok()
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_is_about_the_whole_text() {
        let pattern = Pattern::new("[a-z]+|[0-9]+");
        assert!(pattern.matches("abc") && pattern.matches("12"));
        assert!(!pattern.matches("abc1") && !pattern.matches(""));
    }

    #[test]
    fn word_characters_are_ascii() {
        assert!(Pattern::new(r"\w+").matches("az_9"));
        assert!(!Pattern::new(r"\w+").matches("ä"));
        assert!(Pattern::new(r"[^/]+").matches("ä"));
    }

    #[test]
    fn what_is_not_checked_matches() {
        assert!(Pattern::unchecked("(?!x)").matches("x"));
        assert!(Pattern::translated(r"(?!\s*$).+", r".*\S.*").matches(" a"));
        assert!(!Pattern::new("(?!x)").compiles());
    }
}
