//! Where items come from: the execution itself, an object of S3, or a list of objects. A page of them at a time.

mod csv;
mod files;
mod json;
mod lines;
mod listing;
mod manifest;
mod object;
mod packed;

use std::sync::Arc;

use serde_json::Value;
use updraft_asl::run::{Plan, Source};
use updraft_kernel::{AwsError, Ctx};

use crate::StepFunctions;
use crate::model::map_run::Cursor;

/// Items that were read together, each with the place behind it.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) items: Vec<(Value, Cursor)>,
    /// `None`: there are no more.
    pub(super) next: Option<Cursor>,
}

/// Why items can't be read.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// The map fails, and says this.
    Never(String),
    /// It may go well later.
    ForNow(AwsError),
}

impl Unreadable {
    /// What the service that has them answers.
    fn of(error: AwsError) -> Self {
        if error.is_conflict() || error.code().status >= 500 {
            return Self::ForNow(error);
        }
        Self::Never(format!("{} (Service: Amazon S3; Error Code: {})", error.message(), error.code().name))
    }

    fn never(cause: impl Into<String>) -> Self {
        Self::Never(cause.into())
    }
}

/// The items from that place on.
pub(super) async fn page(svc: &StepFunctions, cx: &Ctx, plan: &Plan, at: Cursor) -> Result<Page, Unreadable> {
    if plan.max_items.is_some_and(|most| most < 0) {
        return Err(Unreadable::never("field MaxItems must be positive"));
    }
    let mut page = match &plan.source {
        Source::Items(items) => listed(items, &at),
        Source::Read { resource, config, arguments } => {
            let reader = Reader { svc, cx, config, arguments };
            let action = resource.rsplit(':').next().unwrap_or_default();
            match action {
                "listObjectsV2" if reader.setting("Transformation") == Some(files::FLATTEN) => {
                    files::page(&reader, at).await?
                }
                "listObjectsV2" => listing::page(&reader, at).await?,
                "getObject" => reader.object(at).await?,
                _ => return Err(Unreadable::never(format!("The resource {resource} can't be read from."))),
            }
        }
    };
    let most = plan.max_items.and_then(|most| u64::try_from(most).ok()).filter(|most| *most > 0);
    if let Some(most) = most {
        page.items.retain(|(_, after)| after.index <= most);
        if page.items.last().is_some_and(|(_, after)| after.index == most) {
            page.next = None;
        }
    }
    Ok(page)
}

/// Where an item is, by the place behind it: as the context object tells it.
pub(super) fn source(plan: &Plan, after: &Cursor) -> String {
    let Source::Read { config, arguments, .. } = &plan.source else { return "STATE_DATA".to_owned() };
    let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
    match (&after.page, arguments.get("Key")) {
        (Some(file), _) if files::are_several(config) => format!("S3://{file}"),
        (_, Some(_)) => format!("S3://{}/{}", text("Bucket"), text("Key")),
        _ => format!("S3://{}", text("Bucket")),
    }
}

/// Items that are all at hand.
fn listed(items: &[Value], at: &Cursor) -> Page {
    let from = usize::try_from(at.at).unwrap_or(usize::MAX);
    let before = at.index.saturating_sub(at.at);
    let behind = |n: usize| Cursor { index: before + n as u64 + 1, at: n as u64 + 1, ..at.clone() };
    let items = items.iter().enumerate().skip(from).map(|(n, item)| (item.clone(), behind(n)));
    Page { items: items.collect(), next: None }
}

/// `ItemReader`.
struct Reader<'a> {
    svc: &'a StepFunctions,
    cx: &'a Ctx,
    config: &'a serde_json::Map<String, Value>,
    arguments: &'a Value,
}

impl Reader<'_> {
    fn setting(&self, name: &str) -> Option<&str> {
        self.config.get(name).and_then(Value::as_str)
    }

    async fn object(&self, at: Cursor) -> Result<Page, Unreadable> {
        match (self.setting("ManifestType"), self.setting("InputType")) {
            (Some(files::OF_ATHENA), _) => files::page(self, at).await,
            (Some("S3_INVENTORY"), _) | (None, Some("MANIFEST")) => manifest::page(self, at).await,
            (Some(other), _) => Err(Unreadable::never(format!("A manifest of the type {other} can't be read."))),
            (None, _) => self.content(at).await,
        }
    }

    /// What the object itself has.
    async fn content(&self, at: Cursor) -> Result<Page, Unreadable> {
        match self.setting("InputType") {
            Some("CSV") => object::pages(self, at, csv::parse).await,
            Some("JSONL") => object::pages(self, at, lines::parse).await,
            Some("JSON") if self.config.contains_key("ItemsPointer") => json::pointed_at(self, at).await,
            Some("JSON") => object::pages(self, at, json::parse).await,
            Some(other) => Err(Unreadable::never(format!("Items of the InputType {other} can't be read."))),
            None => Err(Unreadable::never("The ReaderConfig has no InputType.")),
        }
    }
}

/// Items read behind a place, with the places behind them: those are in bytes.
fn behind(at: &Cursor, items: Vec<(Value, u64)>) -> Vec<(Value, Cursor)> {
    let place = |(n, (item, byte))| (item, Cursor { index: at.index + n, at: byte, ..at.clone() });
    (1..).zip(items).map(place).collect()
}

fn shared(text: &str) -> Option<Arc<str>> {
    Some(Arc::from(text))
}
