//! Queues: in an envelope, or raw with the message's attributes as the queue's.

use bytes::Bytes;
use updraft_kernel::ports::{QueueMessage, Sender};
use updraft_kernel::{Arn, AwsError};

use super::{Answer, Sent};
use crate::Sns;
use crate::errors::invalid;
use crate::fanout::Parcel;
use crate::model::publication::id_of;

pub(crate) const SERVICE: &str = "sns.amazonaws.com";

/// AWS: what has more attributes than a queue's message may have isn't delivered raw.
const MOST_ATTRIBUTES: usize = 10;

pub(super) fn check_endpoint(endpoint: &str) -> Result<(), AwsError> {
    match Arn::parse(endpoint) {
        Ok(arn) if arn.service == "sqs" => Ok(()),
        _ => Err(invalid("SQS endpoint ARN")),
    }
}

pub(super) async fn send(svc: &Sns, parcel: &Parcel<'_>) -> Vec<Sent> {
    match Arn::parse(&parcel.row.endpoint) {
        Ok(queue) => send_to(svc, parcel, &queue).await,
        Err(error) => {
            let answer = Answer { status: 400, response: error.to_string() };
            vec![Sent::Never(answer); parcel.messages.len()]
        }
    }
}

/// To the subscription's own queue, or to the one that has its dead letters.
pub(crate) async fn send_to(svc: &Sns, parcel: &Parcel<'_>, queue: &Arn) -> Vec<Sent> {
    let sender = Sender::new(SERVICE, parcel.sheet.topic.arn());
    let (mut results, mut messages) = (Vec::new(), Vec::new());
    for index in &parcel.messages {
        let message = message(parcel, *index, queue);
        results.push(message.is_none().then(too_many));
        messages.extend(message);
    }
    if messages.is_empty() {
        return results.into_iter().flatten().collect();
    }
    let mut answers = svc.couriers.send(&*svc.parts.queues, (queue, &sender), messages).await.into_iter();
    let missing = || Sent::Later(Answer { status: 500, response: "the queue gave no answer".to_owned() });
    results.into_iter().map(|known| known.unwrap_or_else(|| answers.next().unwrap_or_else(missing))).collect()
}

pub(super) fn told((answer, id): (Result<(), AwsError>, String)) -> Sent {
    match answer {
        Ok(()) => Sent::Done(Answer { status: 200, response: format!(r#"{{"sqsMessageId":"{id}"}}"#) }),
        Err(error) => Sent::refused(&error),
    }
}

fn too_many() -> Sent {
    Sent::Never(Answer { status: 400, response: "it has more than 10 attributes".to_owned() })
}

/// `None`: it has more attributes than can be sent raw.
fn message(parcel: &Parcel<'_>, index: usize, queue: &Arn) -> Option<QueueMessage> {
    let message = parcel.sheet.message(index)?;
    let (body, attributes) = if parcel.row.is_raw() {
        if message.attributes.len() > MOST_ATTRIBUTES {
            return None;
        }
        (message.text_for(&parcel.row.protocol).to_owned(), message.attributes.clone())
    } else {
        (parcel.sheet.envelope(index, parcel), Default::default())
    };
    let (from_fifo, to_fifo) = (message.sequence.is_some(), queue.resource.ends_with(".fifo"));
    Some(QueueMessage {
        id: id_of(&message.id, &parcel.id),
        body: Bytes::from(body),
        attributes,
        // AWS: a group goes with its message from like to like.
        group: message.group.clone().filter(|_| from_fifo == to_fifo),
        deduplication: message.deduplication.clone().filter(|_| to_fifo),
        trace: parcel.sheet.publication.trace.clone(),
    })
}
