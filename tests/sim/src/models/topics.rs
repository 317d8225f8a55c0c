//! Topics: what was accepted comes to every queue, and in its order where the topic keeps one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;
use updraft_api_sns::Sns as _;
use updraft_api_sns::types::{CreateTopicInput, PublishInput, SubscribeInput};
use updraft_kernel::{AwsError, BoxFuture, RngExt, SeededRng};

use super::outside::Outside;
use crate::model::{Known, Model, Sent, Step};
use crate::node::Node;
use crate::world::World;

const PLAIN: &str = "plain";
const ORDERED: &str = "ordered.fifo";
/// Of each topic.
const QUEUES: [&str; 2] = ["one", "two"];

/// Publishes.
pub(super) struct Topics {
    sent: Sent,
    outside: Arc<Outside>,
    /// Whether this seed has an ordered topic. Duplicates are told for minutes of virtual time, which each seed that has
    /// one takes longer for.
    orders: bool,
    /// Of the ordered topic: each message's group, and its place in it where that was told.
    ordered: Mutex<BTreeMap<u64, (u64, Option<String>)>>,
}

impl Topics {
    pub(super) fn new(outside: Arc<Outside>, seed: u64) -> Self {
        Self { sent: Sent::default(), outside, orders: seed.is_multiple_of(4), ordered: Mutex::default() }
    }

    fn is_ordered(&self, number: u64) -> bool {
        self.ordered.lock().contains_key(&number)
    }

    fn publish(&self, number: u64, rng: &SeededRng) -> PublishInput {
        let ordered = rng.below(2) == 0 && self.orders;
        let plain = PublishInput {
            topic_arn: Some(arn("sns", if ordered { ORDERED } else { PLAIN })),
            message: number.to_string(),
            ..PublishInput::default()
        };
        if !ordered {
            return plain;
        }
        let group = rng.below(2);
        self.ordered.lock().insert(number, (group, None));
        let (group, deduplication) = (Some(group.to_string()), Some(number.to_string()));
        PublishInput { message_group_id: group, message_deduplication_id: deduplication, ..plain }
    }
}

fn arn(service: &str, name: &str) -> String {
    format!("arn:aws:{service}:us-east-1:000000000000:{name}")
}

fn queue(topic: &str, name: &str) -> String {
    let behind = if topic == ORDERED { ".fifo" } else { "" };
    format!("{name}-of-{}{behind}", topic.trim_end_matches(".fifo"))
}

async fn make(node: &Node, topic: &str) -> Result<(), AwsError> {
    let fifo = (topic == ORDERED).then(|| BTreeMap::from([("FifoTopic".to_owned(), "true".to_owned())]));
    let input = CreateTopicInput { name: topic.into(), attributes: fifo, ..CreateTopicInput::default() };
    node.sns.create_topic(&node.cx(), input).await?;
    for name in QUEUES {
        let raw = BTreeMap::from([("RawMessageDelivery".to_owned(), "true".to_owned())]);
        let input = SubscribeInput {
            topic_arn: arn("sns", topic),
            protocol: "sqs".into(),
            endpoint: Some(arn("sqs", &queue(topic, name))),
            attributes: Some(raw),
            return_subscription_arn: None,
        };
        node.sns.subscribe(&node.cx(), input).await?;
    }
    Ok(())
}

impl Model for Topics {
    fn name(&self) -> &'static str {
        "topics"
    }

    fn prepare<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            for topic in [PLAIN, ORDERED] {
                if let Err(err) = make(node, topic).await {
                    node.journal.wrong(format_args!("the topic {topic} can't be made: {err:?}"));
                }
            }
        })
    }

    fn step<'a>(&'a self, Step { node, rng }: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let number = self.sent.next();
            let answer = node.sns.publish(&node.cx(), self.publish(number, rng)).await;
            let known = match &answer {
                Ok(_) => Known::Acknowledged,
                Err(err) if err.is_conflict() => Known::Refused,
                Err(err) if err.code().status == 503 => Known::Sent,
                Err(err) => return node.journal.wrong(format_args!("message {number} on {}: {err:?}", node.name)),
            };
            if let Ok(output) = answer
                && let Some((_, place)) = self.ordered.lock().get_mut(&number)
            {
                *place = output.sequence_number;
            }
            self.sent.now(number, known);
            node.journal.note(format_args!("message {number} on {}: {known:?}", node.name));
        })
    }

    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        for topic in [PLAIN, ORDERED] {
            for name in QUEUES {
                let (queue, ordered) = (queue(topic, name), topic == ORDERED);
                let got = self.outside.got(&queue);
                let there: BTreeSet<u64> = got.iter().copied().collect();
                for (number, known) in self.sent.all() {
                    let is_there = there.contains(&number);
                    match known {
                        Known::Acknowledged if self.is_ordered(number) == ordered && !is_there => {
                            world
                                .journal
                                .wrong(format_args!("message {number} was accepted and never came to {queue}"));
                        }
                        Known::Refused if is_there => {
                            world.journal.wrong(format_args!("message {number} was refused and came to {queue}"));
                        }
                        _ => {}
                    }
                }
                if let Err(why) = self.in_order(&got) {
                    world.journal.wrong(format_args!("{queue}: {why}"));
                }
            }
        }
        Box::pin(std::future::ready(()))
    }
}

impl Topics {
    /// Each message of a group comes for the first time behind those whose numbers are smaller. That it comes again
    /// later is what queues tell.
    fn in_order(&self, got: &[u64]) -> Result<(), String> {
        let ordered = self.ordered.lock();
        let (mut seen, mut last) = (BTreeSet::new(), BTreeMap::<u64, &str>::new());
        for number in got.iter().filter(|number| seen.insert(**number)) {
            let Some((group, Some(place))) = ordered.get(number) else { continue };
            if last.get(group).is_some_and(|last| *last > place.as_str()) {
                return Err(format!("message {number} of group {group} came behind one that was published after it"));
            }
            last.insert(*group, place);
        }
        Ok(())
    }
}
