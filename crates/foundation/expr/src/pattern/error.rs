//! What AWS says of a pattern that it doesn't accept.

use std::borrow::Cow;

/// Why a pattern isn't one, in AWS's words; services put their own in front of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}{place}")]
pub struct PatternError {
    reason: Cow<'static, str>,
    place: String,
}

impl PatternError {
    /// A reason that names no place in the pattern.
    pub(crate) fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into(), place: String::new() }
    }

    /// The same, with one more place.
    pub(super) fn and_at(mut self, place: &str) -> Self {
        self.place.push_str("\n at ");
        self.place.push_str(place);
        self
    }

    /// The reason without the place, which is what most of AWS's own error messages begin with.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
