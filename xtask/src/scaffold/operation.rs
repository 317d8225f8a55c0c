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
    house::write(&file, &place.filled(&service, &place.answer()?))?;
    house::write(&rooms, &listed)?;
    run::quiet(run::cargo().args(["fmt", "--package", &format!("updraft-{}", place.service)]))?;
    println!("{} is begun in {}", place.operation, relative(&file));
    println!("next: write its test and its handler (docs/how-to/operation.md), then `cargo xtask compat`");
    Ok(())
}

/// What a handler answers.
struct Answer {
    /// `PutItemOutput`, or `Streaming<WatchOutput, Weather>`.
    shown: String,
    types: Vec<String>,
}

impl Answer {
    /// `answer` is written as in the trait, with its types in `types::`.
    fn of(answer: &str) -> Self {
        let name = |rest: &str| rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        Self { shown: answer.replace("types::", ""), types: answer.split("types::").skip(1).map(name).collect() }
    }
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

    fn filled(&self, struct_name: &str, answer: &Answer) -> String {
        let streaming = if answer.shown.starts_with("Streaming<") {
            format!("use updraft_api_{}::service::Streaming;\n", self.service)
        } else {
            String::new()
        };
        let types = format!("{}Input, {}", self.operation, answer.types.join(", "));
        let filled = TEMPLATE.replace("{streaming}", &streaming).replace("{types}", &types);
        let filled = filled.replace("{Answer}", &answer.shown).replace("{Op}", &self.operation);
        filled.replace("{op}", &self.snake).replace("{svc}", &self.service).replace("{Service}", struct_name)
    }

    /// What the method answers in the trait that was generated: its output, or events behind it.
    fn answer(&self) -> Result<Answer> {
        let path = house::root().join("crates/api").join(&self.service).join("src/service.rs");
        let method = format!("    fn {}<'a>(", self.snake);
        let text = house::read(&path)?;
        let line = text.lines().find(|line| line.starts_with(&method));
        let answer = line.and_then(|line| line.rsplit_once("Result<")?.1.strip_suffix(", AwsError>>;"));
        answer.map(Answer::of).with_context(|| format!("{} has no {}", path.display(), self.snake))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_handler_answers_is_read_from_the_trait() {
        let whole = Answer::of("types::PutItemOutput");
        assert_eq!(
            (whole.shown.as_str(), whole.types.as_slice()),
            ("PutItemOutput", &["PutItemOutput".to_owned()][..])
        );
        let events = Answer::of("Streaming<types::WatchOutput, types::Weather>");
        assert_eq!(events.shown, "Streaming<WatchOutput, Weather>");
        assert_eq!(events.types, ["WatchOutput", "Weather"]);
    }
}
