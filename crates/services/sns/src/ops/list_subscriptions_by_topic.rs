//! `ListSubscriptionsByTopic`.

use updraft_api_sns::types::{ListSubscriptionsByTopicInput, ListSubscriptionsByTopicOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{ScanOptions, StoreExt};

use super::paging::{PAGE, read_token, token};
use crate::keys::Numbered;
use crate::model::name::{SubscriptionId, TopicId};
use crate::{Sns, table, view};

pub(crate) async fn list_subscriptions_by_topic(
    svc: &Sns,
    cx: &Ctx,
    input: ListSubscriptionsByTopicInput,
) -> Result<ListSubscriptionsByTopicOutput, AwsError> {
    let id = TopicId::parse(cx, &input.topic_arn, "TopicArn")?;
    let after = input.next_token.filter(|token| !token.is_empty()).map(|token| read_token(&token)).transpose()?;
    let mut tx = svc.parts.store.read().await?;
    let topic = Numbered { topic: &id, number: table::topic(&mut tx, cx, &id).await?.number };
    let (rows, more) = table::subscriptions(&mut tx, topic, after.as_deref(), ScanOptions::limit(PAGE)).await?;
    let next_token = rows.last().filter(|_| more).map(|(last, _)| token(last));
    let one = |(subscription, row)| view::listed(&SubscriptionId { topic: id.clone(), id: subscription }, row);
    Ok(ListSubscriptionsByTopicOutput { subscriptions: Some(rows.into_iter().map(one).collect()), next_token })
}
