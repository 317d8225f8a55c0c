//! `GetQueueAttributes`: what a queue is set to, and how much there is in it.

use updraft_api_sqs::types::{GetQueueAttributesInput, GetQueueAttributesOutput, QueueAttributeName};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::errors::unknown_attribute;
use crate::model::attributes::Attributes;
use crate::model::queue::Queue;
use crate::model::shown::SETTABLE;
use crate::queue_url::QueueName;
use crate::table;

/// # Errors
/// If there is no such queue, or an attribute that there is none of was asked for.
pub(crate) async fn get_queue_attributes(
    svc: &Sqs,
    cx: &Ctx,
    input: GetQueueAttributesInput,
) -> Result<GetQueueAttributesOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let (name, queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    let asked = input.attribute_names.unwrap_or_default();
    let known = |name: &QueueAttributeName| !is_unknown(name) && queue.settings.knows(name.as_str());
    if let Some(name) = asked.iter().find(|name| !known(name)) {
        return Err(unknown_attribute(name.as_str()));
    }
    let mut attributes = all(&name, &queue);
    drop(tx);
    if asked.iter().any(is_of_messages) {
        let counts = svc.counts(&name, &queue).await?;
        attributes.extend([
            ("ApproximateNumberOfMessages".to_owned(), counts.visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible".to_owned(), counts.not_visible.to_string()),
            ("ApproximateNumberOfMessagesDelayed".to_owned(), counts.delayed.to_string()),
        ]);
    }
    if !asked.contains(&QueueAttributeName::All) {
        attributes.retain(|name, _| asked.iter().any(|asked| asked.as_str() == name));
    }
    // AWS: nothing at all where there is nothing to say.
    Ok(GetQueueAttributesOutput { attributes: Some(attributes).filter(|found| !found.is_empty()) })
}

/// Whether the messages are to be counted for it.
fn is_of_messages(name: &QueueAttributeName) -> bool {
    name.as_str() == "All" || name.as_str().starts_with("ApproximateNumberOfMessages")
}

fn is_unknown(name: &QueueAttributeName) -> bool {
    matches!(name, QueueAttributeName::Unknown(_))
}

fn all(name: &QueueName, queue: &Queue) -> Attributes {
    let set = SETTABLE.iter().filter_map(|name| Some((*name, queue.settings.shown(name)?)));
    let told = [
        ("CreatedTimestamp", seconds(queue.created.0)),
        ("LastModifiedTimestamp", seconds(queue.modified.0)),
        ("QueueArn", name.arn()),
    ];
    set.chain(told).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn seconds(millis: i64) -> String {
    millis.div_euclid(1000).to_string()
}
