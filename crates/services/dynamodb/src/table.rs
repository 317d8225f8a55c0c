//! Tables, items and index rows over a transaction.

use updraft_api_dynamodb::types::{ItemCollectionMetrics, ReturnItemCollectionMetrics, TableDescription, TableStatus};
use updraft_expr::dynamodb::{Item, item_size};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::{StoreError, Tx};

use crate::errors::{condition_failed, no_such_table};
use crate::keys::{Counter, NextId, NextIdKey, Rows, Scope, TableKey};
use crate::model::capacity::{Consumed, write_units};
use crate::model::describe::{self, Size};
use crate::model::index::Entry;
use crate::model::key::PrimaryKey;
use crate::model::table::{Index, Table};
use crate::model::value::to_wire;
use crate::model::write::{Change, Write};
use crate::model::{codec, expiry, name};
use crate::streams;

/// The table that a request on items names, by name or ARN.
pub(crate) async fn load(tx: &mut Tx, cx: &Ctx, raw: &str) -> Result<Table, AwsError> {
    let name = name::table_name(cx, raw)?;
    tx.row(&TableKey(&Scope::of(cx), &name)).await?.ok_or_else(no_such_table)
}

pub(crate) fn items<'a>(scope: &'a Scope, table: &Table) -> Rows<'a> {
    Rows { scope, table: table.id, index: None }
}

pub(crate) fn entries<'a>(scope: &'a Scope, table: &Table, index: &Index) -> Rows<'a> {
    Rows { scope, table: table.id, index: Some(index.id) }
}

pub(crate) fn decode(key: &[u8], value: &bytes::Bytes) -> Result<Item, StoreError> {
    codec::decode(value).ok_or_else(|| StoreError::Corrupt { key: key.to_vec(), why: "it is no item".to_owned() })
}

pub(crate) async fn get(
    tx: &mut Tx,
    scope: &Scope,
    table: &Table,
    key: &PrimaryKey,
) -> Result<Option<Item>, StoreError> {
    let row = items(scope, table).item(key);
    let value = tx.raw().get(&row).await?;
    value.map(|value| decode(&row, &value)).transpose()
}

/// What a write did.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) old: Option<Item>,
    pub(crate) new: Option<Item>,
    pub(crate) consumed: Consumed,
}

/// Why a write was not done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Its condition does not hold of this item.
    Condition(Option<Item>),
    Error(AwsError),
}

impl Stop {
    /// The answer of an operation on one item; `with_item` if the caller asked for what failed the condition.
    pub(crate) fn into_error(self, with_item: bool) -> AwsError {
        match self {
            Self::Condition(item) => condition_failed(item.as_ref().filter(|_| with_item)),
            Self::Error(err) => err,
        }
    }
}

impl From<AwsError> for Stop {
    fn from(err: AwsError) -> Self {
        Self::Error(err)
    }
}

impl From<StoreError> for Stop {
    fn from(err: StoreError) -> Self {
        Self::Error(err.into())
    }
}

/// The writes of one transaction.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) now: UnixMillis,
    /// What is deleted had expired.
    pub(crate) expired: bool,
    /// Records of streams so far.
    recorded: u16,
}

impl<'a> Session<'a> {
    pub(crate) fn new(scope: &'a Scope, now: UnixMillis) -> Self {
        Self { scope, now, expired: false, recorded: 0 }
    }

    /// Of what deletes expired items.
    pub(crate) fn expiring(scope: &'a Scope, now: UnixMillis) -> Self {
        Self { expired: true, ..Self::new(scope, now) }
    }

    /// A number that no other record of this transaction has.
    pub(crate) fn next(&mut self) -> u16 {
        let number = self.recorded;
        self.recorded += 1;
        number
    }
}

/// A number that no table and no stream has had.
pub(crate) async fn next_id(tx: &mut Tx, scope: &Scope) -> Result<u64, StoreError> {
    let NextId(id) = tx.row(&NextIdKey(scope)).await?.unwrap_or(NextId(1));
    tx.put_row(&NextIdKey(scope), &NextId(id + 1))?;
    Ok(id)
}

