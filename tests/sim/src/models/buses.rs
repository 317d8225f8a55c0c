//! Buses: what was accepted comes to the target of every rule that it matches, or to that target's dead letters.

use std::collections::BTreeSet;
use std::sync::Arc;

use updraft_api_events::EventBridge as _;
use updraft_api_events::types::{
    DeadLetterConfig, PutEventsInput, PutEventsRequestEntry, PutRuleInput, PutTargetsInput, RetryPolicy, Target,
};
use updraft_kernel::{AwsError, BoxFuture};

use super::outside::{NARROW, Outside};
use crate::model::{Known, Model, Sent, Step};
use crate::node::Node;
use crate::world::World;

/// Gets everything, whatever it takes.
const ALL: &str = "all";
/// What the narrow queue didn't take.
const BURIED: &str = "buried";

/// Puts events.
pub(super) struct Buses {
    sent: Sent,
    outside: Arc<Outside>,
}

/// Whether an event is one for the narrow queue.
fn is_even(number: u64) -> bool {
    number.is_multiple_of(2)
}

fn queue(name: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{name}")
}

async fn rule(node: &Node, name: &str, pattern: &str, target: Target) -> Result<(), AwsError> {
    let input = PutRuleInput { name: name.into(), event_pattern: Some(pattern.to_owned()), ..PutRuleInput::default() };
    node.events.put_rule(&node.cx(), input).await?;
    let input = PutTargetsInput { rule: name.into(), event_bus_name: None, targets: vec![target] };
    node.events.put_targets(&node.cx(), input).await.map(drop)
}

async fn rules(node: &Node) -> Result<(), AwsError> {
    let target = |name: &str| Target {
        id: "t".into(),
        arn: queue(name),
        input_path: Some("$.detail.n".into()),
        ..Target::default()
    };
    rule(node, "all", r#"{"source": ["sim"]}"#, target(ALL)).await?;
    let narrow = Target {
        retry_policy: Some(RetryPolicy { maximum_retry_attempts: Some(1), maximum_event_age_in_seconds: Some(3600) }),
        dead_letter_config: Some(DeadLetterConfig { arn: Some(queue(BURIED)) }),
        ..target(NARROW)
    };
    rule(node, "even", r#"{"source": ["sim"], "detail": {"even": [true]}}"#, narrow).await
}

fn event(number: u64) -> PutEventsInput {
    let entry = PutEventsRequestEntry {
        source: Some("sim".into()),
        detail_type: Some("t".into()),
        detail: Some(format!(r#"{{"n": {number}, "even": {}}}"#, is_even(number))),
        ..PutEventsRequestEntry::default()
    };
    PutEventsInput { entries: vec![entry], endpoint_id: None }
}

impl Model for Buses {
    fn name(&self) -> &'static str {
        "buses"
    }

    fn prepare<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(err) = rules(node).await {
                node.journal.wrong(format_args!("rules can't be made: {err:?}"));
            }
        })
    }

    fn step<'a>(&'a self, Step { node, .. }: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let number = self.sent.next();
            let known = match node.events.put_events(&node.cx(), event(number)).await {
                Ok(answer) if answer.failed_entry_count == Some(0) => Known::Acknowledged,
                Err(err) if err.is_conflict() => Known::Refused,
                Err(err) if err.code().status == 503 => Known::Sent,
                other => return node.journal.wrong(format_args!("event {number} on {}: {other:?}", node.name)),
            };
            self.sent.now(number, known);
            node.journal.note(format_args!("event {number} on {}: {known:?}", node.name));
        })
    }

    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        let (all, narrow, buried) = (self.got(world, ALL), self.got(world, NARROW), self.got(world, BURIED));
        let told: BTreeSet<u64> = narrow.union(&buried).copied().collect();
        for (number, known) in self.sent.all() {
            let (heard, wanted) = ([all.contains(&number), told.contains(&number)], [true, is_even(number)]);
            let right = match known {
                Known::Acknowledged => heard == wanted,
                Known::Refused => heard == [false, false],
                // It came to all who wanted it, or to nobody.
                Known::Sent => heard == wanted || heard == [false, false],
            };
            if !right {
                world.journal.wrong(format_args!("event {number} ({known:?}) came to [all, narrow] = {heard:?}"));
            }
        }
        Box::pin(std::future::ready(()))
    }
}

impl Buses {
    pub(super) fn new(outside: Arc<Outside>) -> Self {
        Self { sent: Sent::default(), outside }
    }

    /// The events that came to a queue. Each is the same message, however often it came.
    fn got(&self, world: &World, queue: &str) -> BTreeSet<u64> {
        match self.outside.told(queue, |body| body.as_u64().or_else(|| body.pointer("/detail/n")?.as_u64())) {
            Ok(told) => told.into_keys().collect(),
            Err(why) => {
                world.journal.wrong(why);
                BTreeSet::new()
            }
        }
    }
}
