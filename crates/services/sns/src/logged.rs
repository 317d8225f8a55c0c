//! Delivery status: what became of each message, written to CloudWatch Logs where the topic asks for it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::json;
use updraft_delivery::Failure;
use updraft_kernel::ports::{LogBatch, LogLine};
use updraft_kernel::{RngExt, UnixMillis, hex};

use crate::Sns;
use crate::fanout::Parcel;
use crate::model::message::Notification;
use crate::protocols::{Answer, Sent};

/// What was taken. What wasn't is told when it is given up.
pub(crate) fn told(svc: &Sns, parcel: &Parcel<'_>, sent: &[Sent]) {
    let Some(protocol) = logged(&parcel.row.protocol) else { return };
    let topic = parcel.sheet.row;
    if topic.attribute(&format!("{protocol}SuccessFeedbackRoleArn")).is_none() {
        return;
    }
    let rate = topic.attribute(&format!("{protocol}SuccessFeedbackSampleRate")).and_then(|rate| rate.parse().ok());
    for (index, sent) in parcel.messages.iter().zip(sent) {
        if let (Sent::Done(answer), Some(message)) = (sent, parcel.sheet.message(*index))
            && svc.parts.rng.below(100) < rate.unwrap_or(100)
        {
            write(svc, parcel, "", line(svc, parcel, message, (answer, "SUCCESS", 1)));
        }
    }
}

/// What was given up, and why.
pub(crate) fn given_up(svc: &Sns, parcel: &Parcel<'_>, failure: Option<&Failure>) {
    let Some(protocol) = logged(&parcel.row.protocol) else { return };
    let wanted = parcel.sheet.row.attribute(&format!("{protocol}FailureFeedbackRoleArn")).is_some();
    let message = parcel.messages.first().and_then(|index| parcel.sheet.message(*index));
    if let (true, Some(message), Some(failure)) = (wanted, message, failure) {
        let answer = Answer::read(&failure.reason);
        write(svc, parcel, "/Failure", line(svc, parcel, message, (&answer, "FAILURE", failure.attempts)));
    }
}

/// As the topic's attributes call the protocol.
fn logged(protocol: &str) -> Option<&'static str> {
    Some(match protocol {
        "http" | "https" => "HTTP",
        "sqs" => "SQS",
        "lambda" => "Lambda",
        "application" => "Application",
        "firehose" => "Firehose",
        _ => return None,
    })
}

fn line(
    svc: &Sns,
    parcel: &Parcel<'_>,
    message: &Notification,
    (answer, status, attempts): (&Answer, &str, u32),
) -> String {
    let at = parcel.sheet.publication.at;
    let mut delivery = json!({
        "deliveryId": svc.parts.rng.uuid(),
        "destination": parcel.row.endpoint,
        "providerResponse": answer.response,
        "dwellTimeMs": svc.parts.clock.now().since(at).as_millis().to_string().parse::<u64>().unwrap_or(0),
        "statusCode": answer.status,
    });
    if let (Some(members), true) = (delivery.as_object_mut(), attempts > 1) {
        members.insert("attempts".to_owned(), attempts.into());
    }
    let text = message.text_for(&parcel.row.protocol);
    json!({
        "notification": {
            "messageMD5Sum": hex(&Md5::digest(text.as_bytes())),
            "messageId": message.id,
            "topicArn": parcel.sheet.topic.arn().to_string(),
            "timestamp": timestamp(at),
        },
        "delivery": delivery,
        "status": status,
    })
    .to_string()
}

/// `2015-01-19 23:07:39.132`.
fn timestamp(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// AWS: the group is called after the topic's ARN.
fn write(svc: &Sns, parcel: &Parcel<'_>, behind: &str, message: String) {
    let topic = parcel.sheet.topic;
    let mut stream = [0; 16];
    svc.parts.rng.fill(&mut stream);
    svc.parts.logs.append(LogBatch {
        account: topic.account.clone(),
        region: topic.region.clone(),
        group: format!("sns/{}/{}/{}{behind}", topic.region.as_str(), topic.account, topic.name),
        stream: STANDARD.encode(stream).replace(['+', '/', '='], "-"),
        lines: vec![LogLine { at: svc.parts.clock.now(), message }],
    });
}
