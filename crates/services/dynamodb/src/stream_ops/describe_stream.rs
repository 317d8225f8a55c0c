use updraft_api_dynamodbstreams::types::{
    DescribeStreamInput, DescribeStreamOutput, KeySchemaElement, KeyType, SequenceNumberRange, Shard, ShardFilter,
    StreamDescription, StreamStatus, StreamViewType,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt, Tx};

use super::limit;
use crate::errors::validation;
use crate::keys::{self, Scope};
use crate::model::stream::{Place, StreamRow};
use crate::{DynamoDb, streams};

const MOST: i32 = 100;

pub(crate) async fn describe_stream(
    svc: &DynamoDb,
    cx: &Ctx,
    input: DescribeStreamInput,
) -> Result<DescribeStreamOutput, AwsError> {
    let limit = limit(input.limit, MOST)?;
    let mut tx = svc.store.read().await?;
    let stream = streams::find(&mut tx, cx, &input.stream_arn).await?;
    let wanted = wanted(&stream, input.shard_filter.as_ref(), input.exclusive_start_shard_id.as_deref())?;
    let mut shards = Vec::new();
    for number in wanted.iter().copied().take(limit) {
        shards.push(shard(&mut tx, cx, &stream, number).await?);
    }
    let last = shards.last().filter(|_| wanted.len() > limit).and_then(|shard: &Shard| shard.shard_id.clone());
    let status = if stream.ended.is_some() { StreamStatus::Disabled } else { StreamStatus::Enabled };
    Ok(DescribeStreamOutput {
        stream_description: Some(StreamDescription {
            stream_arn: Some(streams::arn(cx, &stream)),
            stream_label: Some(stream.label.clone()),
            stream_status: Some(status),
            stream_view_type: Some(StreamViewType::from(stream.view.clone())),
            creation_request_date_time: Some(stream.created),
            table_name: Some(stream.table.clone()),
            key_schema: Some(schema(&stream)),
            shards: Some(shards),
            last_evaluated_shard_id: last,
        }),
    })
}

/// No shard is ever split here, so that none has children.
fn wanted(stream: &StreamRow, filter: Option<&ShardFilter>, after: Option<&str>) -> Result<Vec<u8>, AwsError> {
    if let Some(filter) = filter {
        return match (&filter.r#type, &filter.shard_id) {
            (Some(_), Some(_)) => Ok(Vec::new()),
            _ => Err(validation("ShardFilter must have both a Type and a ShardId")),
        };
    }
    let first = match after {
        None => 0,
        Some(after) => stream.shard(after).map_or(stream.shards, |shard| shard + 1),
    };
    Ok((first..stream.shards).collect())
}

/// AWS: a shard that is closed tells the number it ends with.
async fn shard(tx: &mut Tx, cx: &Ctx, stream: &StreamRow, number: u8) -> Result<Shard, AwsError> {
    let scope = Scope::of(cx);
    let rows = keys::streams::Shard { scope: &scope, stream: stream.id, number };
    let start = Place::default();
    let end = match stream.ended {
        None => None,
        Some(_) => {
            let last = streams::read::last(tx, rows).await?;
            Some(last.or(stream.trimmed_to(number)).unwrap_or(start).sequence())
        }
    };
    Ok(Shard {
        shard_id: Some(stream.shard_id(number)),
        sequence_number_range: Some(SequenceNumberRange {
            starting_sequence_number: Some(start.sequence()),
            ending_sequence_number: end,
        }),
        parent_shard_id: None,
    })
}

fn schema(stream: &StreamRow) -> Vec<KeySchemaElement> {
    let element = |(name, key_type): (&str, KeyType)| KeySchemaElement { attribute_name: name.to_owned(), key_type };
    stream.keys.names().zip([KeyType::Hash, KeyType::Range]).map(element).collect()
}
