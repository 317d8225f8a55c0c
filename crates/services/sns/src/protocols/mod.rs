//! One protocol = one file: what an endpoint of it looks like, and how a message gets there.

mod courier;
mod firehose;
mod http;
mod lambda;
mod people;
pub(crate) mod sqs;

use std::sync::Arc;
use std::time::Duration;

use updraft_delivery::{Backoff, RetryPolicy};
use updraft_kernel::{AwsError, Ctx, Principal};
use updraft_store::Tx;

pub(crate) use self::courier::Couriers;
pub(crate) use self::http::Pace;
pub(crate) use self::people::{publish_to_device, publish_to_phone};
use crate::Sns;
use crate::errors::invalid;
use crate::fanout::Parcel;
use crate::keys::Place;
use crate::model::message::check_phone;
use crate::model::subscription::Subscription;
use crate::model::topic::{Topic, USUAL_SIZE};

/// What a protocol's other side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// As of HTTP.
    pub(crate) status: u16,
    /// `providerResponse` of logs; the reason where it was refused.
    pub(crate) response: String,
}

impl Answer {
    /// As the reason of a failure, from which it is read again.
    pub(crate) fn reason(&self) -> String {
        format!("{} {}", self.status, self.response)
    }

    pub(crate) fn read(reason: &str) -> Self {
        let read = reason.split_once(' ').and_then(|(status, rest)| Some((status.parse().ok()?, rest)));
        let (status, response) = read.unwrap_or((500, reason));
        Self { status, response: response.to_owned() }
    }
}

/// What came of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Done(Answer),
    /// It may be taken later.
    Later(Answer),
    /// It wasn't sent yet: it is to wait for its turn.
    NotYet(Duration),
    /// It will never be.
    Never(Answer),
}

impl Sent {
    /// Of a refusal of one of our own services.
    pub(crate) fn refused(error: &AwsError) -> Self {
        let answer = Answer { status: error.code().status, response: error.to_string() };
        if matches!(answer.status, 429 | 500..) { Self::Later(answer) } else { Self::Never(answer) }
    }
}

/// Whether somebody must agree before something is sent there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    AtOnce,
    WhenConfirmed,
}

/// Who carries out what protocols have of their own.
pub(crate) fn register(service: &Arc<Sns>) {
    http::Letters::register(service);
}

/// # Errors
/// If there is no such protocol, or the endpoint can't be one of its.
pub(crate) fn check_endpoint(cx: &Ctx, protocol: &str, endpoint: &str) -> Result<(), AwsError> {
    match protocol {
        "sqs" => sqs::check_endpoint(endpoint),
        "lambda" => lambda::check_endpoint(endpoint),
        "firehose" => firehose::check_endpoint(endpoint),
        "sms" => check_phone(endpoint),
        "http" | "https" => http::check_endpoint(protocol, endpoint),
        "email" | "email-json" => people::check_mail(endpoint),
        "application" => people::check_device(cx, endpoint),
        _ => Err(invalid(format_args!("Amazon SNS does not support this protocol string: {protocol}"))),
    }
}

/// # Errors
/// If this topic can't send there.
pub(crate) fn check_for(topic: &Topic, protocol: &str, endpoint: &str) -> Result<(), AwsError> {
    if topic.is_fifo() && protocol != "sqs" {
        return Err(invalid(format_args!("Invalid protocol type: {protocol}")));
    }
    if !topic.is_fifo() && protocol == "sqs" && endpoint.ends_with(".fifo") {
        let why = "Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics";
        return Err(invalid(format_args!("Invalid parameter: {why}")));
    }
    let takes_large = matches!(protocol, "sqs" | "lambda" | "firehose") && topic.confirmed + topic.pending < 100;
    if topic.max_size() > USUAL_SIZE && !takes_large {
        return Err(invalid(
            "Endpoint Reason: a topic with a maximum message size above 262144 must have 100 or fewer subscriptions, \
             each of protocol sqs, firehose or lambda",
        ));
    }
    Ok(())
}

