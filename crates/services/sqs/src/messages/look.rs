//! Looking once for messages to receive: what is found is taken, and can't be seen by others for a while.

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::{AwsError, RngExt, UnixMillis};
use updraft_store::{ScanOptions, StoreExt, Tx};

use super::desk::Desk;
use super::place::{Gone, Spot, pieces};
use super::{groups, take};
use crate::keys::messages::{of_hint, of_visible};
use crate::model::message::{Address, Entry, Mark, Message, State, Stored};
use crate::model::receipt::Receipt;
use crate::queue_url::QueueName;
use crate::refusals::over_limit;
use crate::{Sqs, table};

/// AWS: so many messages of a queue may be in flight.
const IN_FLIGHT: usize = 120_000;
/// What lost against another transaction is tried again so often.
const ATTEMPTS: u32 = 64;

/// Of those that wait for messages only one has it.
pub(super) type Turn<'a> = tokio::sync::MutexGuard<'a, ()>;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    /// One to ten.
    pub(crate) most: usize,
    /// In seconds; else the queue's.
    pub(crate) visibility: Option<u32>,
    /// `ReceiveRequestAttemptId`.
    pub(crate) attempt: Option<String>,
}

/// A message in the hands of whoever asked.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) message: Message,
    pub(crate) receipt: String,
    /// This one counted.
    pub(crate) receives: u32,
    pub(crate) first: UnixMillis,
    /// On FIFO queues.
    pub(crate) sequence: Option<String>,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) spot: Spot,
    pub(crate) received: Vec<Received>,
    /// Where nothing was: when there will be something, if nothing else happens.
    pub(crate) next: Option<UnixMillis>,
}

impl Sqs {
    /// # Errors
    /// If there is no such queue, or too much of it is in flight.
    pub(crate) async fn look(&self, name: &QueueName, ask: &Ask) -> Result<Look, AwsError> {
        self.look_in_turn(name, ask, &mut None).await
    }

    /// The same; the turn ends once something is found.
    ///
    /// # Errors
    /// As of [`Self::look`].
    pub(super) async fn look_in_turn(
        &self,
        name: &QueueName,
        ask: &Ask,
        turn: &mut Option<Turn<'_>>,
    ) -> Result<Look, AwsError> {
        let mut attempt = 1;
        loop {
            match self.look_once(name, ask, turn).await {
                Err(err) if err.is_conflict() && attempt < ATTEMPTS => attempt += 1,
                done => return done,
            }
            self.parts.clock.pause(Duration::from_micros(self.parts.rng.below(u64::from(attempt) * 50))).await;
        }
    }

    async fn look_once(&self, name: &QueueName, ask: &Ask, turn: &mut Option<Turn<'_>>) -> Result<Look, AwsError> {
        let mut tx = self.parts.store.write().await?;
        let spot = Spot::new(name.clone(), table::queue(&mut tx, name.key()).await?);
        let desk = self.desks.of(spot.rows.number);
        let mut hand = Hand::new(self, tx, spot, ask).await?;
        if !hand.has_room(&desk).await? {
            return hand.nothing(None);
        }
        // Until the transaction is through, nobody else here tries to take the same.
        let (mut messages, mut groups) = (desk.messages(), desk.groups());
        if hand.spot.is_fifo() {
            groups::take(&mut hand, &mut groups, ask).await
        } else {
            take::take(&mut hand, &desk, &mut messages).await
        }?;
        if !hand.received.is_empty() {
            // Whoever stands behind this one needn't wait for the disk.
            drop(turn.take());
        }
        let look = hand.close(&desk).await?;
        messages.through();
        groups.through();
        Ok(look)
    }
}

/// One receive at work.
pub(super) struct Hand<'a> {
    pub(super) sqs: &'a Sqs,
    pub(super) tx: Tx,
    pub(super) spot: Spot,
    pub(super) now: UnixMillis,
    /// Until when what is taken can't be seen.
    pub(super) until: UnixMillis,
    most: usize,
    pub(super) received: Vec<Received>,
    /// Of those, which, and the how manieth time.
    pub(super) given: Vec<(Address, u32)>,
    /// Where messages go that were received too often, and when that is.
    dead_letters: Option<(Spot, u32)>,
    /// Of the queue's messages so many are no more.
    gone: i64,
    moved: u64,
}

