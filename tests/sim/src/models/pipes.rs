//! Pipes: what was accepted by the queue at one end comes out at the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use updraft_api_pipes::Pipes as _;
use updraft_api_pipes::types::{CreatePipeInput, PipeTargetParameters};
use updraft_api_sqs::Sqs as _;
use updraft_api_sqs::types::{CreateQueueInput, SendMessageInput};
use updraft_kernel::{AwsError, BoxFuture, Clock};

use super::outside::Outside;
use crate::model::{Known, Model, Sent, Step};
use crate::node::Node;
use crate::world::World;

const SOURCE: &str = "piped";
const TARGET: &str = "came-out";
/// A message returns after so many seconds, where whoever had it is gone.
const VISIBILITY: &str = "20";
/// Within which everything has come out, without faults.
const LONG: Duration = Duration::from_secs(300);
const STEP: Duration = Duration::from_secs(5);

/// Sends into a pipe.
pub(super) struct Piped {
    sent: Sent,
    outside: Arc<Outside>,
}

fn queue(name: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{name}")
}

async fn make(node: &Node) -> Result<(), AwsError> {
    let attributes = BTreeMap::from([("VisibilityTimeout".to_owned(), VISIBILITY.to_owned())]);
    let input =
        CreateQueueInput { queue_name: SOURCE.into(), attributes: Some(attributes), ..CreateQueueInput::default() };
    node.sqs.create_queue(&node.cx(), input).await?;
    let parameters = PipeTargetParameters { input_template: Some("<$.body>".into()), ..Default::default() };
    let input = CreatePipeInput {
        name: "p".into(),
        source: queue(SOURCE),
        target: queue(TARGET),
        target_parameters: Some(parameters),
        role_arn: "arn:aws:iam::000000000000:role/r".into(),
        ..CreatePipeInput::default()
    };
    node.pipes.create_pipe(&node.cx(), input).await.map(drop)
}

impl Model for Piped {
    fn name(&self) -> &'static str {
        "pipes"
    }

    fn prepare<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(err) = make(node).await {
                node.journal.wrong(format_args!("the pipe can't be made: {err:?}"));
            }
        })
    }

    fn step<'a>(&'a self, Step { node, .. }: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let number = self.sent.next();
            let input = SendMessageInput {
                queue_url: format!("http://127.0.0.1:4566/000000000000/{SOURCE}"),
                message_body: number.to_string(),
                ..SendMessageInput::default()
            };
            let known = match node.sqs.send_message(&node.cx(), input).await {
                Ok(_) => Known::Acknowledged,
                Err(err) if err.is_conflict() => Known::Refused,
                Err(err) if err.code().status == 503 => Known::Sent,
                Err(err) => return node.journal.wrong(format_args!("message {number} on {}: {err:?}", node.name)),
            };
            self.sent.now(number, known);
            node.journal.note(format_args!("message {number} into the pipe on {}: {known:?}", node.name));
        })
    }

    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let until = world.clock.monotonic() + LONG;
            while !self.missing().is_empty() && world.clock.monotonic() < until {
                world.clock.pause(STEP).await;
            }
            let missing = self.missing();
            if !missing.is_empty() {
                world.journal.wrong(format_args!("{missing:?} were accepted and never came out of the pipe"));
            }
            match self.outside.told(TARGET, serde_json::Value::as_u64) {
                Ok(told) => {
                    let refused = told.into_keys().find(|number| self.sent.known(*number) == Some(Known::Refused));
                    if let Some(number) = refused {
                        world.journal.wrong(format_args!("message {number} was refused and came out of the pipe"));
                    }
                }
                Err(why) => world.journal.wrong(why),
            }
        })
    }
}

impl Piped {
    pub(super) fn new(outside: Arc<Outside>) -> Self {
        Self { sent: Sent::default(), outside }
    }

    fn missing(&self) -> Vec<u64> {
        let told = self.outside.told(TARGET, serde_json::Value::as_u64).unwrap_or_default();
        let all = self.sent.all().into_iter();
        let missing = all.filter(|(number, known)| *known == Known::Acknowledged && !told.contains_key(number));
        missing.map(|(number, _)| number).collect()
    }
}
