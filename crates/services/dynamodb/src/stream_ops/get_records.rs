use updraft_api_dynamodbstreams::types::{GetRecordsInput, GetRecordsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::limit;
use crate::errors::{expired_iterator, no_iterator, trimmed};
use crate::keys::Scope;
use crate::keys::streams::Shard;
use crate::model::stream::horizon;
use crate::streams::iterator::Cursor;
use crate::streams::read::{self, Most};
use crate::streams::wire;
use crate::{DynamoDb, streams};

const MOST: i32 = 1000;
/// AWS: of one answer.
const MOST_BYTES: u64 = 1 << 20;

pub(crate) async fn get_records(
    svc: &DynamoDb,
    cx: &Ctx,
    input: GetRecordsInput,
) -> Result<GetRecordsOutput, AwsError> {
    let limit = limit(input.limit, MOST)?;
    let (arn, cursor) = Cursor::read(&input.shard_iterator).ok_or_else(no_iterator)?;
    if cursor.is_expired(cx.now()) {
        return Err(expired_iterator());
    }
    let scope = Scope::of(cx);
    let mut tx = svc.store.read().await?;
    let stream = streams::find(&mut tx, cx, arn).await?;
    if cursor.shard >= stream.shards {
        return Err(no_iterator());
    }
    if !cursor.oldest && stream.trimmed_to(cursor.shard).is_some_and(|last| cursor.from <= last) {
        return Err(trimmed());
    }
    let shard = Shard { scope: &scope, stream: stream.id, number: cursor.shard };
    // Not over what was deleted: in some engines it still costs to step over it.
    let from = stream.trimmed_to(cursor.shard).map_or(cursor.from, |last| cursor.from.max(last.next()));
    let found = read::records(&mut tx, shard, from, Most { records: limit, bytes: MOST_BYTES }).await?;
    // What is too old, and not trimmed yet, is stepped over; there is more behind it.
    let next = found.last().map_or(from, |last| last.place.next());
    let readable = found.iter().filter(|found| found.record.at > horizon(cx.now()));
    let records: Vec<_> = readable
        .map(|found| wire::record(found, &stream, cursor.shard, cx.region.as_str()))
        .collect::<Result<_, _>>()?;
    // AWS: a shard that is closed and read to its end has no next iterator.
    let ends = stream.ended.is_some() && read::first(&mut tx, shard, next).await?.is_none();
    let cursor = Cursor { from: next, made: cx.now(), ..cursor };
    Ok(GetRecordsOutput { records: Some(records), next_shard_iterator: (!ends).then(|| cursor.write(arn)) })
}
