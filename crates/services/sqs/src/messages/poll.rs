//! Long polls: waiting for a message without looking for one. Of those that wait for the same queue in this process only the
//! first looks; it is woken by whatever may let it receive something, by the moment at which it knows that it will, and by
//! a moved clock.

use std::time::Duration;

use futures_util::future::{Either, select};
use updraft_kernel::{AwsError, UnixMillis, clock};
use updraft_store::Topic;

use super::desk::Desk;
use super::look::{Ask, Look, Turn};
use super::measure;
use crate::Sqs;
use crate::queue_url::QueueName;

/// AWS: `WaitTimeSeconds`.
pub(crate) const LONGEST_WAIT: u32 = 20;

/// So often it is looked at most before an empty answer, or a wait.
const LOOKS: usize = 64;

/// Other nodes' messages are learnt of as one's own are; where that was missed, a look is taken after so long.
const UNTOLD: Duration = Duration::from_secs(2);

impl Sqs {
    /// Looks, and waits for as long as is asked for, or as the queue has it, where there is nothing.
    ///
    /// # Errors
    /// If there is no such queue, now or while it waits; if too much of it is in flight.
    pub(crate) async fn poll(&self, name: &QueueName, ask: &Ask, wait: Option<u32>) -> Result<Look, AwsError> {
        let look = self.waited(name, ask, wait).await?;
        self.desks.of(look.spot.rows.number).is_lively(self.parts.clock.now());
        measure::received(&*self.parts.metrics, &look.spot, self.parts.clock.now(), look.received.len());
        Ok(look)
    }

    async fn waited(&self, name: &QueueName, ask: &Ask, wait: Option<u32>) -> Result<Look, AwsError> {
        let begun = self.parts.clock.now();
        let mut look = self.look(name, ask).await?;
        for _ in 1..LOOKS {
            // All that it met has expired or become dead letters: what is behind that can be seen now.
            if !look.received.is_empty() || look.next.is_none_or(|next| next > begun) {
                break;
            }
            look = self.look(name, ask).await?;
        }
        let wait = wait.unwrap_or(look.spot.queue.settings.wait);
        if !look.received.is_empty() || wait == 0 {
            return Ok(look);
        }
        let deadline = begun.plus(Duration::from_secs(wait.into()));
        let desk = self.desks.of(look.spot.rows.number);
        let turn = Box::pin(desk.line.lock());
        match select(turn, Box::pin(clock::reached(&*self.parts.clock, deadline))).await {
            Either::Left((turn, _)) => self.stand(name, ask, (&desk, turn), (look.spot.rows.topic(), deadline)).await,
            // Others were before this one all the time, so there was nothing.
            Either::Right(_) => self.look(name, ask).await,
        }
    }

    /// At the front of the line.
    async fn stand(
        &self,
        name: &QueueName,
        ask: &Ask,
        (desk, turn): (&Desk, Turn<'_>),
        (mut topic, deadline): (Topic, UnixMillis),
    ) -> Result<Look, AwsError> {
        let mut turn = Some(turn);
        loop {
            let (mut watch, freed) = (self.parts.store.watch(topic), desk.freed.notified());
            let look = self.look_in_turn(name, ask, &mut turn).await?;
            // Purged meanwhile, it is another one that is to be watched.
            let watched = std::mem::replace(&mut topic, look.spot.rows.topic());
            if watched != topic && look.received.is_empty() {
                continue;
            }
            if !look.received.is_empty() || self.parts.clock.now() >= deadline {
                return Ok(look);
            }
            let due = look.next.map_or(deadline, |next| next.min(deadline));
            let due = select(self.parts.clock.sleep_until(due), Box::pin(self.untold()));
            let told = select(Box::pin(watch.changed()), Box::pin(freed));
            select(told, due).await;
        }
    }

    /// Completes when it is time to look for what nobody told of.
    async fn untold(&self) {
        if !self.parts.store.is_shared() {
            std::future::pending::<()>().await;
        }
        self.parts.clock.pause(UNTOLD).await;
    }
}
