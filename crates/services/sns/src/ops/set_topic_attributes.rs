//! `SetTopicAttributes`: one at a time.

use updraft_api_sns::types::{SetTopicAttributesInput, SetTopicAttributesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{ScanOptions, StoreExt, Tx};

use crate::errors::invalid;
use crate::keys::{Numbered, TopicKey};
use crate::model::archive::kept_for;
use crate::model::envelope::timestamp;
use crate::model::name::TopicId;
use crate::model::topic::{Topic, USUAL_SIZE};
use crate::model::topic_settings::{can_be_set, checked};
use crate::{Sns, background, table};

/// AWS: a topic that takes large messages has no more subscriptions than these, and only to what can take them.
const MOST_OF_LARGE: usize = 100;

pub(crate) async fn set_topic_attributes(
    svc: &Sns,
    cx: &Ctx,
    input: SetTopicAttributesInput,
) -> Result<SetTopicAttributesOutput, AwsError> {
    let id = TopicId::parse(cx, &input.topic_arn, "TopicArn")?;
    let SetTopicAttributesInput { attribute_name: name, attribute_value, .. } = input;
    let mut tx = svc.parts.store.write().await?;
    let mut topic = table::topic(&mut tx, cx, &id).await?;
    if !can_be_set(&name) {
        return Err(invalid("AttributeName"));
    }
    match attribute_value.filter(|value| !value.is_empty()) {
        Some(value) => {
            let value = checked(&name, &value, topic.is_fifo()).map_err(invalid)?;
            topic.attributes.insert(name.clone(), value);
        }
        None => drop(topic.attributes.remove(&name)),
    }
    if name == "ArchivePolicy" {
        keeping(svc, cx, &mut tx, (&id, &mut topic)).await?;
    }
    if topic.max_size() > USUAL_SIZE {
        may_be_large(&mut tx, &id, &topic).await?;
    }
    tx.put_row(&TopicKey(&id), &topic)?;
    tx.commit().await?;
    Ok(SetTopicAttributesOutput {})
}

/// The topic begins to keep what is published, or to forget it.
pub(super) async fn keeping(
    svc: &Sns,
    cx: &Ctx,
    tx: &mut Tx,
    (id, topic): (&TopicId, &mut Topic),
) -> Result<(), AwsError> {
    let since = "BeginningArchiveTime";
    if kept_for(topic).is_some() {
        topic.attributes.entry(since.to_owned()).or_insert_with(|| timestamp(cx.now()));
    } else {
        topic.attributes.remove("ArchivePolicy");
        topic.attributes.remove(since);
    }
    background::thin_out(svc, tx, Numbered { topic: id, number: topic.number }, cx.now()).await
}

async fn may_be_large(tx: &mut Tx, id: &TopicId, topic: &Topic) -> Result<(), AwsError> {
    let topic = Numbered { topic: id, number: topic.number };
    let (all, more) = table::subscriptions(tx, topic, None, ScanOptions::limit(MOST_OF_LARGE)).await?;
    let takes = |protocol: &str| matches!(protocol, "sqs" | "lambda" | "firehose");
    if more || !all.iter().all(|(_, row)| takes(&row.protocol)) {
        return Err(invalid(
            "MaximumMessageSize: a topic with a maximum message size above 262144 must have 100 or fewer \
             subscriptions, each of protocol sqs, firehose or lambda",
        ));
    }
    Ok(())
}
