//! Deliveries: each acknowledged one reaches its target, ordered ones in their order, given up ones the dead letter's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use updraft_delivery::{Attempt, Backoff, DeadLetter, Delivery, RetryPolicy, Target, Verdict};
use updraft_kernel::{BoxFuture, Clock, RngExt, SeededRng};
use updraft_store::{KeyBuilder, Result, ScanOptions, StoreExt, run, tags};

use crate::model::{Known, Model, Sent, Step};
use crate::node::Node;
use crate::world::World;

const KIND: &str = "simulation";
const DEAD: &str = "simulation/dead";
const ATTEMPTS: u32 = 5;
/// How long some ids are remembered once they were delivered; from their acknowledgement on it is longer.
const REMEMBERED: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(super) struct Deliveries {
    sent: Sent,
    calls: Arc<Calls>,
}

/// What the targets have seen, in its order.
#[derive(Debug, Default)]
struct Calls(Mutex<Vec<Call>>);

#[derive(Clone, Debug)]
struct Call {
    id: String,
    attempt: u32,
    /// Of a node that stood still between its last look at the store and this call: no lease can hold it back.
    stale: bool,
    said: Option<Said>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Done,
    Again,
    Busy,
    Never,
}

/// Where a delivery goes, and in what order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Lane {
    target: String,
    order: Option<String>,
}

impl Lane {
    fn any(rng: &SeededRng) -> Self {
        let target = format!("target-{}", rng.below(3));
        let order = (rng.below(2) == 0).then(|| format!("order-{}", rng.below(2)));
        Self { target, order }
    }

    fn all() -> Vec<Self> {
        let orders = [None, Some("order-0".to_owned()), Some("order-1".to_owned())];
        let lanes = (0..3).flat_map(|n| orders.iter().map(move |order| (format!("target-{n}"), order.clone())));
        lanes.map(|(target, order)| Self { target, order }).collect()
    }

    /// The log of what was put in, in the order of the commits.
    fn log(&self) -> KeyBuilder {
        KeyBuilder::new(tags::TEST).str("deliveries").str(&self.target).str(self.order.as_deref().unwrap_or_default())
    }
}

fn delivery(number: u64, lane: &Lane, dead_letter: bool) -> Delivery {
    let pauses = [200, 1_000, 3_000].map(Duration::from_millis).to_vec();
    Delivery {
        id: number.to_string(),
        kind: KIND.to_owned(),
        target: lane.target.clone(),
        ordering_key: lane.order.clone(),
        payload: Vec::new(),
        policy: RetryPolicy {
            max_attempts: ATTEMPTS,
            max_age: Duration::from_secs(3_600),
            backoff: Backoff::Schedule(pauses),
        },
        dead_letter: dead_letter.then(|| DeadLetter { kind: DEAD.to_owned(), target: "dead".to_owned() }),
        failure: None,
        dedup_for: is_remembered(number).then_some(REMEMBERED),
    }
}

/// Even numbers have a dead letter.
fn has_dead_letter(number: u64) -> bool {
    number.is_multiple_of(2)
}

/// Of every third number the id is remembered.
fn is_remembered(number: u64) -> bool {
    number.is_multiple_of(3)
}

/// `false`: what is there already was put in once more.
async fn enqueue(node: &Node, number: u64, lane: &Lane) -> Result<bool> {
    run(&node.way, |mut tx| async move {
        let what = delivery(number, lane, has_dead_letter(number));
        let taken = node.outbox.enqueue(&mut tx, what.clone()).await?;
        let again = node.outbox.enqueue(&mut tx, what).await?;
        tx.raw().put_versioned(lane.log().build(), Bytes::new(), number.to_string().into());
        tx.commit().await?;
        Ok(taken && !again)
    })
    .await
}

