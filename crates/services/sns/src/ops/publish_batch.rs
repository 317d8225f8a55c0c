//! `PublishBatch`: up to ten messages to one topic.

use std::collections::BTreeSet;

use updraft_api_sns::types::{
    BatchResultErrorEntry, PublishBatchInput, PublishBatchOutput, PublishBatchRequestEntry, PublishBatchResultEntry,
};
use updraft_kernel::{AwsError, Ctx, Fault};
use updraft_store::StoreExt;

use crate::errors::{bad_entry_id, batch_too_long, empty_batch, same_ids, too_many_entries};
use crate::model::attribute;
use crate::model::message::Draft;
use crate::model::name::TopicId;
use crate::{Sns, table};

const MOST: usize = 10;

pub(crate) async fn publish_batch(
    svc: &Sns,
    cx: &Ctx,
    input: PublishBatchInput,
) -> Result<PublishBatchOutput, AwsError> {
    let id = TopicId::parse(cx, &input.topic_arn, "TopicArn")?;
    let ids = check_ids(&input.publish_batch_request_entries)?;
    let drafts: Vec<_> = input.publish_batch_request_entries.into_iter().map(draft).collect::<Result<_, _>>()?;
    let topic = table::topic(&mut svc.parts.store.read().await?, cx, &id).await?;
    if drafts.iter().map(Draft::size).sum::<usize>() > topic.max_size() {
        return Err(batch_too_long());
    }
    let answers = svc.publish(cx, &id, drafts, None).await?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, answer) in ids.into_iter().zip(answers) {
        match answer {
            Ok(published) => successful.push(PublishBatchResultEntry {
                id: Some(id),
                message_id: Some(published.id),
                sequence_number: published.sequence,
            }),
            Err(error) => failed.push(refused(id, &error)),
        }
    }
    Ok(PublishBatchOutput { successful: Some(successful), failed: Some(failed) })
}

fn check_ids(entries: &[PublishBatchRequestEntry]) -> Result<Vec<String>, AwsError> {
    let legal = |id: &str| {
        let byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=80).contains(&id.len()) && id.bytes().all(byte)
    };
    let ids: Vec<_> = entries.iter().map(|entry| entry.id.clone()).collect();
    match ids.len() {
        0 => Err(empty_batch()),
        1..=MOST if !ids.iter().all(|id| legal(id)) => Err(bad_entry_id()),
        1..=MOST if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() => Err(same_ids()),
        1..=MOST => Ok(ids),
        _ => Err(too_many_entries()),
    }
}

fn draft(entry: PublishBatchRequestEntry) -> Result<Draft, AwsError> {
    Ok(Draft {
        message: entry.message,
        subject: entry.subject,
        structure: entry.message_structure,
        attributes: attribute::checked(entry.message_attributes)?,
        deduplication: entry.message_deduplication_id,
        group: entry.message_group_id,
    })
}

fn refused(id: String, error: &AwsError) -> BatchResultErrorEntry {
    let code = error.code();
    BatchResultErrorEntry {
        id,
        code: code.name.to_owned(),
        message: Some(error.message().to_owned()),
        sender_fault: code.fault == Fault::Sender,
    }
}
