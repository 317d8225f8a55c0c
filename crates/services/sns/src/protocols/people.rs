//! Mail, phones and apps: what they get is kept for whoever wants to see it, and goes nowhere.

use std::collections::BTreeMap;

use updraft_api_sns::types::PublishOutput;
use updraft_kernel::ports::Posted;
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::{StoreExt, Tx};

use super::{Answer, Sent};
use crate::Sns;
use crate::errors::{endpoint_disabled, invalid};
use crate::fanout::Parcel;
use crate::keys::Place;
use crate::model::envelope::unsubscribe_url;
use crate::model::message::{Draft, Notification};
use crate::model::publication::id_of;
use crate::model::subscription::Subscription;
use crate::model::topic::USUAL_SIZE;
use crate::people::phones::Phone;
use crate::people::{apps, phones, post};

pub(super) fn check_mail(endpoint: &str) -> Result<(), AwsError> {
    let (name, domain) = endpoint.rsplit_once('@').unwrap_or_default();
    let legal =
        !name.is_empty() && domain.contains('.') && !endpoint.contains(|c: char| c.is_whitespace() || c.is_control());
    if legal { Ok(()) } else { Err(invalid("Email address")) }
}

pub(super) fn check_device(cx: &Ctx, endpoint: &str) -> Result<(), AwsError> {
    apps::device_id(cx, endpoint, "Endpoint").map(drop)
}

/// Mails the link that confirms, when `tx` commits.
///
/// # Errors
/// If the store fails.
pub(super) async fn ask_by_mail(
    svc: &Sns,
    cx: &Ctx,
    tx: &mut Tx,
    (place, row): (&Place, &Subscription),
) -> Result<(), AwsError> {
    let topic = place.topic_id().arn().to_string();
    let (token, endpoint) = (row.token.as_deref().unwrap_or_default(), svc.parts.outward.of(&cx.endpoint));
    let link = format!("{endpoint}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}");
    let text = format!(
        "You have chosen to subscribe to the topic:\n{topic}\n\nTo confirm this subscription, click or visit the link below \
         (If this was in error no action is necessary):\n{link}\n"
    );
    let posted = Posted {
        id: cx.rng.uuid(),
        at: cx.now(),
        region: place.region.as_str().to_owned(),
        channel: row.protocol.clone(),
        to: row.endpoint.clone(),
        subject: Some("AWS Notification - Subscription Confirmation".to_owned()),
        text,
        topic,
        links: [("Confirm subscription".to_owned(), link)].into(),
        details: BTreeMap::new(),
    };
    post(svc, tx, &place.account, posted).await
}

/// All of the parcel's messages, in one transaction.
pub(super) async fn send(svc: &Sns, parcel: &Parcel<'_>) -> Vec<Sent> {
    match kept(svc, parcel).await {
        Ok(sent) => sent,
        Err(error) => vec![Sent::refused(&error); parcel.messages.len()],
    }
}

async fn kept(svc: &Sns, parcel: &Parcel<'_>) -> Result<Vec<Sent>, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let mut sent = Vec::with_capacity(parcel.messages.len());
    for index in &parcel.messages {
        sent.push(match parcel.sheet.message(*index) {
            Some(message) => one(svc, &mut tx, parcel, (*index, message)).await?,
            None => never(500, "the message isn't there"),
        });
    }
    tx.commit().await?;
    Ok(sent)
}

async fn one(
    svc: &Sns,
    tx: &mut Tx,
    parcel: &Parcel<'_>,
    (index, message): (usize, &Notification),
) -> Result<Sent, AwsError> {
    let (topic, row) = (parcel.sheet.topic, &parcel.row);
    let said = (message, id_of(&message.id, &parcel.id), topic.arn().to_string(), parcel.sheet.publication.at);
    let (account, region) = (&topic.account, &topic.region);
    let taken = match row.protocol.as_str() {
        "sms" => phones::send(svc, tx, Phone { account, region, number: &row.endpoint }, said).await?,
        "application" => {
            let Some(device) = device(parcel) else { return Ok(never(400, "the endpoint is no device's")) };
            match apps::send(svc, tx, &device, said).await {
                Err(error) if error.code().status == 404 => return Ok(never(404, &error.to_string())),
                other => other?,
            }
        }
        _ => {
            post(svc, tx, account, mail(parcel, index, said)).await?;
            true
        }
    };
    let done = || Sent::Done(Answer { status: 200, response: "kept in the outbox".to_owned() });
    Ok(if taken { done() } else { never(403, "whoever gets it wants nothing") })
}

