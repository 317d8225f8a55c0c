//! `SendMessage`: one message. It can be received as soon as this answers, unless it is delayed.

use updraft_api_sqs::types::{SendMessageInput, SendMessageOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::errors::invalid_parameter;
use crate::messages::{Order, Spot};
use crate::model::attribute::without_lists;
use crate::model::letter::{Letter, Written};
use crate::model::sender::sender_id;
use crate::{Sqs, table};

/// # Errors
/// If there is no such queue, or it doesn't take the message.
pub(crate) async fn send_message(svc: &Sqs, cx: &Ctx, input: SendMessageInput) -> Result<SendMessageOutput, AwsError> {
    without_lists(input.message_attributes.as_ref(), "SendMessage")?;
    let letter = Letter::read(Written {
        body: input.message_body,
        delay: input.delay_seconds,
        attributes: input.message_attributes,
        system: input.message_system_attributes,
        deduplication: input.message_deduplication_id,
        group: input.message_group_id,
    })?;
    let mut tx = svc.parts.store.write().await?;
    let (name, queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    let spot = Spot::new(name, queue);
    letter.suits(&spot.queue)?;
    if let Some(most) = letter.too_large_for(&spot.queue) {
        let why = format!("One or more parameters are invalid. Reason: Message must be shorter than {most} bytes.");
        return Err(invalid_parameter(why));
    }
    let order = Order::new(&spot, letter, cx.rng.uuid(), sender_id(&cx.identity));
    let order = order.map_err(|lacks| lacks.of_one())?.traced(cx.trace.as_deref());
    let sent = svc.post(tx, &spot, vec![order], cx.now()).await?.pop();
    let sent = sent.ok_or_else(|| AwsError::internal("a message was sent without an answer"))?;
    Ok(SendMessageOutput {
        md5_of_message_body: Some(sent.md5),
        md5_of_message_attributes: sent.md5_attributes,
        md5_of_message_system_attributes: sent.md5_system,
        message_id: Some(sent.id),
        sequence_number: sent.sequence,
    })
}
