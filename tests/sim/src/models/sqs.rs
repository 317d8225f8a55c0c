//! SQS: what was acknowledged to be sent is received, what was acknowledged to be deleted is not received again, groups
//! keep their order, and in the end nothing is left.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use parking_lot::Mutex;
use updraft_api_sqs::Sqs as _;
use updraft_api_sqs::types::{
    CreateQueueInput, DeleteMessageInput, Message, MessageSystemAttributeName as Name, ReceiveMessageInput,
    SendMessageInput,
};
use updraft_kernel::{AwsError, BoxFuture, Clock, Ctx, RngExt};

use crate::model::{Known, Model, Sent, Step};
use crate::node::Node;
use crate::world::World;

const STANDARD: &str = "simulated";
const FIFO: &str = "simulated.fifo";
const GROUPS: u64 = 3;
/// Longer than all faults: a message returns in the end only.
const VISIBILITY: Duration = Duration::from_secs(60);
/// As the layer around every operation tries.
const CONFLICTS: u32 = 60;
/// Receives in the end after which it is said that it doesn't come to one.
const DRAINS: u32 = 2_000;

#[derive(Default)]
pub(super) struct Queues {
    sent: Sent,
    seen: Mutex<Seen>,
}

/// What clients were told.
#[derive(Debug, Default)]
struct Seen {
    received: BTreeSet<u64>,
    deleted: BTreeSet<u64>,
    /// Of each group the sequence number of what was received first, in the receive for which that is the greatest.
    front: BTreeMap<String, String>,
}

/// What a message says of itself.
struct Told {
    number: u64,
    handle: String,
    /// On FIFO queues.
    group: Option<(String, String)>,
}

fn url(queue: &str) -> String {
    format!("http://127.0.0.1:4566/000000000000/{queue}")
}

fn told(message: Message) -> Result<Told, String> {
    let body = message.body.unwrap_or_default();
    let number = body.parse().map_err(|_| format!("nobody sent {body:?}"))?;
    let attributes = message.attributes.unwrap_or_default();
    let of = |name: Name| attributes.get(name.as_str()).cloned();
    let group = of(Name::SequenceNumber).and_then(|sequence| Some((of(Name::MessageGroupId)?, sequence)));
    Ok(Told { number, handle: message.receipt_handle.unwrap_or_default(), group })
}

/// Runs one again as long as it only conflicts.
async fn again<T, F>(node: &Node, mut once: impl FnMut(Ctx) -> F + Send) -> Result<T, AwsError>
where
    F: Future<Output = Result<T, AwsError>> + Send,
{
    let mut tries = 0;
    loop {
        match once(node.cx()).await {
            Err(err) if err.is_conflict() && tries < CONFLICTS => tries += 1,
            done => return done,
        }
        node.clock.pause(Duration::from_micros(node.rng.below(2_000))).await;
    }
}

fn known<T>(answer: &Result<T, AwsError>) -> Result<Known, String> {
    match answer {
        Ok(_) => Ok(Known::Acknowledged),
        Err(err) if err.is_conflict() => Ok(Known::Refused),
        Err(err) if err.code().status == 503 => Ok(Known::Sent),
        Err(err) => Err(format!("{err:?}")),
    }
}

impl Queues {
    async fn send(&self, node: &Node, queue: &str, group: u64) -> Result<(), String> {
        let number = self.sent.next();
        let fifo = (queue == FIFO).then(|| (format!("g{group}"), number.to_string()));
        let (group, id) = fifo.unzip();
        let input = SendMessageInput {
            queue_url: url(queue),
            message_body: number.to_string(),
            message_group_id: group,
            message_deduplication_id: id,
            ..SendMessageInput::default()
        };
        let answer = again(node, |cx| {
            let input = input.clone();
            async move { node.sqs.send_message(&cx, input).await }
        })
        .await;
        let known = known(&answer).map_err(|why| format!("message {number}: {why}"))?;
        self.sent.now(number, known);
        node.journal.note(format_args!("message {number} to {queue} on {}: {known:?}", node.name));
        Ok(())
    }

