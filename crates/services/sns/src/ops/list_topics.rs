//! `ListTopics`: by name.

use updraft_api_sns::types::{ListTopicsInput, ListTopicsOutput, Topic};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging::{PAGE, read_token, token};
use crate::Sns;
use crate::keys::{TopicKey, name_of};
use crate::model::name::TopicId;

pub(crate) async fn list_topics(svc: &Sns, cx: &Ctx, input: ListTopicsInput) -> Result<ListTopicsOutput, AwsError> {
    let mut range = TopicKey::all(&cx.account, &cx.region);
    if let Some(given) = input.next_token.filter(|token| !token.is_empty()) {
        range = range.after(&TopicKey(&TopicId::of(cx, &read_token(&given)?)).encode());
    }
    let page = svc.parts.store.read().await?.rows::<TopicKey<'_>>(range, ScanOptions::limit(PAGE)).await?;
    let next_token = page.resume().map(|last| name_of(last)).transpose()?.map(|last| token(&last));
    let one = |(key, _): &(bytes::Bytes, _)| {
        let id = TopicId::of(cx, &name_of(key)?);
        Ok(Topic { topic_arn: Some(id.arn().to_string()) })
    };
    let topics = page.rows.iter().map(one).collect::<Result<_, AwsError>>()?;
    Ok(ListTopicsOutput { topics: Some(topics), next_token })
}