impl<'a> Hand<'a> {
    async fn new(sqs: &'a Sqs, mut tx: Tx, spot: Spot, ask: &Ask) -> Result<Self, AwsError> {
        let now = sqs.parts.clock.now();
        let visibility = ask.visibility.unwrap_or(spot.queue.settings.visibility);
        let until = now.plus(Duration::from_secs(visibility.into()));
        let dead_letters = dead_letters(&mut tx, &spot).await?;
        let (most, received, given) = (ask.most, Vec::new(), Vec::new());
        Ok(Self { sqs, tx, spot, now, until, most, received, given, dead_letters, gone: 0, moved: 0 })
    }

    /// How many more are asked for.
    pub(super) fn wants(&self) -> usize {
        self.most.saturating_sub(self.received.len())
    }

    /// Deals with one that can be seen: it is received, or has expired, or has become a dead letter.
    pub(super) async fn meet(&mut self, address: Address, entry: Entry, stored: Stored) -> Result<Met, AwsError> {
        let count = pieces(&stored);
        let dead = self.dead_letters.as_ref().is_some_and(|(_, most)| entry.receives >= *most);
        let expired = self.spot.has_expired(entry.sent, self.now);
        let message = self.spot.whole(&mut self.tx, address, stored).await?;
        if expired || dead {
            let gone = Gone { address, visible: entry.visible, pieces: count, group: message.group.as_deref() };
            if self.spot.is_fifo() {
                // Whoever met it looks at its group.
                self.spot.remove(&mut self.tx, &gone);
            } else {
                self.spot.take_away(&mut self.tx, &gone).await?;
            }
            self.gone += 1;
            if !expired {
                self.bury(message, entry).await?;
            }
            return Ok(Met::Gone);
        }
        self.hand_over(address, entry, message, count)?;
        Ok(Met::Received)
    }

    fn hand_over(&mut self, address: Address, before: Entry, message: Message, pieces: u8) -> Result<(), AwsError> {
        let receives = before.receives.saturating_add(1);
        let first = if before.receives == 0 { self.now } else { before.first };
        let entry = Entry { visible: self.until, receives, first, ..before };
        let group = message.group.clone();
        let rows = &self.spot.rows;
        self.tx.delete_row(&rows.visible(before.visible, address));
        self.tx.put_row(&rows.visible(self.until, address), &entry)?;
        match &group {
            Some(group) if self.spot.is_fifo() => self.tx.put_row(&rows.group(group, address), &entry)?,
            Some(group) => {
                self.tx.delete_row(&rows.tenant(group, before.visible, address));
                self.tx.put_row(&rows.tenant(group, self.until, address), &Mark)?;
            }
            None => {}
        }
        let state = State { visible: self.until, receives, received: self.now, pieces, group };
        self.tx.put_row(&rows.state(address), &state)?;
        self.give(address, message, &entry);
        Ok(())
    }

    /// What whoever asked is told of a message.
    pub(super) fn give(&mut self, address: Address, message: Message, entry: &Entry) {
        let Entry { receives, first, .. } = *entry;
        let receipt = Receipt { number: self.spot.rows.number, address, receives }.encode();
        let sequence = self.spot.is_fifo().then(|| address.sequence());
        self.given.push((address, receives));
        self.received.push(Received { message, receipt, receives, first, sequence });
    }

    /// Moves a message to where dead letters go. AWS: it keeps its id and what is known of it; on FIFO queues its time begins
    /// anew.
    async fn bury(&mut self, message: Message, entry: Entry) -> Result<(), AwsError> {
        let Some((to, _)) = &self.dead_letters else { return Ok(()) };
        let sent = if to.is_fifo() { self.now } else { message.sent };
        let source = Some(self.spot.name.arn());
        let message = Message { sent, available: self.now, source, ..message };
        let entry = Entry { sent, visible: self.now, ..entry };
        let minor = if to.is_fifo() { self.moved } else { self.sqs.next_minor() };
        to.place(&mut self.tx, message, entry, minor).await?;
        self.moved += 1;
        self.tx.raw().add_i64(to.rows.count(), 1);
        self.tx.touch(to.rows.topic());
        Ok(())
    }

    /// AWS: of a queue of which too much is in flight, nothing more can be received. Counted anew only when it may be so.
    async fn has_room(&mut self, desk: &Desk) -> Result<bool, AwsError> {
        let known = *desk.in_flight.lock();
        if known.is_some_and(|count| count + self.most <= IN_FLIGHT) {
            return Ok(true);
        }
        let count = self.spot.counts(&mut self.tx, self.now).await?.not_visible;
        *desk.in_flight.lock() = Some(count);
        match count < IN_FLIGHT {
            true => Ok(true),
            // AWS: FIFO queues say nothing of it.
            false if self.spot.is_fifo() => Ok(false),
            false => Err(over_limit()),
        }
    }

