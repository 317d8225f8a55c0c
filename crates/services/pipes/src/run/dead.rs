//! Records of streams that were given up, told to where the pipe says.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use updraft_kernel::ports::{GivenUp, Mapping, QueueMessage, Sender, TargetEvent};
use updraft_kernel::{Arn, AwsError, UnixMillis};

use super::SERVICE;
use super::hand::derived;
use crate::Pipes;
use crate::errors::invalid;

impl Pipes {
    pub(crate) async fn tell_given_up(&self, mapping: &Mapping, what: &GivenUp) -> Result<(), AwsError> {
        let target = mapping.stream.as_ref().and_then(|stream| stream.on_failure.as_deref());
        let Some(target) = target else { return Ok(()) };
        let target = Arn::parse(target).map_err(AwsError::internal)?;
        // The same each time these records are given up.
        let id = derived(&mapping.uuid, &format!("{}/{}-{}", what.shard, what.first.0, what.last.0));
        let body = body(mapping, what, self.parts.clock.now()).to_string();
        let told = if target.service == "sqs" {
            self.to_queue(mapping, &target, QueueMessage { id, body: body.into(), ..empty() }).await
        } else {
            self.to_topic(mapping, target, id, body).await
        };
        match told {
            Err(err) if err.code().status < 500 && err.code().status != 429 => {
                tracing::error!(pipe = %mapping.function, error = ?err, "records that were given up can't be told of");
                Ok(())
            }
            told => told,
        }
    }

    async fn to_queue(&self, mapping: &Mapping, queue: &Arn, message: QueueMessage) -> Result<(), AwsError> {
        self.parts.queues.send(queue, &sender(mapping), vec![message]).await?.into_iter().collect()
    }

    async fn to_topic(&self, mapping: &Mapping, target: Arn, id: String, body: String) -> Result<(), AwsError> {
        let nobody = || invalid(format!("updraft does not send dead letters to {target} yet"));
        let port = self.parts.targets.of(&target).ok_or_else(nobody)?;
        let event = TargetEvent {
            id,
            target,
            sender: sender(mapping),
            body: body.into(),
            attributes: Vec::new(),
            detail_type: None,
            object_key: None,
            at: self.parts.clock.now(),
            trace: None,
        };
        port.send(event).await
    }
}

/// AWS: the pipe's role, of which only the account is known here.
fn sender(mapping: &Mapping) -> Sender {
    let role = format!("arn:{}:iam::{}:root", mapping.region.partition(), mapping.account);
    Sender::new(SERVICE, mapping.function.clone()).acting_as(Some(&role))
}

fn empty() -> QueueMessage {
    QueueMessage {
        id: String::new(),
        body: String::new().into(),
        attributes: BTreeMap::new(),
        group: None,
        deduplication: None,
        trace: None,
    }
}

fn body(mapping: &Mapping, what: &GivenUp, at: UnixMillis) -> Value {
    let moment =
        |at: UnixMillis, form: &str| Timestamp::from_millisecond(at.0).unwrap_or_default().strftime(form).to_string();
    let arrival = |at: UnixMillis| moment(at, "%Y-%m-%dT%H:%M:%SZ");
    json!({
        "context": { "partnerResourceArn": mapping.function.to_string(), "condition": what.condition },
        "version": "1.0",
        "timestamp": moment(at, "%Y-%m-%dT%H:%M:%S.%3fZ"),
        "DDBStreamBatchInfo": {
            "shardId": what.shard,
            "startSequenceNumber": what.first.0,
            "endSequenceNumber": what.last.0,
            "approximateArrivalOfFirstRecord": arrival(what.first.1),
            "approximateArrivalOfLastRecord": arrival(what.last.1),
            "batchSize": what.count,
            "streamArn": mapping.source.to_string(),
        },
    })
}
