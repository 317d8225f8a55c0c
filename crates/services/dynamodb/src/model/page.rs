//! One page of a `Query` or `Scan`: which part of an index is read, and when the page is full.

use updraft_api_dynamodb::types::Select;
use updraft_expr::dynamodb::{Condition, Item, Projection};
use updraft_kernel::AwsError;

use crate::errors::{invalid_parameter, validation};
use crate::model::key::PrimaryKey;
use crate::model::table::{Index, Keys, Projected, Table};

/// Bytes of items that a page may evaluate.
pub(crate) const MAX_BYTES: usize = 1 << 20;

/// What is to be done with each item that is read.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) filter: Option<Condition>,
    pub(crate) projection: Option<Projection>,
    pub(crate) limit: Option<usize>,
    pub(crate) count_only: bool,
    /// Attributes are wanted that a local index doesn't hold: items are read from the table.
    pub(crate) fetch: bool,
}

/// What a page has so far.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) items: Vec<Item>,
    pub(crate) count: i32,
    pub(crate) scanned: i32,
    pub(crate) bytes: usize,
    /// Bytes read from the table beside those of the index.
    pub(crate) fetched: Vec<usize>,
    /// The item the page ended with, if it ended before the range did.
    pub(crate) last: Option<Item>,
}

/// Whether a page goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    More,
    Full,
}

impl Found {
    /// Whether an item of `size` still belongs on the page; at least one does.
    pub(crate) fn has_room(&self, size: usize) -> bool {
        self.scanned == 0 || self.bytes + size <= MAX_BYTES
    }

    /// Takes one evaluated item in, whose row is of `size`.
    pub(crate) fn take(&mut self, size: usize, whole: Item, reading: &Reading) -> Flow {
        self.bytes += size;
        self.scanned += 1;
        if reading.filter.as_ref().is_none_or(|filter| filter.holds(&whole)) {
            self.count += 1;
            if !reading.count_only {
                self.items.push(match &reading.projection {
                    Some(projection) => projection.apply(&whole),
                    None => whole,
                });
            }
        }
        let full = reading.limit.is_some_and(|limit| usize::try_from(self.scanned).unwrap_or(0) >= limit);
        if full { Flow::Full } else { Flow::More }
    }
}

/// What `Select`, the projection and the index's own projection come to.
pub(crate) fn check_select(
    select: Option<&Select>,
    projected: bool,
    table: &Table,
    index: Option<&Index>,
) -> Result<(), AwsError> {
    match select {
        Some(Select::SpecificAttributes) if !projected => Err(invalid_parameter(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
        )),
        Some(Select::AllProjectedAttributes) if index.is_none() => {
            Err(invalid_parameter("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"))
        }
        Some(other) if projected && *other != Select::SpecificAttributes => Err(validation(format!(
            "Cannot specify the AttributesToGet when choosing to get {}",
            if *other == Select::Count { "only the Count" } else { other.as_str() }
        ))),
        Some(Select::AllAttributes) => check_all_attributes(table, index),
        _ => Ok(()),
    }
}

fn check_all_attributes(table: &Table, index: Option<&Index>) -> Result<(), AwsError> {
    match index {
        Some(index) if !table.is_local(index) && index.projected != Projected::All => {
            Err(invalid_parameter(format_args!(
                "Select type ALL_ATTRIBUTES is not supported for global secondary index {} because its projection \
                 type is not ALL",
                index.name
            )))
        }
        _ => Ok(()),
    }
}

/// Whether a local index must be completed from the table, or a global one can't answer at all.
pub(crate) fn needs_table(
    select: Option<&Select>,
    projection: Option<&Projection>,
    table: &Table,
    index: Option<&Index>,
) -> Result<bool, AwsError> {
    let Some(index) = index else { return Ok(false) };
    let absent: Vec<&str> = projection
        .map(|p| p.roots().into_iter().filter(|name| !index.holds(table, name)).collect())
        .unwrap_or_default();
    if table.is_local(index) {
        let all = select == Some(&Select::AllAttributes) && index.projected != Projected::All;
        return Ok(all || !absent.is_empty());
    }
    if absent.is_empty() {
        return Ok(false);
    }
    Err(invalid_parameter(format_args!(
        "One or more attributes is not projected into global secondary index: {}: {}",
        index.name,
        absent.join(", ")
    )))
}

/// A filter may not be on the keys of what is queried. `parameter` is how AWS calls it there.
pub(crate) fn check_filter(filter: Option<&Condition>, keys: &Keys, parameter: &str) -> Result<(), AwsError> {
    let mut hit = None;
    if let Some(filter) = filter {
        filter.each_path(&mut |path| {
            if path.is_top_level() && keys.has(&path.root) && hit.is_none() {
                hit = Some(path.root.clone());
            }
        });
    }
    match hit {
        None => Ok(()),
        Some(name) => Err(validation(format!(
            "{parameter} can only contain non-primary key attributes: Primary key attribute: {name}"
        ))),
    }
}

/// Where a page begins: the table's key, and the index's if it is an index that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) table: PrimaryKey,
    pub(crate) index: Option<PrimaryKey>,
}

/// The attributes by which a page goes on behind `item`.
pub(crate) fn key_of(table: &Table, index: Option<&Index>, item: &Item) -> Item {
    let mut key = table.keys.only(item);
    key.extend(index.map(|index| index.keys.only(item)).unwrap_or_default());
    key
}

/// `ExclusiveStartKey`, which is to be exactly what [`key_of`] gives.
pub(crate) fn start(table: &Table, index: Option<&Index>, key: &Item) -> Result<Start, AwsError> {
    let wrong = || validation("The provided starting key is invalid");
    let expected = key_of(table, index, key);
    let names = table.keys.names().chain(index.iter().flat_map(|i| i.keys.names()));
    let count = names.collect::<std::collections::BTreeSet<_>>().len();
    if expected.len() != count || key.len() != count {
        return Err(wrong());
    }
    let table_key = table
        .keys
        .of_key(&table.keys.only(key))
        .map_err(|err| validation(format!("The provided starting key is invalid: {}", err.message())))?;
    let index_key = match index {
        Some(index) => Some(index.keys.of_entry(key).ok_or_else(wrong)?),
        None => None,
    };
    Ok(Start { table: table_key, index: index_key })
}
