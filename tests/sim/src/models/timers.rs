//! Timers: each fires once in the store, not before its time, and not after it was cancelled.
//!
//! Every operation, and every firing, appends to the log of its timer in its own transaction. The logs are in the order
//! of the commits, so at the end each tells the whole life of one timer, to be replayed against what may happen.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use updraft_kernel::{BoxFuture, Clock, RngExt, UnixMillis};
use updraft_store::{KeyBuilder, KeyRange, Result, ScanOptions, StoreExt, Tx, run, tags};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner};

use crate::model::{Known, Model, Sent, Step};
use crate::node::Node;
use crate::world::{SKEW, World};

const OWNER: &str = "simulation";
/// Few, so that operations meet firings.
const IDS: u64 = 12;
/// Timers are due within this.
const WITHIN: u64 = 8_000;

#[derive(Default)]
pub(super) struct Timers {
    sent: Sent,
}

/// One entry of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact {
    Scheduled { number: u64, due: UnixMillis },
    Cancelled { number: u64, found: bool },
    Fired { number: u64, at: UnixMillis },
}

impl Fact {
    fn number(self) -> u64 {
        match self {
            Self::Scheduled { number, .. } | Self::Cancelled { number, .. } | Self::Fired { number, .. } => number,
        }
    }

    fn encode(self) -> Bytes {
        let (kind, number, more) = match self {
            Self::Scheduled { number, due } => (0, number, due.0),
            Self::Cancelled { number, found } => (1, number, i64::from(found)),
            Self::Fired { number, at } => (2, number, at.0),
        };
        format!("{kind} {number} {more}").into()
    }

    fn decode(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?;
        let mut words = text.split(' ');
        let kind = words.next()?;
        let (number, more): (u64, i64) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        match kind {
            "0" => Some(Self::Scheduled { number, due: UnixMillis(more) }),
            "1" => Some(Self::Cancelled { number, found: more == 1 }),
            _ => Some(Self::Fired { number, at: UnixMillis(more) }),
        }
    }
}

fn log_of(id: &str) -> KeyBuilder {
    KeyBuilder::new(tags::TEST).str("timers").str(id)
}

fn append(tx: &mut Tx, id: &str, fact: Fact) {
    tx.raw().put_versioned(log_of(id).build(), Bytes::new(), fact.encode());
}

async fn schedule(node: &Node, id: &str, number: u64, due: UnixMillis) -> Result<()> {
    run(&node.way, |mut tx| async move {
        let payload = number.to_be_bytes().to_vec();
        node.timers.schedule(&mut tx, Schedule { owner: OWNER, id: id.to_owned(), due, payload }).await?;
        append(&mut tx, id, Fact::Scheduled { number, due });
        tx.commit().await.map(drop)
    })
    .await
}

async fn cancel(node: &Node, id: &str, number: u64) -> Result<()> {
    run(&node.way, |mut tx| async move {
        let found = node.timers.cancel(&mut tx, OWNER, id).await?;
        append(&mut tx, id, Fact::Cancelled { number, found });
        tx.commit().await.map(drop)
    })
    .await
}

impl Model for Timers {
    fn name(&self) -> &'static str {
        "timers"
    }

    fn join(&self, node: &Arc<Node>) {
        node.timers.register(OWNER, Arc::new(Owner { clock: node.clock, journal: Arc::clone(&node.journal) }));
    }

    fn step<'a>(&'a self, Step { node, rng }: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let (number, id) = (self.sent.next(), rng.below(IDS).to_string());
            let answer = if rng.below(4) == 0 {
                cancel(node, &id, number).await
            } else {
                let due = node.clock.now().plus(Duration::from_millis(rng.below(WITHIN)));
                schedule(node, &id, number, due).await
            };
            match self.sent.answered(number, &answer) {
                Ok(known) => {
                    node.journal.note(format_args!("timer {id}, operation {number} on {}: {known:?}", node.name))
                }
                Err(why) => node.journal.wrong(format_args!("timer {id}: {why}")),
            }
        })
    }

    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut applied = std::collections::BTreeSet::new();
            for id in 0..IDS {
                let facts = read(world, log_of(&id.to_string()).prefix_range()).await;
                if let Err(why) = replay(&facts) {
                    world.journal.wrong(format_args!("timer {id}: {why}: {facts:?}"));
                }
                applied
                    .extend(facts.iter().filter(|fact| !matches!(fact, Fact::Fired { .. })).map(|fact| fact.number()));
            }
            for (number, known) in self.sent.all() {
                match (known, applied.contains(&number)) {
                    (Known::Acknowledged, false) => {
                        world
                            .journal
                            .wrong(format_args!("timers: operation {number} was acknowledged and isn't there"));
                    }
                    (Known::Refused, true) => {
                        world.journal.wrong(format_args!("timers: operation {number} was refused and is there"));
                    }
                    _ => {}
                }
            }
        })
    }
}

async fn read(world: &World, range: KeyRange) -> Vec<Fact> {
    let Ok(mut tx) = world.store.read().await else { return Vec::new() };
    let page = tx.raw().scan(range, ScanOptions::limit(usize::MAX)).await.unwrap_or_default();
    page.rows.iter().filter_map(|(_, value)| Fact::decode(value)).collect()
}

/// Whether this can be the life of one timer that has come to its end.
fn replay(facts: &[Fact]) -> std::result::Result<(), String> {
    let mut waiting: Option<(u64, UnixMillis)> = None;
    for fact in facts {
        match *fact {
            Fact::Scheduled { number, due } => waiting = Some((number, due)),
            Fact::Cancelled { number, found } if found == waiting.is_some() => {
                waiting = waiting.filter(|_| !found);
                let _number = number;
            }
            Fact::Cancelled { number, found } => {
                return Err(format!("cancelling {number} found {found}, which is wrong"));
            }
            Fact::Fired { number, at } => match waiting.take() {
                Some((scheduled, _)) if scheduled != number => {
                    return Err(format!("{number} fired after its time was up"));
                }
                Some((_, due)) if at < due => return Err(format!("{number} fired before its time")),
                Some(_) => {}
                None => return Err(format!("{number} fired though nothing was waiting")),
            },
        }
    }
    waiting.map_or(Ok(()), |(number, _)| Err(format!("{number} never fired")))
}

/// Appends to the log that the timer fired.
#[derive(Debug)]
struct Owner {
    clock: crate::clock::SimClock,
    journal: Arc<crate::journal::Journal>,
}

impl TimerOwner for Owner {
    fn fire<'a>(
        &'a self,
        tx: &'a mut Tx,
        timer: &'a Timer,
        now: UnixMillis,
    ) -> BoxFuture<'a, std::result::Result<(), FireError>> {
        Box::pin(async move {
            let number = timer.payload.as_slice().try_into().map(u64::from_be_bytes).unwrap_or(u64::MAX);
            // Machines' clocks are apart; not further than so.
            let early = timer.due.since(self.clock.skewed(0).now());
            if early > Duration::from_millis(2 * SKEW) {
                self.journal.wrong(format_args!("timer {} fires {early:?} before its time", timer.id));
            }
            append(tx, &timer.id, Fact::Fired { number, at: now });
            Ok(())
        })
    }
}
