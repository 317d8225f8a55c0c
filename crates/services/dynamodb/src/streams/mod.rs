//! Streams over a transaction: what is written with each change of an item, what begins and ends with a table's, and
//! reading it all back.

pub(crate) mod iterator;
pub(crate) mod polled;
pub(crate) mod read;
pub(crate) mod trim;
pub(crate) mod wire;
pub(crate) mod write;

use updraft_kernel::{Arn, AwsError, Ctx, UnixMillis};
use updraft_store::{StoreError, Tx};
use updraft_timers::Timers;

use crate::errors::no_such_stream;
use crate::keys::Scope;
use crate::keys::streams::StreamKey;
use crate::model::create::label;
use crate::model::stream::{StreamRow, shards};
use crate::model::table::{Stream, Table};

/// The name of the table and the label in a stream's ARN.
pub(crate) fn parts(arn: &Arn) -> Option<(&str, &str)> {
    let (table, label) = arn.resource.strip_prefix("table/")?.split_once("/stream/")?;
    (arn.service == "dynamodb").then_some((table, label))
}

pub(crate) fn arn(cx: &Ctx, stream: &StreamRow) -> String {
    cx.arn("dynamodb", format!("table/{}/stream/{}", stream.table, stream.label)).to_string()
}

/// The stream that a request names.
pub(crate) async fn find(tx: &mut Tx, cx: &Ctx, raw: &str) -> Result<StreamRow, AwsError> {
    let arn = Arn::parse(raw).map_err(|_| no_such_stream(raw))?;
    let ours = arn.account == cx.account.as_str() && arn.region == cx.region.as_str();
    let (table, label) = parts(&arn).filter(|_| ours).ok_or_else(|| no_such_stream(raw))?;
    tx.row(&StreamKey(&Scope::of(cx), table, label)).await?.ok_or_else(|| no_such_stream(raw))
}

/// A table that has just come to have a stream: from now on changes are recorded. `id` is one that was never given.
pub(crate) async fn begin(
    tx: &mut Tx,
    timers: &Timers,
    scope: &Scope,
    (table, id): (&mut Table, u64),
    now: UnixMillis,
) -> Result<(), StoreError> {
    let (shards, label) = (shards(&table.billing), free_label(tx, scope, &table.name, now).await?);
    let Some(stream) = &mut table.stream else { return Ok(()) };
    *stream = Stream { id, shards, label, view: stream.view.clone() };
    let row = StreamRow {
        id,
        table: table.name.clone(),
        label: stream.label.clone(),
        view: stream.view.clone().unwrap_or_default(),
        keys: table.keys.clone(),
        created: now,
        ended: None,
        shards,
        trimmed: Vec::new(),
    };
    tx.put_row(&StreamKey(scope, &row.table, &row.label), &row)?;
    trim::plan(tx, timers, scope, &row, now).await
}

/// AWS: another stream has another label, which is the moment it began.
async fn free_label(tx: &mut Tx, scope: &Scope, table: &str, now: UnixMillis) -> Result<String, StoreError> {
    let mut at = now;
    loop {
        let label = label(at);
        if tx.row(&StreamKey(scope, table, &label)).await?.is_none() {
            return Ok(label);
        }
        at = UnixMillis(at.0 + 1);
    }
}

/// Nothing more is recorded. What was can be read until it is trimmed.
pub(crate) async fn end(tx: &mut Tx, scope: &Scope, table: &Table, now: UnixMillis) -> Result<(), StoreError> {
    let Some(stream) = table.stream.as_ref().filter(|_| table.records()) else { return Ok(()) };
    let key = StreamKey(scope, &table.name, &stream.label);
    if let Some(mut row) = tx.row(&key).await? {
        row.ended = Some(now);
        tx.put_row(&key, &row)?;
        for number in 0..row.shards {
            // Whoever waits for more has to know that none comes.
            tx.touch(crate::keys::streams::Shard { scope, stream: row.id, number }.topic());
        }
    }
    Ok(())
}
