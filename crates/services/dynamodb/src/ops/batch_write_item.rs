use std::collections::{BTreeMap, BTreeSet};

use updraft_api_dynamodb::types::{
    BatchWriteItemInput, BatchWriteItemOutput, ItemCollectionMetrics, ReturnItemCollectionMetrics, WriteRequest,
};
use updraft_expr::dynamodb::Item;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt, Tx};

use crate::DynamoDb;
use crate::errors::validation;
use crate::keys::Scope;
use crate::model::capacity::{Consumed, Told};
use crate::model::key::schema_mismatch;
use crate::model::table::Table;
use crate::model::value::parse_item;
use crate::model::write::{Change, Write};
use crate::table::{self, Session};

const MAX_WRITES: usize = 25;

pub(crate) async fn batch_write_item(
    svc: &DynamoDb,
    cx: &Ctx,
    input: BatchWriteItemInput,
) -> Result<BatchWriteItemOutput, AwsError> {
    if input.request_items.values().map(Vec::len).sum::<usize>() > MAX_WRITES {
        return Err(validation("Too many items requested for the BatchWriteItem call"));
    }
    let mut asked = Vec::new();
    for (name, requests) in input.request_items {
        let changes = requests.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        asked.push((name, changes));
    }
    // All is checked before anything is written; then each item is its own transaction, as a batch promises no more.
    let mut tx = svc.store.read().await?;
    let mut writes = Vec::new();
    for (name, changes) in asked {
        let table = table::load(&mut tx, cx, &name).await?;
        let ready = checked(&table, changes)?;
        writes.push((name, ready));
    }
    let mut used = Vec::new();
    let mut metrics: BTreeMap<String, Vec<ItemCollectionMetrics>> = BTreeMap::new();
    for (name, ready) in writes {
        let mut consumed = Consumed::default();
        for write in &ready {
            let done = write_one(svc, cx, &name, write, input.return_item_collection_metrics.as_ref()).await?;
            consumed.add(done.0);
            if let Some(one) = done.1 {
                metrics.entry(name.clone()).or_default().push(one);
            }
        }
        used.extend(consumed.report(&name, input.return_consumed_capacity.as_ref(), Told::No));
    }
    Ok(BatchWriteItemOutput {
        unprocessed_items: Some(BTreeMap::new()),
        item_collection_metrics: (!metrics.is_empty()).then_some(metrics),
        consumed_capacity: (!used.is_empty()).then_some(used),
    })
}

type Done = (Consumed, Option<ItemCollectionMetrics>);
type Metrics<'a> = Option<&'a ReturnItemCollectionMetrics>;

/// Run again alone when it conflicts: the writes before it are committed.
async fn write_one(svc: &DynamoDb, cx: &Ctx, name: &str, write: &Write, asked: Metrics<'_>) -> Result<Done, AwsError> {
    updraft_store::run(&*svc.store, |tx| attempt(tx, cx, name, write, asked)).await
}

async fn attempt(mut tx: Tx, cx: &Ctx, name: &str, write: &Write, asked: Metrics<'_>) -> Result<Done, AwsError> {
    let scope = Scope::of(cx);
    let table = table::load(&mut tx, cx, name).await?;
    let applied = table::apply(&mut tx, &mut Session::new(&scope, cx.now()), &table, write).await;
    let consumed = applied.map_err(|stop| stop.into_error(false))?.consumed;
    let metrics = table::collection(&mut tx, &scope, &table, write, asked).await?;
    tx.commit().await?;
    Ok((consumed, metrics))
}

enum Asked {
    Put(Item),
    Delete(Item),
}

fn parse(request: WriteRequest) -> Result<Asked, AwsError> {
    match (request.put_request, request.delete_request) {
        (Some(put), None) => Ok(Asked::Put(parse_item(put.item)?)),
        (None, Some(delete)) => Ok(Asked::Delete(parse_item(delete.key)?)),
        (Some(_), Some(_)) => Err(validation(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        )),
        (None, None) => {
            Err(validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"))
        }
    }
}

fn checked(table: &Table, changes: Vec<Asked>) -> Result<Vec<Write>, AwsError> {
    let mut seen = BTreeSet::new();
    let mut writes = Vec::new();
    for change in changes {
        let write = match change {
            Asked::Delete(key) => Write::keyed(table, key, Change::Delete, None)?,
            // AWS: not the words of PutItem where the item's key is wrong.
            Asked::Put(item) if table.keys.of_entry(&item).is_none() => return Err(schema_mismatch()),
            Asked::Put(item) => Write::put(table, item, None)?,
        };
        if !seen.insert(write.key.clone()) {
            return Err(validation("Provided list of item keys contains duplicates"));
        }
        writes.push(write);
    }
    Ok(writes)
}
