//! Tags: what they may be, and whose they are.

use std::collections::BTreeMap;

use updraft_api_sns::types::Tag;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use crate::access;
use crate::errors::{invalid, no_such_resource, too_many_tags};
use crate::keys::TopicKey;
use crate::model::name::TopicId;
use crate::model::topic::Topic;

const MOST: usize = 50;

/// Those that are there, and these. AWS: no key twice in one request.
///
/// # Errors
/// If one of them can't be a tag, or there are too many.
pub(crate) fn tags_of(
    given: Vec<Tag>,
    mut tags: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, AwsError> {
    let mut keys: Vec<_> = given.iter().map(|tag| &tag.key).collect();
    keys.sort();
    if keys.windows(2).any(|two| matches!(two, [one, other] if one == other)) {
        return Err(invalid("Duplicated keys are not allowed."));
    }
    for Tag { key, value } in given {
        let legal = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
        if !legal || key.starts_with("aws:") {
            return Err(invalid("Tags"));
        }
        tags.insert(key, value);
    }
    if tags.len() > MOST { Err(too_many_tags()) } else { Ok(tags) }
}

/// # Errors
/// If there is no such topic, or the caller may not.
pub(crate) async fn tagged(tx: &mut Tx, cx: &Ctx, arn: &str) -> Result<(TopicId, Topic), AwsError> {
    let id = TopicId::parse(cx, arn, "ResourceArn")?;
    let topic = tx.row(&TopicKey(&id)).await?.ok_or_else(no_such_resource)?;
    access::check(cx, &id, &topic)?;
    Ok((id, topic))
}
