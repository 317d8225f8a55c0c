//! `CreateTopic`: makes a topic, or finds it where it is there already and is what is asked for.

use std::collections::BTreeMap;

use updraft_api_sns::types::{CreateTopicInput, CreateTopicOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use super::set_topic_attributes::keeping;
use crate::errors::invalid;
use crate::keys::TopicKey;
use crate::model::name::{self, TopicId};
use crate::model::topic::Topic;
use crate::model::topic_settings::{can_be_set, checked, is_same};
use crate::tagged::tags_of;
use crate::{Sns, limits};

pub(crate) async fn create_topic(svc: &Sns, cx: &Ctx, input: CreateTopicInput) -> Result<CreateTopicOutput, AwsError> {
    let given = input.attributes.unwrap_or_default();
    let fifo = given.get("FifoTopic").is_some_and(|value| value == "true");
    name::topic_name(&input.name, fifo)?;
    let attributes = attributes(given, fifo)?;
    let tags = input.tags.map(|tags| tags_of(tags, BTreeMap::new())).transpose()?;
    let id = TopicId::of(cx, &input.name);
    let output = CreateTopicOutput { topic_arn: Some(id.arn().to_string()) };
    let mut tx = svc.parts.store.write().await?;
    if let Some(there) = tx.row(&TopicKey(&id)).await? {
        if !attributes.iter().all(|(name, value)| is_same(&there, name, value)) {
            return Err(invalid("Attributes Reason: Topic already exists with different attributes"));
        }
        if tags.is_some_and(|tags| tags != there.tags) {
            return Err(invalid("Tags Reason: Topic already exists with different tags"));
        }
        return Ok(output);
    }
    let mut row = Topic {
        number: cx.rng.u64(),
        created: cx.now(),
        attributes,
        tags: tags.unwrap_or_default(),
        protection: input.data_protection_policy,
        ..Topic::default()
    };
    if row.attributes.contains_key("ArchivePolicy") {
        keeping(svc, cx, &mut tx, (&id, &mut row)).await?;
    }
    limits::one_topic_more(&mut tx, &id, &row).await?;
    tx.put_row(&TopicKey(&id), &row)?;
    tx.commit().await?;
    Ok(output)
}

fn attributes(given: BTreeMap<String, String>, fifo: bool) -> Result<BTreeMap<String, String>, AwsError> {
    let reason = |why: String| invalid(format_args!("Attributes Reason: {why}"));
    let one = |(name, value): (String, String)| {
        if name != "FifoTopic" && !can_be_set(&name) {
            return Err(reason(format!("Unknown attribute: {name}")));
        }
        let value = checked(&name, &value, fifo).map_err(reason)?;
        Ok((name, value))
    };
    given.into_iter().map(one).collect()
}
