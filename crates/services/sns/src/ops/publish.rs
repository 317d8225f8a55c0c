//! `Publish`: one message, to a topic, a platform endpoint or a phone.

use updraft_api_sns::types::{PublishInput, PublishOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::errors::{as_it_is, invalid};
use crate::model::attribute;
use crate::model::message::Draft;
use crate::model::name::TopicId;
use crate::{Sns, protocols};

pub(crate) async fn publish(svc: &Sns, cx: &Ctx, input: PublishInput) -> Result<PublishOutput, AwsError> {
    let draft = Draft {
        message: input.message,
        subject: input.subject,
        structure: input.message_structure,
        attributes: attribute::checked(input.message_attributes)?,
        deduplication: input.message_deduplication_id,
        group: input.message_group_id,
    };
    let given = |value: Option<String>| value.filter(|value| !value.is_empty());
    let (topic, target) = (given(input.topic_arn), given(input.target_arn));
    if let Some(number) = given(input.phone_number) {
        if topic.is_some() || target.is_some() {
            return Err(invalid("TopicArn, TargetArn or PhoneNumber Reason: only one of them can be given"));
        }
        return protocols::publish_to_phone(svc, cx, &number, draft).await;
    }
    let (arn, member) = match (topic, target) {
        (Some(topic), _) => (topic, "TopicArn"),
        (None, Some(target)) => (target, "TargetArn"),
        (None, None) => return Err(invalid("TopicArn or TargetArn Reason: no value for required parameter")),
    };
    if protocols::is_endpoint(&arn) {
        return protocols::publish_to_device(svc, cx, &arn, draft).await;
    }
    let id = TopicId::parse(cx, &arn, member)?;
    let published = svc.publish(cx, &id, vec![draft], None).await?.pop();
    let published = published.ok_or_else(|| as_it_is("nothing was published".to_owned()))??;
    Ok(PublishOutput { message_id: Some(published.id), sequence_number: published.sequence })
}
