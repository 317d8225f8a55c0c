//! The loop of one mapping.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{OptionFuture, pending};
use tokio::sync::{mpsc, watch};
use updraft_kernel::{AwsError, RngExt, Shutdown, UnixMillis};
use updraft_nodes::Lease;
use updraft_store::Watch;
use updraft_timers::Patience;

use crate::batch::{Batch, Gathering, Item};
use crate::mapped::Mapped;
use crate::settle::{Ask, Standing};
use crate::source::{Record, Source, Taken};
use crate::work::{settle, work};

/// What a poller does next.
#[derive(Debug)]
enum Next {
    /// It looks again.
    Look,
    /// Nothing until then, unless the source has something before.
    Rest(Option<UnixMillis>),
    /// Nothing before a call has ended, or so much real time has passed.
    Full(Option<Duration>),
    /// The source can't be used; again after so much real time.
    Broken(Duration),
    /// Another node's.
    Elsewhere,
}

#[derive(Debug)]
pub(crate) struct Poller<S: Source> {
    mapped: Arc<Mapped<S>>,
    lease: Lease,
    /// Closed when it is to stop.
    asks: mpsc::UnboundedReceiver<Ask>,
    standing: Arc<Standing>,
    gathering: Gathering<S::Token>,
    changes: watch::Receiver<u32>,
    watch: Option<Watch>,
    patience: Patience,
    /// Who waits for it to rest.
    asked: Vec<Ask>,
    /// Something was done since somebody was last answered.
    worked: bool,
}

impl<S: Source> Poller<S> {
    pub(crate) fn new(
        mapped: Arc<Mapped<S>>,
        lease: Lease,
        asks: mpsc::UnboundedReceiver<Ask>,
        standing: Arc<Standing>,
    ) -> Self {
        let (mapping, seed) = (&mapped.mapping, mapped.parts.rng.u64());
        let gathering = Gathering::new(mapping.batch, mapping.window);
        let changes = mapped.load.changes();
        let (asked, patience) = (Vec::new(), Patience::with_outages(seed));
        Self { mapped, lease, asks, standing, gathering, changes, watch: None, patience, asked, worked: false }
    }

    /// Polls until it is stopped, or the platform is. Calls that are under way go on.
    pub(crate) async fn run(mut self, mut shutdown: Shutdown) {
        while !shutdown.is_requested() && !self.asks.is_closed() {
            let next = match self.lease.held() {
                Some(_) => match self.step(&shutdown).await {
                    Ok(next) => next,
                    Err(err) => self.broken(&err).await,
                },
                None => self.leave().await,
            };
            tokio::select! {
                () = shutdown.requested() => {}
                () = self.pass(next) => {}
            }
        }
        self.give_back().await;
    }

    async fn step(&mut self, shutdown: &Shutdown) -> Result<Next, AwsError> {
        self.standing.works();
        let (clock, mapped) = (Arc::clone(&self.mapped.parts.clock), Arc::clone(&self.mapped));
        let running = *self.changes.borrow_and_update();
        if !mapped.scaling.lock().has_room(running, clock.monotonic()) {
            return Ok(Next::Full(mapped.scaling.lock().grows_in()));
        }
        if let Some(batch) = self.gathering.ready(clock.now()) {
            self.begin(batch, shutdown);
            return Ok(Next::Look);
        }
        if self.watch.is_none() {
            // Made before the first look, so that nothing is missed between the two.
            self.watch = Some(mapped.source.watch().await?);
        }
        let taken = mapped.source.take(self.gathering.room()).await?;
        self.patience.reset();
        if taken.anew {
            self.watch = None;
        }
        if taken.records.is_empty() && !taken.anew {
            return Ok(Next::Rest(self.gathering.due().into_iter().chain(taken.next).min()));
        }
        self.keep(taken).await;
        Ok(Next::Look)
    }

