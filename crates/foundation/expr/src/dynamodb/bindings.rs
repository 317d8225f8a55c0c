//! What `#name` and `:value` stand for in a request's expressions, and which of them were used.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Invalid;
use super::value::{AttributeValue, Item};

/// The placeholders of one request. All its expressions are parsed with the same bindings.
#[derive(Debug, Default)]
pub struct Bindings {
    names: BTreeMap<String, String>,
    values: Item,
    used_names: BTreeSet<String>,
    used_values: BTreeSet<String>,
}

impl Bindings {
    /// `ExpressionAttributeNames` and `ExpressionAttributeValues`; `None` where the request has none.
    ///
    /// # Errors
    /// If one is given yet empty, or a placeholder isn't `#` or `:` and letters, digits and underscores.
    pub fn new(names: Option<BTreeMap<String, String>>, values: Option<Item>) -> Result<Self, Invalid> {
        check_keys("ExpressionAttributeNames", '#', names.as_ref().map(|n| n.keys()))?;
        check_keys("ExpressionAttributeValues", ':', values.as_ref().map(|v| v.keys()))?;
        Ok(Self { names: names.unwrap_or_default(), values: values.unwrap_or_default(), ..Self::default() })
    }

    pub(super) fn name(&mut self, placeholder: &str) -> Option<String> {
        let name = self.names.get(placeholder)?.clone();
        self.used_names.insert(placeholder.to_owned());
        Some(name)
    }

    pub(super) fn value(&mut self, placeholder: &str) -> Option<AttributeValue> {
        let value = self.values.get(placeholder)?.clone();
        self.used_values.insert(placeholder.to_owned());
        Some(value)
    }

    /// After all expressions have been parsed.
    ///
    /// # Errors
    /// If a placeholder is in none of them.
    pub fn check_all_used(&self) -> Result<(), Invalid> {
        unused("ExpressionAttributeNames", self.names.keys(), &self.used_names)?;
        unused("ExpressionAttributeValues", self.values.keys(), &self.used_values)
    }
}

fn check_keys<'a>(
    parameter: &str,
    sigil: char,
    keys: Option<impl ExactSizeIterator<Item = &'a String>>,
) -> Result<(), Invalid> {
    let Some(mut keys) = keys else { return Ok(()) };
    if keys.len() == 0 {
        return Err(Invalid::new(format!("{parameter} must not be empty")));
    }
    match keys.find(|key| !is_placeholder(key, sigil)) {
        None => Ok(()),
        Some(key) => Err(Invalid::new(format!("{parameter} contains invalid key: Syntax error; key: \"{key}\""))),
    }
}

fn is_placeholder(key: &str, sigil: char) -> bool {
    key.strip_prefix(sigil)
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

fn unused<'a>(parameter: &str, keys: impl Iterator<Item = &'a String>, used: &BTreeSet<String>) -> Result<(), Invalid> {
    let left: Vec<&str> = keys.filter(|key| !used.contains(*key)).map(String::as_str).collect();
    if left.is_empty() {
        return Ok(());
    }
    let left = left.join(", ");
    Err(Invalid::new(format!("Value provided in {parameter} unused in expressions: keys: {{{left}}}")))
}
