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

/// Where an operation goes.
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
    let rooms = place.folder.join("src/ops/mod.rs");
    let listed =
        text::insert_sorted(&house::read(&rooms)?, "pub(crate) mod ", &format!("pub(crate) mod {};", place.snake))?;
    let service = place.service_struct()?;
    list_and_generate(&place)?;
    house::write(&file, &place.filled(&service))?;
    house::write(&rooms, &listed)?;
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