    /// What the function isn't to get is dealt with at once.
    async fn keep(&mut self, taken: Taken<S::Token>) {
        let polled = taken.records.len();
        self.worked |= polled > 0;
        let (wanted, other) = self.filtered(taken.records, taken.hidden_until);
        self.mapped.count(&[("PolledEventCount", polled), ("FilteredOutEventCount", other.len())]);
        self.gathering.add(wanted, self.mapped.parts.clock.now());
        settle(&self.mapped, other).await;
    }

    /// Those that the function is to get, and the others.
    fn filtered(
        &self,
        records: Vec<Record<S::Token>>,
        hidden_until: UnixMillis,
    ) -> (Vec<Item<S::Token>>, Vec<S::Token>) {
        let (mut wanted, mut other) = (Vec::with_capacity(records.len()), Vec::new());
        for Record { id, event, trace, token } in records {
            if self.mapped.takes(&event) {
                wanted.push(Item { id, text: event.to_string(), trace, token, hidden_until });
            } else {
                other.push(token);
            }
        }
        (wanted, other)
    }

    fn begin(&mut self, batch: Batch<S::Token>, shutdown: &Shutdown) {
        self.worked = true;
        let (mapped, busy) = (Arc::clone(&self.mapped), self.mapped.load.begin());
        self.mapped.parts.tasks.spawn("event source batch", work(mapped, batch, busy, shutdown.clone()));
    }

    /// Waits for what comes next.
    async fn pass(&mut self, next: Next) {
        let clock = Arc::clone(&self.mapped.parts.clock);
        let idle = self.mapped.load.running() == 0;
        let (due, pause) = match next {
            Next::Look => return,
            Next::Rest(due) => {
                if idle {
                    self.rest(due);
                }
                (due, None)
            }
            Next::Full(pause) => (None, pause),
            Next::Broken(pause) => {
                self.answer();
                (None, Some(pause))
            }
            Next::Elsewhere => {
                self.answer();
                (None, None)
            }
        };
        let looks = matches!(next, Next::Rest(_));
        let touched = OptionFuture::from(self.watch.as_mut().filter(|_| looks).map(Watch::changed));
        tokio::select! {
            ask = self.asks.recv() => self.asked.extend(ask),
            () = self.lease.changed() => {}
            // Who rests while calls are under way has to tell when they have ended.
            changed = self.changes.changed(), if !idle || !looks => changed.unwrap_or_default(),
            Some(()) = touched => {}
            () = or_never(due.map(|due| clock.sleep_until(due))) => {}
            () = or_never(pause.map(|pause| clock.pause(pause))) => {}
        }
    }

    /// There is nothing to do, and nothing under way.
    fn rest(&mut self, due: Option<UnixMillis>) {
        if self.gathering.is_empty() {
            self.mapped.scaling.lock().rest();
        }
        self.standing.rests(due);
        self.answer();
    }

    fn answer(&mut self) {
        for ask in self.asked.drain(..) {
            // Who asked may have gone away.
            ask.send(self.worked).ok();
            self.worked = false;
        }
    }

    async fn broken(&mut self, err: &AwsError) -> Next {
        tracing::debug!(uuid = self.mapped.mapping.uuid, error = ?err, "a source can't be polled; trying again");
        if err.code().status < 500 {
            // The source is gone. What comes in its place is another one, which has to be watched anew.
            self.mapped.problem(err.message()).await;
        }
        self.watch = None;
        Next::Broken(self.patience.pause())
    }

    async fn give_back(&mut self) {
        let tokens: Vec<_> = self.gathering.drain().into_iter().map(|item| item.token).collect();
        if tokens.is_empty() {
            return;
        }
        if let Err(err) = self.mapped.source.give_back(tokens).await {
            tracing::debug!(uuid = self.mapped.mapping.uuid, error = ?err, "records come again later than they might");
        }
    }

    /// Calls that are under way go on: what they have, nobody else gets meanwhile.
    async fn leave(&mut self) -> Next {
        self.give_back().await;
        self.standing.rests(None);
        self.lease.release();
        Next::Elsewhere
    }
}

pub(crate) async fn or_never(wait: Option<impl Future<Output = ()>>) {
    match wait {
        Some(wait) => wait.await,
        None => pending().await,
    }
}