    async fn close(mut self, desk: &Arc<Desk>) -> Result<Look, AwsError> {
        let count = self.received.len();
        if count == 0 && self.gone == 0 {
            let next = self.next().await?;
            return self.nothing(next);
        }
        if self.gone > 0 {
            self.tx.raw().add_i64(self.spot.rows.count(), -self.gone);
        }
        // Whoever waits learns when the next one can be seen.
        self.tx.touch(self.spot.rows.topic());
        commit(self.tx, self.spot.is_fifo()).await?;
        desk.took((self.now, self.until), self.given.iter().zip(&self.received), self.spot.is_fifo());
        Ok(Look { spot: self.spot, received: self.received, next: Some(self.now).filter(|_| count == 0) })
    }

    fn nothing(self, next: Option<UnixMillis>) -> Result<Look, AwsError> {
        Ok(Look { spot: self.spot, received: Vec::new(), next })
    }

    /// When something can be seen that can't be seen now.
    async fn next(&mut self) -> Result<Option<UnixMillis>, AwsError> {
        let options = ScanOptions::limit(1).untracked();
        let rows = &self.spot.rows;
        let later = if self.spot.is_fifo() { rows.hints_later(self.now) } else { rows.visible_later(self.now) };
        let page = self.tx.raw().scan(later, options).await?;
        let Some((key, _)) = page.rows.first() else { return Ok(None) };
        Ok(Some(if self.spot.is_fifo() { of_hint(key)?.0 } else { of_visible(key)?.0 }))
    }
}

/// What became of a message that was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    Received,
    Gone,
}

/// A standard queue's receive isn't waited for: what a power cut takes of it is that messages can be seen again earlier than
/// they should, as if their time had passed. A FIFO queue's groups are held back by it, so there it is.
async fn commit(tx: Tx, fifo: bool) -> Result<(), AwsError> {
    let committed = if fifo { tx.commit().await } else { tx.commit_relaxed().await };
    Ok(committed.map(drop)?)
}

