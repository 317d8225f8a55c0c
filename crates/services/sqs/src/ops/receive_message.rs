//! `ReceiveMessage`: up to ten messages, which others then don't see for a while; waits for some where that is asked for.

use updraft_api_sqs::types::{ReceiveMessageInput, ReceiveMessageOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::errors::invalid_value;
use crate::messages::{Ask, LONGEST_VISIBILITY, LONGEST_WAIT};
use crate::model::letter::check_id;
use crate::model::wanted::Wanted;
use crate::queue_url::QueueName;
use crate::table;

/// # Errors
/// If there is no such queue, or too much of it is in flight.
pub(crate) async fn receive_message(
    svc: &Sqs,
    cx: &Ctx,
    input: ReceiveMessageInput,
) -> Result<ReceiveMessageOutput, AwsError> {
    QueueName::of_url(cx, &input.queue_url)?;
    let ask = Ask {
        most: most(input.max_number_of_messages)?,
        visibility: seconds("VisibilityTimeout", input.visibility_timeout, LONGEST_VISIBILITY)?,
        attempt: input.receive_request_attempt_id,
    };
    let wait = seconds("WaitTimeSeconds", input.wait_time_seconds, LONGEST_WAIT)?;
    let wanted =
        Wanted::read(input.attribute_names, input.message_system_attribute_names, input.message_attribute_names)?;
    // Who may receive may wait for what comes.
    let (name, queue) = table::named(&mut svc.parts.store.read().await?, cx, &input.queue_url).await?;
    // AWS: standard queues don't look at it.
    if queue.settings.fifo.is_some() {
        check_id("ReceiveRequestAttemptId", ask.attempt.as_deref())?;
    }
    let received = svc.poll(&name, &ask, wait).await?.received;
    let messages: Vec<_> = received.into_iter().map(|message| wanted.show(message)).collect();
    // AWS: no list where there is nothing in it.
    Ok(ReceiveMessageOutput { messages: Some(messages).filter(|messages| !messages.is_empty()) })
}

fn most(asked: Option<i32>) -> Result<usize, AwsError> {
    let asked = asked.unwrap_or(1);
    let legal = usize::try_from(asked).ok().filter(|most| (1..=10).contains(most));
    let reason = "Must be between 1 and 10, if provided";
    legal.ok_or_else(|| invalid_value(&asked.to_string(), "MaxNumberOfMessages", reason))
}

fn seconds(parameter: &str, asked: Option<i32>, most: u32) -> Result<Option<u32>, AwsError> {
    let Some(asked) = asked else { return Ok(None) };
    let legal = u32::try_from(asked).ok().filter(|seconds| *seconds <= most);
    let reason = format!("Must be >= 0 and <= {most}, if provided");
    legal.map(Some).ok_or_else(|| invalid_value(&asked.to_string(), parameter, &reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_each_boundary() {
        assert_eq!((most(None).unwrap(), most(Some(1)).unwrap(), most(Some(10)).unwrap()), (1, 1, 10));
        for bad in [-1, 0, 11] {
            let expected = format!(
                "Value {bad} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
            );
            assert_eq!(most(Some(bad)).unwrap_err().message(), expected);
        }
        assert_eq!(seconds("WaitTimeSeconds", Some(20), 20).unwrap(), Some(20));
        for bad in [-1, 21] {
            assert!(seconds("WaitTimeSeconds", Some(bad), 20).is_err());
        }
    }
}