    async fn receive(&self, node: &Node, queue: &str, most: i32) -> Result<Vec<Told>, String> {
        let input = ReceiveMessageInput {
            queue_url: url(queue),
            max_number_of_messages: Some(most),
            message_system_attribute_names: Some(vec![Name::All]),
            ..ReceiveMessageInput::default()
        };
        // What is known now is known before anything is received.
        let (deleted, front) = {
            let seen = self.seen.lock();
            (seen.deleted.clone(), seen.front.clone())
        };
        let answer = node.sqs.receive_message(&node.cx(), input).await;
        known(&answer).map_err(|why| format!("a receive of {queue}: {why}"))?;
        let messages = answer.map(|answer| answer.messages.unwrap_or_default()).unwrap_or_default();
        let messages = messages.into_iter().map(told).collect::<Result<Vec<_>, _>>()?;
        let numbers: Vec<u64> = messages.iter().map(|told| told.number).collect();
        node.journal.note(format_args!("received of {queue} on {}: {numbers:?}", node.name));
        for told in &messages {
            if deleted.contains(&told.number) {
                return Err(format!("message {} was received after its deletion was acknowledged", told.number));
            }
            if told
                .group
                .as_ref()
                .is_some_and(|(group, sequence)| front.get(group).is_some_and(|front| front > sequence))
            {
                return Err(format!("message {} came after one that was sent behind it", told.number));
            }
        }
        self.note(&messages);
        Ok(messages)
    }

    /// Of each group what is in front of a receive's first message is gone for ever.
    fn note(&self, messages: &[Told]) {
        let mut fronts = BTreeMap::new();
        for (group, sequence) in messages.iter().rev().filter_map(|told| told.group.clone()) {
            fronts.insert(group, sequence);
        }
        let mut seen = self.seen.lock();
        seen.received.extend(messages.iter().map(|told| told.number));
        for (group, sequence) in fronts {
            let known = seen.front.entry(group).or_default();
            if *known < sequence {
                *known = sequence;
            }
        }
    }

    async fn delete(&self, node: &Node, queue: &str, told: &Told) -> Result<(), String> {
        let input = DeleteMessageInput { queue_url: url(queue), receipt_handle: told.handle.clone() };
        let answer = again(node, |cx| {
            let input = input.clone();
            async move { node.sqs.delete_message(&cx, input).await }
        })
        .await;
        let known = known(&answer).map_err(|why| format!("deleting {}: {why}", told.number))?;
        node.journal.note(format_args!("{} deleted on {}: {known:?}", told.number, node.name));
        if known == Known::Acknowledged {
            self.seen.lock().deleted.insert(told.number);
        }
        Ok(())
    }

    async fn one(&self, Step { node, rng }: Step<'_>) -> Result<(), String> {
        let queue = if rng.below(2) == 0 { STANDARD } else { FIFO };
        if rng.below(2) == 0 {
            return self.send(node, queue, rng.below(GROUPS)).await;
        }
        let most = i32::try_from(1 + rng.below(4)).unwrap_or(1);
        // A handle is good until its time is over, which it isn't here.
        for told in self.receive(node, queue, most).await? {
            if rng.below(8) != 0 {
                self.delete(node, queue, &told).await?;
            }
        }
        Ok(())
    }

    /// Everything is received and deleted.
    async fn drain(&self, node: &Node) -> Result<(), String> {
        for queue in [STANDARD, FIFO] {
            let mut drains = 0;
            loop {
                let messages = self.receive(node, queue, 10).await?;
                if messages.is_empty() {
                    break;
                }
                for told in &messages {
                    self.delete(node, queue, told).await?;
                }
                drains += 1;
                if drains > DRAINS {
                    return Err(format!("{queue} doesn't become empty"));
                }
            }
        }
        Ok(())
    }
}

impl Model for Queues {
    fn name(&self) -> &'static str {
        "sqs"
    }

    fn prepare<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            for queue in [STANDARD, FIFO] {
                let mut attributes =
                    BTreeMap::from([("VisibilityTimeout".to_owned(), VISIBILITY.as_secs().to_string())]);
                if queue == FIFO {
                    attributes.insert("FifoQueue".to_owned(), "true".to_owned());
                }
                let input = CreateQueueInput {
                    queue_name: queue.to_owned(),
                    attributes: Some(attributes),
                    ..CreateQueueInput::default()
                };
                if let Err(err) = again(node, |cx| {
                    let input = input.clone();
                    async move { node.sqs.create_queue(&cx, input).await }
                })
                .await
                {
                    node.journal.wrong(format_args!("a queue can't be made: {err:?}"));
                }
            }
        })
    }

    fn step<'a>(&'a self, step: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(why) = self.one(step).await {
                step.node.journal.wrong(format_args!("{why}, on {}", step.node.name));
            }
        })
    }

    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            world.clock.pause(VISIBILITY * 2).await;
            let Some(node) = world.node(0) else { return world.journal.wrong("there is no node") };
            if let Err(why) = self.drain(&node).await {
                return world.journal.wrong(why);
            }
            let seen = self.seen.lock();
            for (number, known) in self.sent.all() {
                match known {
                    Known::Acknowledged if !seen.received.contains(&number) => {
                        world.journal.wrong(format_args!("message {number} was accepted and never received"));
                    }
                    Known::Refused if seen.received.contains(&number) => {
                        world.journal.wrong(format_args!("message {number} was refused and received"));
                    }
                    _ => {}
                }
            }
        })
    }
}
