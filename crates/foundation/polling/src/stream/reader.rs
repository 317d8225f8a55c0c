//! The loop of one shard.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::OptionFuture;
use tokio::sync::{mpsc, watch};
use updraft_kernel::ports::{StartingPosition, StreamReading};
use updraft_kernel::{AwsError, RngExt, Shutdown, UnixMillis};
use updraft_nodes::Lease;
use updraft_store::Watch;
use updraft_timers::Patience;

use super::lanes::{Lanes, Token};
use super::turn::{Told, Turn};
use super::{Stream, StreamRecord};
use crate::batch::Item;
use crate::load::{Busy, Load};
use crate::mapped::Mapped;
use crate::poller::or_never;
use crate::settle::{Ask, Standing};

/// What the loop does next.
#[derive(Debug)]
enum Next {
    Look,
    /// Nothing until a window ends, something comes to the shard, or a batch has something to tell.
    Rest,
    /// Nothing before a batch has something to tell.
    Full,
    /// The stream can't be read; again after so much real time.
    Broken(Duration),
    /// Another node's.
    Elsewhere,
}

/// Reads one shard for one mapping.
#[derive(Debug)]
pub(crate) struct Reader<S: Stream> {
    mapped: Arc<Mapped<S>>,
    reading: StreamReading,
    shard: usize,
    lease: Lease,
    load: Arc<Load>,
    /// Closed when it is to stop.
    asks: mpsc::UnboundedReceiver<Ask>,
    standing: Arc<Standing>,
    /// `None` until it has begun, and while another node reads.
    begun: Option<Begun>,
    patience: Patience,
    /// Who waits for it to rest.
    asked: Vec<Ask>,
    /// Something was done since somebody was last answered.
    worked: bool,
}

#[derive(Debug)]
struct Begun {
    lanes: Lanes,
    /// The last position that was kept.
    kept: u128,
    watch: Watch,
    told: mpsc::UnboundedReceiver<Told>,
    tell: mpsc::UnboundedSender<Told>,
    stop: watch::Sender<bool>,
    /// A mapping that was changed reads on when the reader before it has ended.
    _busy: Busy,
}

impl<S: Stream> Reader<S> {
    pub(crate) fn new(
        mapped: Arc<Mapped<S>>,
        shard: usize,
        (lease, load): (Lease, Arc<Load>),
        (asks, standing): (mpsc::UnboundedReceiver<Ask>, Arc<Standing>),
    ) -> Self {
        let reading = mapped.mapping.stream.clone().unwrap_or(StreamReading {
            from: StartingPosition::TrimHorizon,
            parallel: 1,
            bisect: false,
            max_age: None,
            max_retries: None,
            tumbling: None,
            on_failure: None,
        });
        let patience = Patience::with_outages(mapped.parts.rng.u64());
        Self {
            mapped,
            reading,
            shard,
            lease,
            load,
            asks,
            standing,
            begun: None,
            patience,
            asked: Vec::new(),
            worked: false,
        }
    }

    /// Reads until it is stopped, or the platform is; what is under way then is waited for.
    pub(crate) async fn run(mut self, mut shutdown: Shutdown) {
        let mut changes = self.load.changes();
        tokio::select! {
            () = shutdown.requested() => return,
            // Who reads can't end before it.
            _ = changes.wait_for(|readers| *readers == 0) => {}
        }
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
        self.end().await;
    }

    async fn begin(&self) -> Result<Begun, AwsError> {
        let (mapped, reading) = (&self.mapped, &self.reading);
        // Made before the first look, so that nothing is missed between the two.
        let watch = mapped.source.watch(self.shard);
        let busy = self.load.begin();
        let kept = mapped.source.position(self.shard).await?;
        let (tell, told) = mpsc::unbounded_channel();
        let lanes = Lanes::new(reading.parallel, mapped.mapping.batch, mapped.mapping.window, kept);
        Ok(Begun { lanes, kept, watch, told, tell, stop: watch::Sender::new(false), _busy: busy })
    }

    async fn step(&mut self, shutdown: &Shutdown) -> Result<Next, AwsError> {
        self.standing.works();
        if self.begun.is_none() {
            self.begun = Some(self.begin().await?);
        }
        let (mapped, shard) = (Arc::clone(&self.mapped), self.shard);
        let Some(begun) = &mut self.begun else { return Ok(Next::Look) };
        while let Ok(told) = begun.told.try_recv() {
            self.worked = true;
            begun.hear(told);
        }
        let now = mapped.parts.clock.now();
        for (lane, batch) in begun.lanes.ready(now) {
            self.worked = true;
            let turn = Turn {
                mapped: Arc::clone(&mapped),
                reading: self.reading.clone(),
                shard,
                lane,
                tell: begun.tell.clone(),
                stop: begun.stop.subscribe(),
                shutdown: shutdown.clone(),
            };
            mapped.parts.tasks.spawn("event source batch", turn.run(batch));
        }
        begun.keep(&mapped, shard).await?;
        let room = begun.lanes.room();
        if room == 0 {
            return Ok(Next::Full);
        }
        let read = mapped.source.read(shard, begun.lanes.next(), room).await?;
        self.patience.reset();
        if read.records.is_empty() && read.next == begun.lanes.next() {
            return Ok(Next::Rest);
        }
        self.worked = true;
        begun.add(&mapped, read.records, read.next);
        Ok(Next::Look)
    }