impl Model for Deliveries {
    fn name(&self) -> &'static str {
        "deliveries"
    }

    fn join(&self, node: &Arc<Node>) {
        for (kind, patient) in [(KIND, false), (DEAD, true)] {
            node.outbox.register(
                kind,
                Arc::new(Receiver { node: Arc::downgrade(node), calls: Arc::clone(&self.calls), patient }),
            );
        }
    }

    fn step<'a>(&'a self, Step { node, rng }: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if rng.below(5) == 0 {
                return self.once_more(node, rng).await;
            }
            let (number, lane) = (self.sent.next(), Lane::any(rng));
            let answer = enqueue(node, number, &lane).await;
            match self.sent.answered(number, &answer) {
                Ok(known) => {
                    node.journal.note(format_args!("delivery {number} to {lane:?} by {}: {known:?}", node.name))
                }
                Err(why) => node.journal.wrong(why),
            }
            if matches!(answer, Ok(false)) {
                node.journal.wrong(format_args!("delivery {number} was put in twice, or not at all"));
            }
        })
    }

    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let calls = self.calls.0.lock().clone();
            let book = Book::of(&calls);
            let mut applied = BTreeSet::new();
            for lane in Lane::all() {
                let log = read(world, &lane).await;
                log.iter().filter_map(|number| book.is_wrong(*number)).for_each(|why| world.journal.wrong(why));
                if lane.order.is_some()
                    && let Err(why) = book.in_order(&log)
                {
                    world.journal.wrong(format_args!("{lane:?}: {why}"));
                }
                applied.extend(log);
            }
            for (number, known) in self.sent.all() {
                match (known, applied.contains(&number)) {
                    (Known::Acknowledged, false) => {
                        world.journal.wrong(format_args!("delivery {number} was acknowledged and isn't there"));
                    }
                    (Known::Refused, true) => {
                        world.journal.wrong(format_args!("delivery {number} was refused and is there"))
                    }
                    (_, false) if book.calls(&number.to_string()).next().is_some() => {
                        world.journal.wrong(format_args!("delivery {number} was carried out and never put in"));
                    }
                    _ => {}
                }
            }
        })
    }
}

impl Deliveries {
    /// What is remembered isn't taken again, whether it was delivered or not.
    async fn once_more(&self, node: &Node, rng: &SeededRng) {
        let taken: Vec<u64> =
            self.sent.all().into_iter().filter(|(_, known)| *known == Known::Acknowledged).map(|one| one.0).collect();
        let remembered: Vec<u64> = taken.into_iter().filter(|number| is_remembered(*number)).collect();
        let nth = usize::try_from(rng.below(u64::try_from(remembered.len()).unwrap_or(0))).unwrap_or(0);
        let Some(number) = remembered.get(nth).copied() else { return };
        // Only asked: what isn't committed takes nothing.
        let mut taken = Ok(false);
        if let Ok(mut tx) = node.way.write().await {
            taken = node.outbox.enqueue(&mut tx, delivery(number, &Lane::any(rng), false)).await;
        }
        node.journal.note(format_args!("delivery {number} once more on {}: {:?}", node.name, taken.is_ok()));
        // One that was given up isn't remembered.
        let calls = self.calls.0.lock().clone();
        let given_up = |call: &Call| call.said == Some(Said::Never) || call.attempt >= ATTEMPTS;
        let may_be_given_up = calls.iter().any(|call| call.id == number.to_string() && given_up(call));
        if taken.is_ok_and(|taken| taken) && !may_be_given_up {
            node.journal.wrong(format_args!("delivery {number} would be taken twice, though its id is remembered"));
        }
    }
}

async fn read(world: &World, lane: &Lane) -> Vec<u64> {
    let Ok(mut tx) = world.store.read().await else { return Vec::new() };
    let page = tx.raw().scan(lane.log().prefix_range(), ScanOptions::limit(usize::MAX)).await.unwrap_or_default();
    page.rows.iter().filter_map(|(_, value)| std::str::from_utf8(value).ok()?.parse().ok()).collect()
}

/// All calls, by delivery.
struct Book<'a> {
    all: &'a [Call],
    by_id: BTreeMap<&'a str, Vec<&'a Call>>,
}

impl<'a> Book<'a> {
    fn of(all: &'a [Call]) -> Self {
        let mut by_id = BTreeMap::<&str, Vec<&Call>>::new();
        for call in all {
            by_id.entry(&call.id).or_default().push(call);
        }
        Self { all, by_id }
    }

