//! Sending: messages are durable, in their order, and can be received before this answers.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Tx;

use super::desk::LIVELY;
use super::measure;
use super::place::Spot;
use super::seen::REMEMBERED;
use crate::Sqs;
use crate::model::digest;
use crate::model::letter::{Lacks, Letter};
use crate::model::message::{Address, Entry, Message, Scope, Seen};

/// A message that this queue takes.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    letter: Letter,
    /// Of the body.
    md5: [u8; 16],
    id: String,
    sender: String,
    /// Where it is looked for, and by which id, to tell it again. What it is kept in is the last.
    known_by: Option<(Vec<Scope>, String)>,
    /// It may come again under the same id, and is then to be there once.
    once: bool,
    /// Of the request that sent it, for a message that says nothing of a trace itself.
    trace: Option<String>,
}

impl Order {
    /// # Errors
    /// If it lacks what the queue needs.
    pub(crate) fn new(spot: &Spot, letter: Letter, id: String, sender: String) -> Result<Self, Lacks> {
        let md5 = digest::of_body(&letter.body);
        let mut order = Self { letter, md5, id, sender, known_by: None, once: false, trace: None };
        if let Some(fifo) = &spot.queue.settings.fifo {
            let (group, id) = order.letter.ids(fifo)?;
            // AWS: what was sent while the ids were the whole queue's is told again in each group, but not the other way.
            let scopes = match fifo.per_group {
                true => vec![Scope::Queue, Scope::Group(group)],
                false => vec![Scope::Queue],
            };
            order.letter.deduplication = Some(id.clone());
            order.known_by = Some((scopes, id));
        }
        Ok(order)
    }

    /// AWS: the trace of the request becomes the message's.
    pub(crate) fn traced(self, trace: Option<&str>) -> Self {
        Self { trace: trace.map(str::to_owned), ..self }
    }

    /// Sent by a service, which may send it twice.
    pub(crate) fn once(mut self) -> Self {
        self.once = self.known_by.is_none();
        self
    }
}

/// What is answered to whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) id: String,
    pub(crate) md5: String,
    pub(crate) md5_attributes: Option<String>,
    pub(crate) md5_system: Option<String>,
    /// On FIFO queues.
    pub(crate) sequence: Option<String>,
    size: usize,
}

/// What became of one of them.
enum Fate {
    Placed {
        minor: u64,
    },
    /// As one before, which may have been sent along with it.
    Told {
        id: String,
        at: Option<Address>,
        minor: u64,
    },
}

impl Fate {
    fn is_told(&self) -> bool {
        matches!(self, Self::Told { .. })
    }
}

