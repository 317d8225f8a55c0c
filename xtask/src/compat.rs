//! `cargo xtask compat`: COMPAT.md, made from the tables of the generated api crates, so that it can't lie.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Result, bail};

use crate::codegen::Overrides;
use crate::house;

const INTRO: &str = "<!-- Made by `cargo xtask compat`; don't edit. -->

# What of AWS is built

Every operation of every service below is known by name: requests to one that isn't built yet are recognised and
answered with `NotImplemented` in the service's own protocol. A service's operations are listed in the order of their names.

";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Change nothing; fail if COMPAT.md isn't what it should be.
    #[arg(long)]
    check: bool,
}

/// # Errors
/// If the api crates can't be read, or with `--check` if COMPAT.md is stale.
pub(crate) fn run(args: &Args) -> Result<()> {
    if args.check {
        return check();
    }
    let path = house::root().join("COMPAT.md");
    house::write(&path, &page()?)?;
    println!("COMPAT.md is written");
    Ok(())
}

/// # Errors
/// If COMPAT.md isn't what the code says.
pub(crate) fn check() -> Result<()> {
    let found = house::read(&house::root().join("COMPAT.md")).unwrap_or_default();
    if found != page()? {
        bail!("COMPAT.md isn't what the code says: run `cargo xtask compat`");
    }
    println!("COMPAT.md is what the code says");
    Ok(())
}

struct Service {
    name: String,
    operations: Vec<(String, bool)>,
    /// Why an operation isn't built, where there is more to say than that it isn't yet.
    reasons: BTreeMap<String, String>,
}

impl Service {
    fn read(name: &str) -> Result<Self> {
        let reasons = Overrides::of(&house::root().join("models/overrides"), name)?.reasons;
        Ok(Self { name: name.to_owned(), operations: operations(name)?, reasons })
    }

    fn built(&self) -> usize {
        self.operations.iter().filter(|(_, built)| *built).count()
    }
}

fn page() -> Result<String> {
    let services = house::services()?.iter().map(|name| Service::read(name)).collect::<Result<Vec<_>>>()?;
    let mut page = INTRO.to_owned();
    overview(&mut page, &services)?;
    for service in &services {
        table(&mut page, service)?;
    }
    Ok(page)
}

fn overview(page: &mut String, services: &[Service]) -> Result<()> {
    writeln!(page, "| service | built | of |\n|---|---:|---:|")?;
    for service in services {
        let Service { name, operations, .. } = service;
        writeln!(page, "| [{name}](#{name}) | {} | {} |", service.built(), operations.len())?;
    }
    let built: usize = services.iter().map(Service::built).sum();
    let all: usize = services.iter().map(|s| s.operations.len()).sum();
    writeln!(page, "| **all** | **{built}** | **{all}** |")?;
    Ok(())
}

fn table(page: &mut String, service: &Service) -> Result<()> {
    writeln!(page, "\n## {}\n\n| operation | built |\n|---|---|", service.name)?;
    for (operation, built) in &service.operations {
        match (built, service.reasons.get(operation)) {
            (true, _) => writeln!(page, "| {operation} | yes |")?,
            (false, None) => writeln!(page, "| {operation} | no |")?,
            (false, Some(reason)) => writeln!(page, "| {operation} | no: {reason} |")?,
        }
    }
    Ok(())
}

/// The rows of the generated table: `operation(7, "PutItem", …).implemented()…`. An operation marked as implemented
/// has a required method in the service's trait, so the mark is true or the binary doesn't compile.
fn operations(service: &str) -> Result<Vec<(String, bool)>> {
    let path = house::root().join("crates/api").join(service).join("src/operations.rs");
    let mut rows: Vec<(String, bool)> = house::read(&path)?.lines().filter_map(row).collect();
    rows.sort();
    if rows.is_empty() {
        bail!("{} has no table of operations: run `cargo xtask codegen`", path.display());
    }
    Ok(rows)
}

fn row(line: &str) -> Option<(String, bool)> {
    let inside = line.trim_start().strip_prefix("operation(")?;
    let (_, from_name) = inside.split_once('"')?;
    let (name, rest) = from_name.split_once('"')?;
    Some((name.to_owned(), rest.contains(".implemented()")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_say_their_name_and_whether_they_are_built() {
        let built =
            "    operation(3, \"PutItem\", \"dynamodb:PutItem\").input(&shapes::PutItem).implemented().errors(&[]),";
        assert_eq!(row(built), Some(("PutItem".to_owned(), true)));
        assert_eq!(row("operation(0, \"A\", \"x:A\").read_only(),"), Some(("A".to_owned(), false)));
        assert_eq!(row("static OPERATIONS: [Operation; 2] = ["), None);
    }
}