    fn calls(&self, id: &str) -> impl Iterator<Item = &'a Call> {
        self.by_id.get(id).into_iter().flatten().copied()
    }

    fn is_done(&self, id: &str) -> bool {
        self.calls(id).any(|call| call.said == Some(Said::Done))
    }

    /// No attempt is owed any more.
    fn is_over(calls: &[&Call]) -> bool {
        calls.iter().any(|call| match call.said {
            Some(Said::Done | Said::Never) => true,
            Some(Said::Again) => call.attempt >= ATTEMPTS,
            Some(Said::Busy) | None => false,
        })
    }

    fn is_wrong(&self, number: u64) -> Option<String> {
        let id = number.to_string();
        let calls: Vec<_> = self.calls(&id).collect();
        if calls.is_empty() {
            return Some(format!("delivery {number} never reached its target"));
        }
        if !Self::is_over(&calls) {
            return Some(format!("delivery {number} was dropped before its time: {calls:?}"));
        }
        let dead = format!("{number}/dead-letter");
        let lost = !self.is_done(&id) && has_dead_letter(number) && !self.is_done(&dead);
        lost.then(|| format!("delivery {number} was given up and never reached its dead letter's target: {calls:?}"))
    }

    /// Each is called only when those before it are over; again only as long as none after it was called.
    fn in_order(&self, log: &[u64]) -> std::result::Result<(), String> {
        let place: BTreeMap<String, usize> =
            log.iter().enumerate().map(|(nth, number)| (number.to_string(), nth)).collect();
        let mut seen: BTreeMap<usize, Vec<&Call>> = BTreeMap::new();
        for call in self.all.iter().filter(|call| !call.stale) {
            let Some(at) = place.get(&call.id).copied() else { continue };
            let last = seen.keys().next_back().copied();
            if last.is_some_and(|last| at < last) {
                return Err(format!("{} was called again after a later one", call.id));
            }
            let before =
                at.checked_sub(1).is_some_and(|before| !seen.get(&before).is_some_and(|calls| Self::is_over(calls)));
            if before {
                return Err(format!("{} was called before the one ahead of it was over", call.id));
            }
            seen.entry(at).or_default().push(call);
        }
        Ok(())
    }
}

/// A target that has moods.
#[derive(Debug)]
struct Receiver {
    node: std::sync::Weak<Node>,
    calls: Arc<Calls>,
    /// Takes everything.
    patient: bool,
}

impl Receiver {
    async fn receive(&self, node: &Node, id: &str, attempt: u32) -> Verdict {
        let stale = node.way.is_frozen();
        node.way.thawed().await;
        let nth = {
            let mut calls = self.calls.0.lock();
            calls.push(Call { id: id.to_owned(), attempt, stale, said: None });
            calls.len() - 1
        };
        node.journal.note(format_args!("delivery {id} is called by {}, attempt {attempt}", node.name));
        let longest = if node.rng.below(20) == 0 { 5_000 } else { 200 };
        node.clock.pause(Duration::from_millis(node.rng.below(longest))).await;
        // The answer leaves the target, whether the node gets it or not.
        let said = self.mood(node);
        if let Some(call) = self.calls.0.lock().get_mut(nth) {
            call.said = Some(said);
        }
        node.way.thawed().await;
        match said {
            Said::Done => Verdict::Done,
            Said::Again => Verdict::Retry { reason: "a mood".to_owned(), after: None },
            Said::Busy => Verdict::Busy { reason: "no room".to_owned(), after: Duration::from_millis(300) },
            Said::Never => Verdict::Fail("never".to_owned()),
        }
    }

    fn mood(&self, node: &Node) -> Said {
        match node.rng.below(20) {
            _ if self.patient => Said::Done,
            0..4 => Said::Again,
            4 => Said::Busy,
            5 => Said::Never,
            _ => Said::Done,
        }
    }
}

impl Target for Receiver {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, attempt: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            match self.node.upgrade() {
                Some(node) => self.receive(&node, &delivery.id, attempt.number).await,
                None => std::future::pending().await,
            }
        })
    }
}