/// Carries one write out, with the indexes and counters that follow from it, and the record of a stream.
///
/// The old item is always read: counters and index rows depend on it, and it is a single get.
pub(crate) async fn apply(
    tx: &mut Tx,
    session: &mut Session<'_>,
    table: &Table,
    write: &Write,
) -> Result<Applied, Stop> {
    let scope = session.scope;
    let old = get(tx, scope, table, &write.key).await?;
    if !write.allows(old.as_ref()) {
        return Err(Stop::Condition(old));
    }
    let new = write.outcome(table, old.as_ref())?;
    let (before, after) = (old.as_ref().map_or(0, item_size), new.as_ref().map_or(0, item_size));
    let mut consumed = Consumed::of_table(write_units(before, after));
    if write.change != Change::Check {
        put(tx, scope, table, &write.key, new.as_ref());
        count(tx, &items(scope, table), old.as_ref(), new.as_ref());
        collect(tx, scope, table, &write.key, [old.as_ref(), new.as_ref()]);
        for index in table.indexes() {
            let units =
                follow(tx, scope, Followed { table, index, key: &write.key }, old.as_ref(), new.as_ref()).await?;
            charge(&mut consumed, table, index, units);
        }
        schedule(tx, &items(scope, table), table, &write.key, [old.as_ref(), new.as_ref()]);
        streams::write::note(tx, session, table, &write.key, [old.as_ref(), new.as_ref()])?;
    }
    Ok(Applied { old, new, consumed })
}

fn put(tx: &mut Tx, scope: &Scope, table: &Table, key: &PrimaryKey, item: Option<&Item>) {
    let row = items(scope, table).item(key);
    match item {
        Some(item) => tx.raw().put(row, codec::encode(item)),
        None => tx.raw().delete(row),
    }
}

/// Keeps when the item expires, in tables whose items do.
pub(crate) fn schedule(tx: &mut Tx, rows: &Rows<'_>, table: &Table, key: &PrimaryKey, change: [Option<&Item>; 2]) {
    let Some(attribute) = &table.ttl else { return };
    let [old, new] = change.map(|item| item.and_then(|item| expiry::of(item, attribute)));
    if old == new {
        return;
    }
    if let Some(at) = old {
        tx.raw().delete(rows.expiry(at, key));
    }
    if let Some(at) = new {
        tx.raw().put(rows.expiry(at, key), bytes::Bytes::new());
    }
}

fn charge(consumed: &mut Consumed, table: &Table, index: &Index, units: f64) {
    if units > 0.0 {
        let of = if table.is_local(index) { &mut consumed.locals } else { &mut consumed.globals };
        of.insert(index.name.clone(), units);
    }
}

/// An index, and the item whose change it follows.
struct Followed<'a> {
    table: &'a Table,
    index: &'a Index,
    key: &'a PrimaryKey,
}

/// Brings one index up to date and says what that cost.
async fn follow(
    tx: &mut Tx,
    scope: &Scope,
    of: Followed<'_>,
    old: Option<&Item>,
    new: Option<&Item>,
) -> Result<f64, StoreError> {
    let rows = entries(scope, of.table, of.index);
    let entry = |item: Option<&Item>| item.and_then(|item| of.index.entry(of.table, item));
    let (old, new) = (entry(old), entry(new));
    if old == new {
        return Ok(0.0);
    }
    let mut old = old.map(|entry| (rows.entry(&entry.key, of.key), entry));
    if let (Some((row, _)), false) = (&old, of.index.ready) {
        // While an index is being filled, what the old item would have in it may not be there yet.
        if tx.raw().get(row).await?.is_none() {
            old = None;
        }
    }
    let new = new.map(|entry| (rows.entry(&entry.key, of.key), entry));
    let units = index_units(old.as_ref(), new.as_ref());
    if let Some((row, _)) = &old {
        tx.raw().delete(row.clone());
    }
    if let Some((row, entry)) = &new {
        tx.raw().put(row.clone(), codec::encode(&entry.item));
    }
    count(tx, &rows, old.as_ref().map(|(_, e)| &e.item), new.as_ref().map(|(_, e)| &e.item));
    Ok(units)
}

