//! Licences of everything we depend on, against deny.toml's allow-list (so that no further tool is needed for it).

use anyhow::{Context, Result};
use serde::Deserialize;
use toml::{Table, Value};

use super::Finding;
use crate::{house, run};

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

pub(crate) fn check() -> Result<Vec<Finding>> {
    let allowed = allowed()?;
    let json = run::quiet(run::cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Metadata = serde_json::from_str(&json).context("cargo metadata")?;
    let foreign = metadata.packages.iter().filter(|package| package.source.is_some());
    Ok(foreign.filter_map(|package| judge(package, &allowed)).collect())
}

fn judge(package: &Package, allowed: &[String]) -> Option<Finding> {
    let Package { name, version, license, source } = package;
    if !source.as_deref().is_some_and(|s| s.starts_with("registry+")) {
        return Some(Finding::Wrong(format!("{name} {version} comes from no registry")));
    }
    let terms = license.as_deref().unwrap_or("none");
    let fine = is_allowed(terms, allowed);
    (!fine)
        .then(|| Finding::Wrong(format!("{name} {version} has the licence {terms:?}, which deny.toml doesn't allow")))
}

fn allowed() -> Result<Vec<String>> {
    let table: Table = house::read(&house::root().join("deny.toml"))?.parse().context("deny.toml")?;
    let list = table.get("licenses").and_then(|l| l.get("allow")).and_then(Value::as_array);
    let list = list.context("deny.toml has no [licenses] allow")?;
    Ok(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// An SPDX expression: any of its `OR` sides (old: `/`), all of an `AND`. Parentheses as in SPDX.
fn is_allowed(terms: &str, allowed: &[String]) -> bool {
    let spaced = terms.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words, allowed };
    parser.any() && parser.words.is_empty()
}

struct Parser<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> bool {
        let mut fine = self.all();
        while self.take("OR") {
            fine |= self.all();
        }
        fine
    }

    fn all(&mut self) -> bool {
        let mut fine = self.one();
        while self.take("AND") {
            fine &= self.one();
        }
        fine
    }

    fn one(&mut self) -> bool {
        if self.take("(") {
            let fine = self.any();
            return self.take(")") && fine;
        }
        let Some(mut name) = self.next().map(str::to_owned) else { return false };
        if self.take("WITH") {
            name = format!("{name} WITH {}", self.next().unwrap_or_default());
        }
        self.allowed.contains(&name)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.next();
        }
        found
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fine(terms: &str) -> bool {
        is_allowed(terms, &["MIT".to_owned(), "Apache-2.0 WITH LLVM-exception".to_owned()])
    }

    #[test]
    fn expressions_are_read_as_spdx_says() {
        assert!(fine("MIT"));
        assert!(fine("GPL-3.0 OR MIT"));
        assert!(fine("GPL-3.0/MIT"));
        assert!(fine("(GPL-3.0 OR MIT) AND MIT"));
        assert!(fine("Apache-2.0 WITH LLVM-exception"));
        assert!(!fine("MIT AND GPL-3.0"));
        assert!(!fine("Apache-2.0"));
        assert!(!fine("MIT AND"));
        assert!(!fine("none"));
    }
}
