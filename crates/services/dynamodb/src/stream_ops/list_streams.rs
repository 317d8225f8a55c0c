use updraft_api_dynamodbstreams::types::{ListStreamsInput, ListStreamsOutput, Stream};
use updraft_kernel::{Arn, AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::limit;
use crate::errors::no_such_stream;
use crate::keys::Scope;
use crate::keys::streams::StreamKey;
use crate::model::name::{Least, check};
use crate::{DynamoDb, streams};

const MOST: i32 = 100;

pub(crate) async fn list_streams(
    svc: &DynamoDb,
    cx: &Ctx,
    input: ListStreamsInput,
) -> Result<ListStreamsOutput, AwsError> {
    let limit = limit(input.limit, MOST)?;
    let scope = Scope::of(cx);
    let mut range = match &input.table_name {
        Some(name) => {
            check("tableName", name, Least::Three)?;
            scope.streams_of(name)
        }
        None => scope.streams(),
    };
    if let Some(last) = &input.exclusive_start_stream_arn {
        let arn = Arn::parse(last).map_err(|_| no_such_stream(last))?;
        let (table, label) = streams::parts(&arn).ok_or_else(|| no_such_stream(last))?;
        range = range.after(&StreamKey(&scope, table, label).encode());
    }
    let mut tx = svc.store.read().await?;
    let page = tx.rows::<StreamKey<'_>>(range, ScanOptions::limit(limit)).await?;
    let last = page.rows.last().filter(|_| page.more).map(|(_, stream)| streams::arn(cx, stream));
    let listed = page.rows.into_iter().map(|(_, stream)| Stream {
        stream_arn: Some(streams::arn(cx, &stream)),
        table_name: Some(stream.table),
        stream_label: Some(stream.label),
    });
    Ok(ListStreamsOutput { streams: Some(listed.collect()), last_evaluated_stream_arn: last })
}