impl Sqs {
    /// Sends these to a queue that was read in the same transaction.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn post(
        &self,
        mut tx: Tx,
        spot: &Spot,
        orders: Vec<Order>,
        now: UnixMillis,
    ) -> Result<Vec<Sent>, AwsError> {
        let mut sent: Vec<Sent> = orders.iter().map(answer).collect();
        let mut fates = Vec::new();
        let mut told_now = HashMap::new();
        let once: Vec<_> = orders.iter().filter(|order| order.once).map(|order| order.id.as_str()).collect();
        let remembers = !once.is_empty() || orders.iter().any(|order| order.known_by.is_some());
        let mut sent_before =
            if once.is_empty() { HashSet::new() } else { spot.once_sent(&mut tx, &once, now).await? };
        for (n, order) in orders.into_iter().enumerate() {
            if order.once {
                if !sent_before.insert(order.id.clone()) {
                    fates.push(Fate::Told { id: order.id, at: None, minor: 0 });
                    continue;
                }
                spot.remember_once(&mut tx, &order.id, now)?;
            }
            let known_by = order.known_by.as_ref().and_then(|(scopes, id)| Some((scopes.last()?.clone(), id.clone())));
            let before = match &known_by {
                Some(key) => told_now.get(key).map(|(id, minor): &(String, u64)| (id.clone(), *minor)),
                None => None,
            };
            let fate = match before {
                Some((id, minor)) => Fate::Told { id, at: None, minor },
                None => {
                    let minor = if spot.is_fifo() { u64::try_from(n).unwrap_or(0) } else { self.next_minor() };
                    place(&mut tx, spot, order, (now, minor)).await?
                }
            };
            if let (Fate::Placed { minor }, Some(key), Some(sent)) = (&fate, known_by, sent.get(n)) {
                told_now.insert(key, (sent.id.clone(), *minor));
            }
            fates.push(fate);
        }
        let version = self.settle(tx, spot, &fates, (now, remembers)).await?;
        let (told, placed): (Vec<_>, Vec<_>) = sent.iter().zip(&fates).partition(|(_, fate)| fate.is_told());
        let sizes = placed.into_iter().map(|(sent, _)| sent.size);
        measure::sent(&*self.parts.metrics, spot, now, (sizes, told.len()));
        for (sent, fate) in sent.iter_mut().zip(fates) {
            sent.settle(spot, fate, version);
        }
        Ok(sent)
    }

    /// Commits, if there is anything to; the commit's version. `forgets`: some of what is due is forgotten, too.
    async fn settle(
        &self,
        mut tx: Tx,
        spot: &Spot,
        fates: &[Fate],
        (now, forgets): (UnixMillis, bool),
    ) -> Result<u64, AwsError> {
        let placed = fates.iter().filter(|fate| !fate.is_told()).count();
        if placed == 0 {
            return Ok(0);
        }
        if forgets {
            spot.forget(&mut tx, now, placed).await?;
        }
        let sets_timers = self.set_timers(&mut tx, spot, now).await?;
        tx.raw().add_i64(spot.rows.count(), i64::try_from(placed).unwrap_or(0));
        tx.touch(spot.rows.topic());
        let version = tx.commit().await?.0;
        if sets_timers {
            self.desks.timers_are_set(spot.rows.number, now.plus(LIVELY));
        }
        Ok(version)
    }
}

/// `minor`: of its address.
async fn place(tx: &mut Tx, spot: &Spot, order: Order, (now, minor): (UnixMillis, u64)) -> Result<Fate, AwsError> {
    let Order { letter, md5, id, sender, known_by, trace: around, .. } = order;
    if let Some((scopes, known)) = known_by {
        if let Some((id, at)) = spot.seen(tx, &scopes, &known, now).await? {
            return Ok(Fate::Told { id, at: Some(at), minor });
        }
        let seen = Seen { id: id.clone(), until: UnixMillis(now.0.saturating_add(REMEMBERED)) };
        if let Some(scope) = scopes.into_iter().next_back() {
            spot.remember(tx, (scope, known), &seen, minor)?;
        }
    }
    let available = now.plus(Duration::from_millis(letter.delay(&spot.queue)));
    let Letter { body, attributes, trace, group, deduplication, .. } = letter;
    let (trace, sent, source) = (trace.or(around), now, None);
    let message = Message { id, body, md5, attributes, sender, sent, available, trace, group, deduplication, source };
    let entry = Entry { sent: now, visible: available, receives: 0, first: now };
    spot.place(tx, message, entry, minor).await?;
    Ok(Fate::Placed { minor })
}

fn answer(order: &Order) -> Sent {
    let letter = &order.letter;
    Sent {
        id: order.id.clone(),
        md5: updraft_kernel::hex(&order.md5),
        md5_attributes: digest::of_attributes(&letter.attributes),
        md5_system: letter.trace.as_deref().and_then(digest::of_trace),
        sequence: None,
        size: letter.size(),
    }
}

impl Sent {
    fn settle(&mut self, spot: &Spot, fate: Fate, version: u64) {
        let address = match fate {
            Fate::Placed { minor } => Address { major: version, minor },
            Fate::Told { id, at, minor } => {
                self.id = id;
                at.unwrap_or(Address { major: version, minor })
            }
        };
        self.sequence = spot.is_fifo().then(|| address.sequence());
    }
}
