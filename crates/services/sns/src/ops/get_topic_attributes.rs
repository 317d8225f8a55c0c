//! `GetTopicAttributes`.

use updraft_api_sns::types::{GetTopicAttributesInput, GetTopicAttributesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::name::TopicId;
use crate::{Sns, table, view};

pub(crate) async fn get_topic_attributes(
    svc: &Sns,
    cx: &Ctx,
    input: GetTopicAttributesInput,
) -> Result<GetTopicAttributesOutput, AwsError> {
    let id = TopicId::parse(cx, &input.topic_arn, "TopicArn")?;
    let topic = table::topic(&mut svc.parts.store.read().await?, cx, &id).await?;
    Ok(GetTopicAttributesOutput { attributes: Some(view::topic(&id, &topic)) })
}