pub(crate) fn accept(_cx: &Ctx, row: &Subscription) -> Accepted {
    match row.protocol.as_str() {
        "sqs" | "lambda" | "firehose" | "sms" | "application" => Accepted::AtOnce,
        _ => Accepted::WhenConfirmed,
    }
}

/// Sends the token there, when `tx` commits.
///
/// # Errors
/// If it can't be sent.
pub(crate) async fn ask_to_confirm(
    svc: &Sns,
    cx: &Ctx,
    (tx, topic): (&mut Tx, &Topic),
    (place, row): (&Place, &Subscription),
) -> Result<(), AwsError> {
    match row.protocol.as_str() {
        "http" | "https" => http::ask_to_confirm(svc, cx, (tx, topic), (place, row)).await,
        "email" | "email-json" => people::ask_by_mail(svc, cx, tx, (place, row)).await,
        _ => Ok(()),
    }
}

/// Tells the endpoint that it gets nothing any more. AWS: where it wasn't its owner who ended it.
///
/// # Errors
/// If it can't be sent.
pub(crate) async fn tell_of_end(
    svc: &Sns,
    cx: &Ctx,
    (tx, topic): (&mut Tx, &Topic),
    (place, row): (&Place, &Subscription),
) -> Result<(), AwsError> {
    let by_owner = cx.identity.principal != Principal::Anonymous && cx.account.as_str() == row.owner;
    match row.protocol.as_str() {
        "http" | "https" if row.confirmed && !by_owner => http::tell_of_end(svc, cx, (tx, topic), (place, row)).await,
        _ => Ok(()),
    }
}

/// All messages of the parcel, in their order: one result for each.
pub(crate) async fn send(svc: &Sns, parcel: &Parcel<'_>) -> Vec<Sent> {
    match parcel.row.protocol.as_str() {
        "sqs" => sqs::send(svc, parcel).await,
        "lambda" => lambda::send(svc, parcel).await,
        "firehose" => firehose::send(parcel),
        "http" | "https" => http::send(svc, parcel).await,
        "email" | "email-json" | "sms" | "application" => people::send(svc, parcel).await,
        other => {
            let response = format!("nothing is sent by {other}");
            parcel.messages.iter().map(|_| Sent::Never(Answer { status: 501, response: response.clone() })).collect()
        }
    }
}

/// How what can't be taken at once is tried again. AWS: what it runs itself is tried for 23 days, at once, then each
/// second, then ever more slowly, then every twenty seconds.
pub(crate) fn retries(topic: &Topic, row: &Subscription) -> RetryPolicy {
    if matches!(row.protocol.as_str(), "http" | "https") {
        return http::Policy::of(topic, row).later_retries();
    }
    let millis = [0, 0, 1_000, 1_000, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 11_000, 14_000, 17_000, 20_000];
    let backoff = Backoff::Schedule(millis.into_iter().map(Duration::from_millis).collect());
    // The first attempt was the fan-out's.
    RetryPolicy { max_attempts: 100_014, max_age: Duration::from_secs(23 * 24 * 3600), backoff }
}

/// How long the first of a message's retries waits, where it does.
pub(crate) fn first_pause(
    svc: &Sns,
    (topic, row): (&Topic, &Subscription),
    (subscription, message): (&str, &str),
) -> Option<Duration> {
    let waits = matches!(row.protocol.as_str(), "http" | "https");
    waits.then(|| http::first_pause(svc, &http::Policy::of(topic, row), (subscription, message))).flatten()
}

/// Whether what is sent there is in an envelope, or is signed: that takes its time.
pub(crate) fn wants_envelope(row: &Subscription) -> bool {
    match row.protocol.as_str() {
        "sqs" | "http" | "https" => !row.is_raw(),
        "email" | "sms" | "application" | "firehose" => false,
        _ => true,
    }
}

/// Whether an ARN to publish to names a device.
pub(crate) fn is_endpoint(arn: &str) -> bool {
    arn.split(':').nth(5).is_some_and(|resource| resource.starts_with("endpoint/"))
}