    /// Waits for what comes next.
    async fn pass(&mut self, next: Next) {
        let clock = Arc::clone(&self.mapped.parts.clock);
        let pause = match next {
            Next::Look => return,
            Next::Rest | Next::Full => {
                self.rest();
                None
            }
            Next::Broken(pause) => {
                self.answer();
                Some(pause)
            }
            Next::Elsewhere => {
                self.answer();
                None
            }
        };
        let looks = matches!(next, Next::Rest);
        // Batches that are to be tried again tell when they are.
        let due = self.begun.as_ref().and_then(|begun| begun.lanes.window_ends()).filter(|_| pause.is_none());
        let (touched, told) = match self.begun.as_mut() {
            Some(begun) => (Some(&mut begun.watch).filter(|_| looks), Some(&mut begun.told)),
            None => (None, None),
        };
        let heard = tokio::select! {
            ask = self.asks.recv() => {
                self.asked.extend(ask);
                None
            }
            () = self.lease.changed() => None,
            Some(Some(told)) = OptionFuture::from(told.map(mpsc::UnboundedReceiver::recv)) => Some(told),
            Some(()) = OptionFuture::from(touched.map(Watch::changed)) => None,
            () = or_never(due.map(|due| clock.sleep_until(due))) => None,
            () = or_never(pause.map(|pause| clock.pause(pause))) => None,
        };
        if let (Some(told), Some(begun)) = (heard, self.begun.as_mut()) {
            self.worked = true;
            begun.hear(told);
        }
    }

    /// There is nothing to do at this moment, unless a batch is at work.
    fn rest(&mut self) {
        let now = self.mapped.parts.clock.now();
        let Some(begun) = self.begun.as_ref().filter(|begun| !begun.lanes.is_busy(now)) else { return };
        self.standing.rests(begun.lanes.due());
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
        tracing::debug!(uuid = self.mapped.mapping.uuid, error = ?err, "a stream can't be read; trying again");
        if err.code().status < 500 {
            self.mapped.problem(err.message()).await;
        }
        Next::Broken(self.patience.pause())
    }

    /// Another node is to read on from where this one has come to.
    async fn leave(&mut self) -> Next {
        self.end().await;
        self.standing.rests(None);
        self.lease.release();
        Next::Elsewhere
    }

    /// Begins nothing more, and waits for the calls that are under way.
    async fn end(&mut self) {
        let Some(mut begun) = self.begun.take() else { return };
        begun.stop.send_replace(true);
        while !begun.lanes.is_idle()
            && let Some(told) = begun.told.recv().await
        {
            begun.hear(told);
        }
        if let Err(err) = begun.keep(&self.mapped, self.shard).await {
            tracing::debug!(uuid = self.mapped.mapping.uuid, error = ?err, "records that are dealt with come again");
        }
    }
}

impl Begun {
    fn hear(&mut self, told: Told) {
        match told {
            Told::State(lane, state) => self.lanes.set(lane, state),
            Told::Done(places) => self.lanes.done(&places),
        }
    }

    /// What the function isn't to get is passed over.
    fn add<S: Stream>(&mut self, mapped: &Mapped<S>, records: Vec<StreamRecord>, next: u128) {
        let polled = records.len();
        let wanted: Vec<_> = records.into_iter().filter(|record| mapped.passes(&record.event)).map(item).collect();
        mapped.count(&[("PolledEventCount", polled), ("FilteredOutEventCount", polled - wanted.len())]);
        self.lanes.add(wanted, next, mapped.parts.clock.now());
    }

    async fn keep<S: Stream>(&mut self, mapped: &Mapped<S>, shard: usize) -> Result<(), AwsError> {
        let position = self.lanes.position();
        if position > self.kept {
            mapped.source.keep(shard, position).await?;
            self.kept = position;
        }
        Ok(())
    }
}

fn item(record: StreamRecord) -> (u64, Item<Token>) {
    let token = Token { place: record.place, at: record.at };
    let text = record.event.to_string();
    (record.item, Item { id: record.sequence, text, trace: None, token, hidden_until: UnixMillis::MAX })
}
