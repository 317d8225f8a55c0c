//! One batch of a lane, until all of it is dealt with.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use updraft_kernel::ports::{GivenUp, InvokeOutcome, StreamReading};
use updraft_kernel::{Shutdown, UnixMillis};
use updraft_timers::Patience;

use super::Stream;
use super::course::{After, Course, Piece, Step, Went, first_named};
use super::lanes::{State, Token};
use crate::answer::{Answer, judge};
use crate::batch::Batch;
use crate::call::{invoke_as, may_pass};
use crate::mapped::Mapped;
use crate::work::FAILED;

/// What a turn tells the loop.
#[derive(Debug)]
pub(crate) enum Told {
    State(usize, State),
    Done(Vec<u128>),
}

/// One turn of a lane.
pub(crate) struct Turn<S> {
    pub(crate) mapped: Arc<Mapped<S>>,
    pub(crate) reading: StreamReading,
    pub(crate) shard: usize,
    pub(crate) lane: usize,
    pub(crate) tell: mpsc::UnboundedSender<Told>,
    /// True: nothing more is to be begun.
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) shutdown: Shutdown,
}

/// The last call with a piece.
struct Last {
    request_id: String,
    outcome: InvokeOutcome,
}

impl<S: Stream> Turn<S> {
    /// The lane is idle when this has ended, whatever is left.
    pub(crate) async fn run(mut self, batch: Batch<Token>) {
        self.mapped.count(&[("InvokedEventCount", batch.0.len())]);
        let mut course = Course::new(batch, &self.reading, self.mapped.source.retention());
        let (mut patience, mut last) = (Patience::with_outages(u64::try_from(self.lane).unwrap_or(0)), None);
        while !*self.stop.borrow() {
            let Some(step) = course.next(self.mapped.parts.clock.now()) else { break };
            let pause = match step {
                Step::GiveUp(piece, why) => match self.give_up(&piece, why, last.as_ref()).await {
                    true => After::GoOn,
                    false => {
                        course.again(piece);
                        After::Pause(patience.pause())
                    }
                },
                Step::Call(piece) => match self.call(&piece).await {
                    Some(called) => {
                        let went = self.settle(&piece, &called).await;
                        last = Some(called);
                        course.went(piece, went)
                    }
                    None => {
                        course.again(piece);
                        After::Pause(patience.pause())
                    }
                },
            };
            if let After::Pause(pause) = pause {
                let until = self.mapped.parts.clock.now().plus(pause);
                self.wait(until).await;
            }
        }
        self.told(Told::State(self.lane, State::Idle));
    }

    fn told(&self, what: Told) {
        // The loop outlives its turns.
        self.tell.send(what).ok();
    }

    async fn wait(&mut self, until: UnixMillis) {
        self.told(Told::State(self.lane, State::Pausing(until)));
        tokio::select! {
            () = self.mapped.parts.clock.sleep_until(until) => {}
            _ = self.stop.wait_for(|stop| *stop) => {}
        }
        self.told(Told::State(self.lane, State::Calling));
    }

    /// `None`: the function has no room, or isn't there; the records can't be blamed for it.
    async fn call(&mut self, piece: &Piece) -> Option<Last> {
        let (mapped, batch) = (&self.mapped, &piece.batch);
        let cx = mapped.cx(batch.trace());
        let request_id = cx.request_id.to_string();
        let outcome = tokio::select! {
            biased;
            outcome = invoke_as(mapped, batch.payload(), &cx) => outcome,
            // What the function makes of it isn't waited for: it comes again.
            () = self.shutdown.requested() => return None,
        };
        match outcome {
            Ok(outcome) => Some(Last { request_id, outcome }),
            Err(err) if may_pass(&err) => {
                tracing::debug!(uuid = mapped.mapping.uuid, error = ?err, "a batch is to be handed over again");
                mapped.problem(err.message()).await;
                None
            }
            Err(err) => {
                tracing::debug!(uuid = mapped.mapping.uuid, error = ?err, "a batch can't be handed over");
                let outcome = InvokeOutcome {
                    status: err.code().status,
                    payload: bytes::Bytes::new(),
                    function_error: Some("Unhandled"),
                    log_tail: None,
                    executed_version: "$LATEST".to_owned(),
                };
                Some(Last { request_id, outcome })
            }
        }
    }

    /// Tells what is dealt with.
    async fn settle(&self, piece: &Piece, called: &Last) -> Went {
        let items = &piece.batch.0;
        let went = match (called.outcome.function_error, self.mapped.mapping.reports_failures) {
            (Some(_), _) => Went::Failed,
            (None, false) => Went::UpTo(items.len()),
            (None, true) => match judge(&called.outcome.payload, |id| items.iter().any(|item| item.id == id)) {
                Answer::All => Went::UpTo(items.len()),
                Answer::AllBut(named) => Went::UpTo(first_named(items, &named)),
                Answer::Nothing => Went::Failed,
            },
        };
        let done = if let Went::UpTo(done) = went { done } else { 0 };
        self.done(items.iter().take(done).map(|item| item.token.place).collect());
        self.mapped.count(&[("FailedInvokeEventCount", items.len() - done)]);
        match went {
            Went::Failed => self.mapped.problem(FAILED).await,
            Went::UpTo(_) => self.mapped.fine().await,
        }
        went
    }

    fn done(&self, places: Vec<u128>) {
        if !places.is_empty() {
            self.told(Told::Done(places));
        }
    }

    /// `false`: that couldn't be told, so that it has to be tried again.
    async fn give_up(&self, piece: &Piece, why: &'static str, last: Option<&Last>) -> bool {
        let (mapped, items) = (&self.mapped, &piece.batch.0);
        let (Some(first), Some(end)) = (items.first(), items.last()) else { return true };
        let Some(mappings) = mapped.parts.mappings.upgrade() else { return false };
        let last = last.filter(|_| piece.failed > 0);
        let what = GivenUp {
            shard: mapped.source.name(self.shard),
            first: (first.id.clone(), first.token.at),
            last: (end.id.clone(), end.token.at),
            count: items.len(),
            event: piece.batch.payload(),
            condition: why,
            invoked: piece.failed,
            request_id: last.map_or_else(|| mapped.cx(None).request_id.to_string(), |last| last.request_id.clone()),
            response: last.map(|last| (last.outcome.executed_version.clone(), last.outcome.function_error)),
        };
        if let Err(err) = mappings.given_up(&mapped.mapping, what).await {
            tracing::warn!(uuid = mapped.mapping.uuid, error = ?err, "records can't be given up yet");
            return false;
        }
        mapped.count(&[("DroppedEventCount", items.len())]);
        self.done(items.iter().map(|item| item.token.place).collect());
        true
    }
}
