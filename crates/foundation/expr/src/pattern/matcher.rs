//! One test of one value.

use serde_json::Value;

use super::cidr::Block;
use super::number::{self, Range};
use super::wildcard::Wildcard;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Matcher {
    Text(String),
    /// `value`: as it is compared, none where it can't be; then its text has to be the same.
    Number {
        value: Option<i64>,
        text: String,
    },
    Bool(bool),
    Null,
    Prefix(String),
    Suffix(String),
    /// In small letters, as the two below.
    IgnoreCase(String),
    PrefixIgnoreCase(String),
    SuffixIgnoreCase(String),
    Wildcard(Wildcard),
    Range(Range),
    Cidr(Block),
    Exists,
    /// Holds of no value: see [`super::event`].
    Absent,
    AnythingBut(Vec<Matcher>),
}

impl Matcher {
    /// `value` is neither an object nor a list.
    pub(super) fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Exists, _) => true,
            (Self::Absent, _) => false,
            (Self::AnythingBut(unwanted), value) => !unwanted.iter().any(|matcher| matcher.holds(value)),
            (matcher, Value::String(text)) => matcher.holds_of_text(text),
            (Self::Number { value, text }, Value::Number(found)) => {
                let found = found.to_string();
                *text == found || (value.is_some() && *value == number::comparable(&found))
            }
            (Self::Range(range), Value::Number(found)) => {
                number::comparable(&found.to_string()).is_some_and(|value| range.holds(value))
            }
            (Self::Bool(wanted), Value::Bool(found)) => wanted == found,
            (Self::Null, Value::Null) => true,
            _ => false,
        }
    }

    fn holds_of_text(&self, text: &str) -> bool {
        match self {
            Self::Text(wanted) => text == wanted,
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Self::IgnoreCase(wanted) => text.to_lowercase() == *wanted,
            Self::PrefixIgnoreCase(prefix) => text.to_lowercase().starts_with(prefix.as_str()),
            Self::SuffixIgnoreCase(suffix) => text.to_lowercase().ends_with(suffix.as_str()),
            Self::Wildcard(wildcard) => wildcard.holds(text),
            Self::Cidr(block) => block.holds(text),
            _ => false,
        }
    }
}