/// AWS: an entry that moves is a delete and a put.
fn index_units(old: Option<&(bytes::Bytes, Entry)>, new: Option<&(bytes::Bytes, Entry)>) -> f64 {
    let size = |one: &(bytes::Bytes, Entry)| item_size(&one.1.item);
    match (old, new) {
        (Some(old), Some(new)) if old.0 != new.0 => write_units(size(old), 0) + write_units(0, size(new)),
        (None, None) => 0.0,
        (old, new) => write_units(old.map_or(0, size), new.map_or(0, size)),
    }
}

/// Keeps the counters of rows and bytes.
pub(crate) fn count(tx: &mut Tx, rows: &Rows<'_>, old: Option<&Item>, new: Option<&Item>) {
    let bytes = |item: Option<&Item>| i64::try_from(item.map_or(0, item_size)).unwrap_or(i64::MAX);
    let items = i64::from(new.is_some()) - i64::from(old.is_some());
    for (counter, delta) in [(Counter::Items, items), (Counter::Bytes, bytes(new) - bytes(old))] {
        if delta != 0 {
            tx.raw().add_i64(rows.counter(counter), delta);
        }
    }
}

/// Keeps the size of the item collection, which only tables with local indexes have.
fn collect(tx: &mut Tx, scope: &Scope, table: &Table, key: &PrimaryKey, change: [Option<&Item>; 2]) {
    if table.locals.is_empty() {
        return;
    }
    let size = |item: Option<&Item>| item.map_or(0, |item| table.collected_size(item));
    let [old, new] = change.map(|item| i64::try_from(size(item)).unwrap_or(i64::MAX));
    if new != old {
        tx.raw().add_i64(items(scope, table).collection(&key.hash), new - old);
    }
}

/// The answer's member about the collection that was written to, if it was asked for and there is one.
pub(crate) async fn collection(
    tx: &mut Tx,
    scope: &Scope,
    table: &Table,
    write: &Write,
    asked: Option<&ReturnItemCollectionMetrics>,
) -> Result<Option<ItemCollectionMetrics>, StoreError> {
    if table.locals.is_empty() || asked != Some(&ReturnItemCollectionMetrics::Size) {
        return Ok(None);
    }
    let counter = items(scope, table).collection(&write.key.hash);
    let bytes = tx.raw().get(&counter).await?.and_then(|value| number(&value)).unwrap_or(0);
    let (name, hash) = (&table.keys.hash.name, write.key_item.get(&table.keys.hash.name));
    Ok(Some(ItemCollectionMetrics {
        item_collection_key: Some(hash.iter().map(|value| (name.clone(), to_wire(value))).collect()),
        size_estimate_range_gb: Some(describe::whole_gigabytes(bytes).to_vec()),
    }))
}

fn number(value: &bytes::Bytes) -> Option<i64> {
    value.first_chunk::<8>().map(|chunk| i64::from_le_bytes(*chunk))
}

async fn counted(tx: &mut Tx, rows: &Rows<'_>) -> Result<Size, StoreError> {
    let keys = [rows.counter(Counter::Items), rows.counter(Counter::Bytes)];
    let values = tx.raw().get_many(&keys).await?;
    let read = |at: usize| values.get(at)?.as_ref().and_then(number);
    Ok(Size { items: read(0).unwrap_or(0), bytes: read(1).unwrap_or(0) })
}

/// The table's description, with its sizes now.
pub(crate) async fn describe(
    tx: &mut Tx,
    cx: &Ctx,
    table: &Table,
    status: TableStatus,
) -> Result<TableDescription, AwsError> {
    let scope = Scope::of(cx);
    let whole = counted(tx, &items(&scope, table)).await?;
    let mut sizes = Vec::new();
    for index in table.indexes() {
        sizes.push((index.id, counted(tx, &entries(&scope, table, index)).await?));
    }
    let size_of = |index: Option<&Index>| match index {
        None => whole,
        Some(index) => sizes.iter().find(|(id, _)| *id == index.id).map(|(_, size)| *size).unwrap_or_default(),
    };
    Ok(describe::describe(cx, table, status, &size_of))
}