/// `None` also where the queue that they should go to is no more: then they stay.
async fn dead_letters(tx: &mut Tx, spot: &Spot) -> Result<Option<(Spot, u32)>, AwsError> {
    let Some(redrive) = &spot.queue.settings.redrive else { return Ok(None) };
    let Some(name) = QueueName::of_arn(&redrive.target) else { return Ok(None) };
    let Some(queue) = tx.row(&name.key()).await? else { return Ok(None) };
    Ok(Some((Spot::new(name, queue), redrive.max_receives)))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use updraft_kernel::ports::NoMetrics;
    use updraft_kernel::{AccountId, Region};
    use updraft_nodes::Nodes;
    use updraft_store::faults::{Faults, FaultyStore};
    use updraft_testkit::World;
    use updraft_timers::Timers;

    use super::*;
    use crate::Parts;
    use crate::messages::Order;
    use crate::model::letter::{Letter, Written};
    use crate::model::queue::{Encryption, Fifo, Queue, Settings};

    /// A queue of which so many messages are in flight already, and in which there are ten more.
    async fn nearly_full(world: &World, sqs: &Sqs, fifo: Option<Fifo>, in_flight: u64) -> QueueName {
        let (account, region) = (AccountId::local(), Region::default_region());
        let name = QueueName { account, region, name: "q".to_owned() };
        let settings = Settings {
            visibility: 30,
            max_size: 1024,
            retention: 345_600,
            delay: 0,
            wait: 0,
            redrive: None,
            redrive_allow: None,
            fifo,
            policy: None,
            encryption: Encryption::default(),
        };
        let now = sqs.parts.clock.now();
        let queue = Queue { number: 7, created: now, modified: now, settings, tags: Default::default(), purged: None };
        let spot = Spot::new(name.clone(), queue.clone());
        let entry = Entry { sent: now, visible: now.plus(Duration::from_secs(30)), receives: 1, first: now };
        let mut tx = world.store.write().await.unwrap();
        tx.put_row(&name.key(), &queue).unwrap();
        tx.commit().await.unwrap();
        for start in (0..in_flight).step_by(20_000) {
            let mut tx = world.store.write().await.unwrap();
            for minor in start..(start + 20_000).min(in_flight) {
                tx.put_row(&spot.rows.visible(entry.visible, Address { major: 1, minor }), &entry).unwrap();
            }
            tx.commit().await.unwrap();
        }
        for n in 0..10 {
            let body = format!("m{n}");
            let group = spot.is_fifo().then(|| body.clone());
            let (delay, attributes, system) = (None, None, None);
            let written = Written { body, delay, attributes, system, deduplication: group.clone(), group };
            let order = Order::new(&spot, Letter::read(written).unwrap(), n.to_string(), "s".to_owned());
            let tx = world.store.write().await.unwrap();
            sqs.post(tx, &spot, vec![order.unwrap()], now).await.unwrap();
        }
        name
    }

    fn service() -> (World, Arc<Sqs>) {
        let (world, sqs, _) = slow_service();
        (world, sqs)
    }

    /// Whose store takes as long as it is told, by the world's clock.
    fn slow_service() -> (World, Arc<Sqs>, FaultyStore) {
        let mut world = World::new(updraft_store_mem::open().unwrap());
        let slow = FaultyStore::new(Arc::clone(&world.store), world.clock(), Arc::clone(&world.rng));
        world.store = Arc::new(slow.clone());
        let sqs = over(&world);
        (world, sqs, slow)
    }

    fn over(world: &World) -> Arc<Sqs> {
        let timers = Timers::new(Arc::clone(&world.store), world.clock(), &Nodes::alone());
        let (store, clock, rng) = (Arc::clone(&world.store), world.clock(), Arc::clone(&world.rng));
        Sqs::new(Parts { store, clock, rng, metrics: Arc::new(NoMetrics), timers, strict: false })
    }

    fn five() -> Ask {
        Ask { most: 5, visibility: None, attempt: None }
    }

    #[tokio::test]
    async fn so_much_of_a_standard_queue_may_be_in_flight() {
        let (world, sqs) = service();
        let name = nearly_full(&world, &sqs, None, 119_995).await;
        assert_eq!(sqs.look(&name, &five()).await.unwrap().received.len(), 5);
        assert_eq!(sqs.look(&name, &five()).await.unwrap_err().code().name, "OverLimit");
        world.clock.advance(Duration::from_secs(30));
        // Nothing is said of what it finds: behind those that are in flight here are no messages.
        assert!(sqs.look(&name, &five()).await.is_ok(), "what can be seen again is in flight no longer");
    }

    #[tokio::test]
    async fn what_is_taken_is_claimed_until_its_transaction_is_through() {
        let (world, sqs, slow) = slow_service();
        let name = nearly_full(&world, &sqs, None, 0).await;
        let desk = sqs.desks.of(7);
        slow.set(Faults { slow: 1000, longest: Duration::from_millis(1), ..Faults::default() });
        let ask = Ask { most: 1, ..five() };
        let mut look = Box::pin(sqs.look(&name, &ask));
        let mut claimed = Vec::new();
        let done = loop {
            if let Some(done) = (&mut look).now_or_never() {
                break done;
            }
            claimed.push(desk.messages().taken());
            world.clock.advance(Duration::from_millis(1));
            tokio::task::yield_now().await;
        };
        assert_eq!(done.unwrap().received.len(), 1);
        claimed.dedup();
        assert_eq!(claimed, [0, 1], "nothing before it is found, and then until the commit is answered");
        assert_eq!(desk.messages().taken(), 0);
    }

    #[tokio::test]
    async fn what_a_look_has_read_is_for_those_after_it_and_hides_nothing_when_it_is_gone() {
        let world = World::new(updraft_store_mem::open().unwrap());
        let sqs = over(&world);
        let name = nearly_full(&world, &sqs, None, 0).await;
        let (one, ten) = (Ask { most: 1, ..five() }, Ask { most: 10, ..five() });
        assert_eq!(sqs.look(&name, &one).await.unwrap().received.len(), 1);
        let desk = sqs.desks.of(7);
        assert_eq!(desk.ahead.lock().len(), 9);
        assert_eq!(sqs.look(&name, &one).await.unwrap().received.len(), 1);
        // By somebody who knows nothing of this desk.
        assert_eq!(over(&world).look(&name, &ten).await.unwrap().received.len(), 8);
        world.clock.advance(Duration::from_secs(30));
        assert_eq!(desk.ahead.lock().len(), 8);
        assert_eq!(sqs.look(&name, &ten).await.unwrap().received.len(), 10);
        assert!(sqs.look(&name, &ten).await.unwrap().received.is_empty());
    }

    #[tokio::test]
    async fn of_a_fifo_queue_nothing_more_is_given() {
        let (world, sqs) = service();
        let fifo = Some(Fifo { by_content: false, per_group: false, limit_per_group: false });
        let name = nearly_full(&world, &sqs, fifo, 119_995).await;
        assert_eq!(sqs.look(&name, &five()).await.unwrap().received.len(), 5);
        assert!(sqs.look(&name, &five()).await.unwrap().received.is_empty());
    }
}
