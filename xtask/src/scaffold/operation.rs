//! `cargo xtask new-op dynamodb ExportTableToPointInTime`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{names, text};
use crate::{house, run};

const TEMPLATE: &str = include_str!("../../templates/operation.rs.txt");

#[derive(clap::Args)]
pub(crate) struct OpArgs {
    /// The service's folder, such as dynamodb.
    service: String,
    /// The operation as AWS spells it, such as PutItem.
    operation: String,
}

/// The four places an operation touches.
struct Place {
    service: String,
    operation: String,
    /// `put_item`
    snake: String,
    folder: PathBuf,
}

/// # Errors
/// If the service isn't begun, the operation isn't one of its model, or it is there already. Nothing is changed then.
pub(crate) fn new_op(args: &OpArgs) -> Result<()> {
    let place = Place::of(args)?;
    let file = place.folder.join(format!("src/ops/{}.rs", place.snake));
    if file.exists() {
        bail!("{} is there already", file.display());
    }
    let edits = place.edits()?;
    let service = place.service_struct()?;
    list_and_generate(&place)?;
    house::write(&file, &place.filled(&service))?;
    for (path, text) in &edits {
        house::write(path, text)?;
    }
    run::quiet(run::cargo().args(["fmt", "--package", &format!("updraft-{}", place.service)]))?;
    println!("{} is begun in {}", place.operation, relative(&file));
    println!("next: write its test and its handler (docs/how-to/operation.md), then `cargo xtask compat`");
    Ok(())
}

impl Place {
    fn of(args: &OpArgs) -> Result<Self> {
        if !names::is_operation(&args.operation) {
            bail!("{:?} isn't spelled as AWS spells operations, such as PutItem", args.operation);
        }
        if !house::services()?.contains(&args.service) {
            bail!("there is no models/overrides/{}.toml; services: {}", args.service, house::services()?.join(" "));
        }
        let folder = house::root().join("crates/services").join(&args.service);
        if !folder.join("src/ops").is_dir() {
            bail!("the service isn't begun: `cargo xtask new-service {}` first", args.service);
        }
        let snake = names::snake(&args.operation);
        Ok(Self { service: args.service.clone(), operation: args.operation.clone(), snake, folder })
    }

    fn filled(&self, struct_name: &str) -> String {
        let filled = TEMPLATE.replace("{Op}", &self.operation).replace("{op}", &self.snake);
        filled.replace("{svc}", &self.service).replace("{Service}", struct_name)
    }

    /// The built operation that stands next to this one in every sorted list; none in a new service.
    fn sibling(&self) -> Result<Option<String>> {
        let built = house::implemented(&self.service)?;
        let before = built.iter().rev().find(|name| **name < self.operation);
        Ok(before.or(built.first()).cloned())
    }

    /// The files that name each operation, with this one named beside its sibling and in the same way.
    fn edits(&self) -> Result<Vec<(PathBuf, String)>> {
        let ops = self.folder.join("src/ops/mod.rs");
        let Some(sibling) = self.sibling()? else { return self.first_edits(ops) };
        let copy = text::Copy::new(&sibling, &self.operation);
        let lists = ["src/lib.rs", "src/operations.rs"].map(|file| self.folder.join(file));
        let mut edits = vec![(ops.clone(), copy.beside(&house::read(&ops)?)?)];
        for list in lists.iter().filter(|list| list.is_file()) {
            let text = house::read(list)?;
            if copy.is_named(&text) {
                edits.push((list.clone(), copy.beside(&text)?));
                return Ok(edits);
            }
        }
        bail!("no line of lib.rs or operations.rs delegates to {sibling}, beside which this one belongs")
    }

    /// As `new-service` has laid the files.
    fn first_edits(&self, ops: PathBuf) -> Result<Vec<(PathBuf, String)>> {
        let lib = self.folder.join("src/lib.rs");
        let Self { operation, snake, .. } = self;
        let line = format!("    {snake}({operation}Input) -> {operation}Output;");
        let delegated = text::insert_at_end_of_block(&house::read(&lib)?, |l| l == "delegate! {", &line)?;
        let declared =
            text::insert_sorted(&house::read(&ops)?, "pub(crate) mod ", &format!("pub(crate) mod {snake};"))?;
        Ok(vec![(lib, delegated), (ops, declared)])
    }

    /// The struct that handlers take, which has the name of the generated trait.
    fn service_struct(&self) -> Result<String> {
        super::service::interface(&self.service)
    }
}

/// Adds the name to the overrides and regenerates; the overrides are as before where that fails.
fn list_and_generate(place: &Place) -> Result<()> {
    let path = house::root().join(format!("models/overrides/{}.toml", place.service));
    let before = house::read(&path)?;
    let mut listed = house::implemented(&place.service)?;
    if listed.contains(&place.operation) {
        bail!("{} is listed in {} already", place.operation, relative(&path));
    }
    listed.push(place.operation.clone());
    listed.sort();
    house::write(&path, &text::with_operation(&before, &listed)?)?;
    run::codegen(false).or_else(|err| {
        house::write(&path, &before)?;
        Err(err).with_context(|| format!("the api crate can't be made with {}", place.operation))
    })
}

fn relative(path: &Path) -> String {
    path.strip_prefix(house::root()).unwrap_or(path).display().to_string()
}
