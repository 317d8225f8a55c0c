//! xtask/tidy.toml: what is allowed although a rule says no, each with its reason.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::house;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exceptions {
    /// File → why it may be longer than the limit.
    pub(crate) long_files: BTreeMap<String, String>,
    /// Crate folder → why it has a lint table of its own.
    pub(crate) own_lints: BTreeMap<String, String>,
    /// Folder or file prefixes that hold generated text.
    pub(crate) generated: Vec<String>,
    /// File → why it may say what is forbidden.
    pub(crate) may_say: BTreeMap<String, String>,
    /// What no file may say, each with the reason that is printed.
    pub(crate) forbidden_words: BTreeMap<String, String>,
}

impl Exceptions {
    pub(crate) fn is_generated(&self, file: &str) -> bool {
        self.generated.iter().any(|prefix| file.starts_with(prefix.as_str()))
    }
}

pub(crate) fn read() -> Result<Exceptions> {
    let text = house::read(&house::root().join("xtask/tidy.toml"))?;
    toml::from_str(&text).context("xtask/tidy.toml")
}
