//! `DeleteTopic`: a topic goes, and its subscriptions with it.

use updraft_api_sns::types::{DeleteTopicInput, DeleteTopicOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::still_keeps;
use crate::keys::{Numbered, TopicKey};
use crate::model::archive::kept_for;
use crate::model::name::TopicId;
use crate::{Sns, access, background, limits};

/// AWS: what isn't there is deleted already.
pub(crate) async fn delete_topic(svc: &Sns, cx: &Ctx, input: DeleteTopicInput) -> Result<DeleteTopicOutput, AwsError> {
    let id = TopicId::parse(cx, &input.topic_arn, "TopicArn")?;
    let mut tx = svc.parts.store.write().await?;
    if let Some(topic) = tx.row(&TopicKey(&id)).await? {
        access::check(cx, &id, &topic)?;
        if kept_for(&topic).is_some() {
            return Err(still_keeps());
        }
        tx.delete_row(&TopicKey(&id));
        limits::one_topic_less(&mut tx, &id, &topic).await?;
        background::clear_later(svc, &mut tx, Numbered { topic: &id, number: topic.number }).await?;
        tx.commit().await?;
    }
    Ok(DeleteTopicOutput {})
}
