//! `cargo xtask compat`: COMPAT.md, made from the generated api crates (which operations exist) and
//! models/overrides (which of them are built), so that it can't lie.

use std::fmt::Write;

use anyhow::{Context, Result, bail};

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
}

impl Service {
    fn read(name: &str) -> Result<Self> {
        let built = house::implemented(name)?;
        let known = operations(name)?;
        if let Some(stray) = built.iter().find(|op| !known.contains(op)) {
            bail!("models/overrides/{name}.toml lists {stray}, which the generated crate doesn't know");
        }
        let operations = known.into_iter().map(|op| (op.clone(), built.contains(&op))).collect();
        Ok(Self { name: name.to_owned(), operations })
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
        let Service { name, operations } = service;
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
        writeln!(page, "| {operation} | {} |", if *built { "yes" } else { "–" })?;
    }
    Ok(())
}

/// The names of all operations of the generated crate, sorted.
fn operations(service: &str) -> Result<Vec<String>> {
    let folder = house::root().join("crates/api").join(service).join("src");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("crates/api/{service} isn't there"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "rs") {
            names.extend(named(&house::read(&path)?));
        }
    }
    names.sort();
    names.dedup();
    if names.is_empty() {
        bail!("crates/api/{service} has no table of operations: run `cargo xtask codegen`");
    }
    Ok(names)
}

/// Reads `Operation { name: "PutItem", …` as the generator writes it.
fn named(text: &str) -> Vec<String> {
    let starts = text.match_indices("Operation {").filter_map(|(at, head)| text.get(at + head.len()..));
    let names = starts.filter_map(|rest| rest.trim_start().strip_prefix("name: \"")?.split('"').next());
    names.map(str::to_owned).collect()
}