fn never(status: u16, why: &str) -> Sent {
    Sent::Never(Answer { status, response: why.to_owned() })
}

fn device(parcel: &Parcel<'_>) -> Option<(apps::AppId, String)> {
    let arn = updraft_kernel::Arn::parse(&parcel.row.endpoint).ok()?;
    let (account, region) = (parcel.sheet.topic.account.clone(), parcel.sheet.topic.region.clone());
    match arn.resource.split('/').collect::<Vec<_>>().as_slice() {
        ["endpoint", platform, name, device] => {
            let (platform, name) = ((*platform).to_owned(), (*name).to_owned());
            Some((apps::AppId { account, region, platform, name }, (*device).to_owned()))
        }
        _ => None,
    }
}

fn mail(
    parcel: &Parcel<'_>,
    index: usize,
    (message, id, topic, at): (&Notification, String, String, updraft_kernel::UnixMillis),
) -> Posted {
    let row = &parcel.row;
    let text = match row.protocol.as_str() {
        "email-json" => parcel.sheet.envelope(index, parcel),
        _ => message.text_for(&row.protocol).to_owned(),
    };
    let link = unsubscribe_url(&parcel.sheet.publication.endpoint, &parcel.arn());
    Posted {
        id,
        at,
        region: parcel.sheet.topic.region.as_str().to_owned(),
        channel: row.protocol.clone(),
        to: row.endpoint.clone(),
        subject: Some(message.subject.clone().unwrap_or_else(|| "AWS Notification Message".to_owned())),
        text,
        topic,
        links: [("Unsubscribe".to_owned(), link)].into(),
        details: BTreeMap::new(),
    }
}

/// To a device alone.
///
/// # Errors
/// If there is none, or it takes nothing, or the message can't be sent.
pub(crate) async fn publish_to_device(svc: &Sns, cx: &Ctx, arn: &str, draft: Draft) -> Result<PublishOutput, AwsError> {
    draft.check(USUAL_SIZE)?;
    let device = apps::device_id(cx, arn, "TargetArn")?;
    let message = draft.into_notification(cx.rng.uuid(), false)?;
    let mut tx = svc.parts.store.write().await?;
    let said = (&message, message.id.clone(), String::new(), cx.now());
    let taken = apps::send(svc, &mut tx, &device, said).await.map_err(|error| match error.code().status {
        404 => invalid("TargetArn Reason: No endpoint found for the target arn specified"),
        _ => error,
    })?;
    if !taken {
        return Err(endpoint_disabled());
    }
    tx.commit().await?;
    Ok(PublishOutput { message_id: Some(message.id), sequence_number: None })
}

/// To a phone alone. AWS: also to one whose owner wants nothing; it is accepted, and goes nowhere.
///
/// # Errors
/// If it is none, or the message can't be sent.
pub(crate) async fn publish_to_phone(
    svc: &Sns,
    cx: &Ctx,
    number: &str,
    draft: Draft,
) -> Result<PublishOutput, AwsError> {
    phones::check(number)?;
    draft.check(USUAL_SIZE)?;
    let message = draft.into_notification(cx.rng.uuid(), false)?;
    let mut tx = svc.parts.store.write().await?;
    let phone = Phone { account: &cx.account, region: &cx.region, number };
    phones::send(svc, &mut tx, phone, (&message, message.id.clone(), String::new(), cx.now())).await?;
    tx.commit().await?;
    Ok(PublishOutput { message_id: Some(message.id), sequence_number: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        assert!(check_mail("a.b+c@example.com").is_ok());
        for address in ["", "a", "@example.com", "a@b", "a b@example.com"] {
            assert!(check_mail(address).is_err(), "{address}");
        }
    }
}
