//! `SendMessageBatch`: up to ten messages, in their order. Those that the queue doesn't take fail one by one.

use updraft_api_sqs::types::{
    BatchResultErrorEntry, SendMessageBatchInput, SendMessageBatchOutput, SendMessageBatchRequestEntry,
    SendMessageBatchResultEntry,
};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::errors::invalid_parameter;
use crate::messages::{Order, Sent, Spot};
use crate::model::attribute::without_lists;
use crate::model::batch::{check_ids, failed};
use crate::model::letter::{Letter, MOST, Written};
use crate::model::sender::sender_id;
use crate::refusals::batch_too_long;
use crate::{Sqs, table};

/// # Errors
/// If there is no such queue, or the batch is none that could be taken.
pub(crate) async fn send_message_batch(
    svc: &Sqs,
    cx: &Ctx,
    input: SendMessageBatchInput,
) -> Result<SendMessageBatchOutput, AwsError> {
    check_ids("SendMessageBatchRequestEntry", input.entries.iter().map(|entry| entry.id.as_str()))?;
    // AWS: this fails the whole batch.
    let mut attributes = input.entries.iter().map(|entry| entry.message_attributes.as_ref());
    attributes.try_for_each(|attributes| without_lists(attributes, "SendMessageBatch"))?;
    let mut tx = svc.parts.store.write().await?;
    let (name, queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    let spot = Spot::new(name, queue);
    let Sorted { ids, orders, refused } = sort(cx, &spot, input.entries)?;
    let sent = svc.post(tx, &spot, orders, cx.now()).await?;
    let successful = ids.into_iter().zip(sent).map(|(id, sent)| result(id, sent)).collect();
    Ok(SendMessageBatchOutput { successful, failed: refused })
}

/// Which entries are to be sent, and which can't be.
struct Sorted {
    ids: Vec<String>,
    orders: Vec<Order>,
    refused: Vec<BatchResultErrorEntry>,
}

fn sort(cx: &Ctx, spot: &Spot, entries: Vec<SendMessageBatchRequestEntry>) -> Result<Sorted, AwsError> {
    let mut sorted = Sorted { ids: Vec::new(), orders: Vec::new(), refused: Vec::new() };
    let mut size = 0;
    let mut letters = Vec::with_capacity(entries.len());
    for entry in entries {
        let (id, letter) = read(entry);
        size += letter.as_ref().map_or(0, Letter::size);
        letters.push((id, letter));
    }
    if size > MOST {
        return Err(batch_too_long(size));
    }
    let sender = sender_id(&cx.identity);
    for (id, letter) in letters {
        match letter.and_then(|letter| suited(spot, letter)) {
            Ok(letter) => {
                let order = Order::new(spot, letter, cx.rng.uuid(), sender.clone());
                // AWS: what a FIFO queue needs and isn't there fails the whole batch.
                sorted.orders.push(order.map_err(|lacks| lacks.of_batch())?.traced(cx.trace.as_deref()));
                sorted.ids.push(id);
            }
            Err(error) => sorted.refused.push(failed(id, &error)),
        }
    }
    Ok(sorted)
}

fn read(entry: SendMessageBatchRequestEntry) -> (String, Result<Letter, AwsError>) {
    let written = Written {
        body: entry.message_body,
        delay: entry.delay_seconds,
        attributes: entry.message_attributes,
        system: entry.message_system_attributes,
        deduplication: entry.message_deduplication_id,
        group: entry.message_group_id,
    };
    (entry.id, Letter::read(written))
}

fn suited(spot: &Spot, letter: Letter) -> Result<Letter, AwsError> {
    letter.suits(&spot.queue)?;
    match letter.too_large_for(&spot.queue) {
        // AWS: in other words than of a single message.
        Some(most) => Err(invalid_parameter(format!(
            "One or more parameters cannot be validated. Reason: Message must be shorter than {most} bytes."
        ))),
        None => Ok(letter),
    }
}

fn result(id: String, sent: Sent) -> SendMessageBatchResultEntry {
    SendMessageBatchResultEntry {
        id,
        message_id: sent.id,
        md5_of_message_body: sent.md5,
        md5_of_message_attributes: sent.md5_attributes,
        md5_of_message_system_attributes: sent.md5_system,
        sequence_number: sent.sequence,
    }
}
