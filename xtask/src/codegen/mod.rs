//! `xtask codegen`: writes the api crates from the public models and the house's overrides.
//!
//! [`source`] finds the models, [`model`] and [`overrides`] read them, the others each write one file of a crate.

mod crate_root;
mod errors;
mod model;
mod names;
mod operations;
mod overrides;
mod patterns;
mod service;
mod shapes;
mod source;
mod types;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use model::Model;
pub(crate) use overrides::Overrides;
use source::{Source, SourceService};

/// Generates the tables and types of the api crates.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write nothing; fail if a file differs from what would be written.
    #[arg(long)]
    check: bool,
    /// Only these services, by the folder of their crate.
    services: Vec<String>,
}

/// What the writers are told about the service they write.
struct Input<'a> {
    source: &'a Source,
    service: &'a SourceService,
    model: &'a Model,
    overrides: &'a Overrides,
}

/// A file to be, by its path below the crate's `src`.
struct File {
    name: &'static str,
    text: String,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let root = crate::house::root();
    let source = Source::read(&root.join("models"))?;
    let mut wheel = source.open_wheel(&root.join("target/models"))?;
    let mut stale = Vec::new();
    for service in source.services.iter().filter(|s| args.services.is_empty() || args.services.contains(&s.dir)) {
        let mut model = Model::parse(&wheel.model(&service.model)?).with_context(|| service.dir.clone())?;
        let overrides = Overrides::read(&root.join("models/overrides"), &service.dir, &mut model)?;
        let input = Input { source: &source, service, model: &model, overrides: &overrides };
        let folder = root.join("crates/api").join(&service.dir).join("src");
        for file in files(&input).with_context(|| service.dir.clone())? {
            place(&folder.join(file.name), &file.text, args.check, &mut stale)?;
        }
    }
    report(args.check, &stale)
}

fn files(input: &Input) -> Result<Vec<File>> {
    Ok(vec![
        File { name: "lib.rs", text: crate_root::write(input) },
        File { name: "shapes.rs", text: shapes::write(input)? },
        File { name: "operations.rs", text: operations::write(input) },
        File { name: "errors.rs", text: errors::write(input) },
        File { name: "types.rs", text: types::write(input)? },
        File { name: "service.rs", text: service::write(input) },
    ])
}

/// Writes the file if it differs, or only notes that it does.
fn place(path: &Path, text: &str, check: bool, stale: &mut Vec<PathBuf>) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    stale.push(path.to_owned());
    if !check {
        fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn report(check: bool, stale: &[PathBuf]) -> Result<()> {
    for path in stale {
        println!("{} {}", if check { "differs:" } else { "wrote" }, path.display());
    }
    if check && !stale.is_empty() {
        bail!("{} generated files differ: run `cargo xtask codegen` and commit what it writes", stale.len());
    }
    Ok(())
}
