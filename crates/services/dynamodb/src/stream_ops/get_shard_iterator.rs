use updraft_api_dynamodbstreams::types::{GetShardIteratorInput, GetShardIteratorOutput, ShardIteratorType};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::{StoreExt, Tx};

use crate::errors::{no_such_shard, trimmed, validation};
use crate::keys::Scope;
use crate::keys::streams::Shard;
use crate::model::stream::{Place, StreamRow, horizon};
use crate::streams::iterator::Cursor;
use crate::streams::read;
use crate::{DynamoDb, streams};

pub(crate) async fn get_shard_iterator(
    svc: &DynamoDb,
    cx: &Ctx,
    input: GetShardIteratorInput,
) -> Result<GetShardIteratorOutput, AwsError> {
    let scope = Scope::of(cx);
    let mut tx = svc.store.read().await?;
    let stream = streams::find(&mut tx, cx, &input.stream_arn).await?;
    let number = stream.shard(&input.shard_id).ok_or_else(|| no_such_shard(&input.shard_id, &input.stream_arn))?;
    let shard = Shard { scope: &scope, stream: stream.id, number };
    let (from, oldest) = match &input.shard_iterator_type {
        ShardIteratorType::TrimHorizon => (Place::default(), true),
        ShardIteratorType::Latest => (read::end(&mut tx, &stream, shard).await?, true),
        ShardIteratorType::AtTimestamp => {
            let at = input.timestamp.ok_or_else(|| validation("Timestamp must be specified for AT_TIMESTAMP"))?;
            (read::since(&mut tx, &stream, shard, at).await?, true)
        }
        by_number => {
            let sequence = input.sequence_number.as_deref().ok_or_else(|| missing(by_number))?;
            let place = Place::parse(sequence).ok_or_else(|| unknown(sequence))?;
            check_there(&mut tx, &stream, shard, place, cx.now()).await?;
            let after = *by_number == ShardIteratorType::AfterSequenceNumber;
            (if after { place.next() } else { place }, false)
        }
    };
    let cursor = Cursor { shard: number, from, oldest, made: cx.now() };
    Ok(GetShardIteratorOutput { shard_iterator: Some(cursor.write(&streams::arn(cx, &stream))) })
}

fn missing(kind: &ShardIteratorType) -> AwsError {
    validation(format!("SequenceNumber must be specified for {}", kind.as_str()))
}

fn unknown(sequence: &str) -> AwsError {
    validation(format!("Invalid SequenceNumber: {sequence}"))
}

/// AWS: a number that can't be read any more is refused.
async fn check_there(
    tx: &mut Tx,
    stream: &StreamRow,
    shard: Shard<'_>,
    place: Place,
    now: UnixMillis,
) -> Result<(), AwsError> {
    if stream.trimmed_to(shard.number).is_some_and(|last| place <= last) {
        return Err(trimmed());
    }
    match read::first(tx, shard, place).await? {
        Some(found) if found.place == place && found.record.at <= horizon(now) => Err(trimmed()),
        _ => Ok(()),
    }
}
