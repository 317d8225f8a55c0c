//! A share of the processor for a program that shares threads with others: the time it computes is measured, and at a
//! beat where it has used its share up it pauses for the rest of the period. That is what the kernel does with processes.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use updraft_exec::Life;
use updraft_kernel::{BoxFuture, Clock};
use wasmtime::{Result, StoreContextMut, UpdateDeadline};

use crate::state::State;

/// As the kernel's.
const PERIOD: Duration = Duration::from_millis(100);

/// How long a program has computed, in nanoseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spent(Arc<AtomicU64>);

impl Spent {
    fn get(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// What is left of the current period.
#[derive(Debug)]
pub(crate) struct Share {
    life: Arc<Life>,
    spent: Spent,
    began: Duration,
    before: Duration,
}

impl Share {
    pub(crate) fn new(life: Arc<Life>) -> Self {
        let began = life.clock().monotonic();
        Self { life, spent: Spent::default(), began, before: Duration::ZERO }
    }

    pub(crate) fn spent(&self) -> Spent {
        self.spent.clone()
    }

    /// How long to pause now.
    fn due(&mut self) -> Option<Duration> {
        let millis = self.life.cpu_millis()?;
        let (now, spent) = (self.life.clock().monotonic(), self.spent.get());
        let passed = now.saturating_sub(self.began);
        if passed >= PERIOD {
            (self.began, self.before) = (now, spent);
            return None;
        }
        let used = spent.saturating_sub(self.before);
        (used >= PERIOD * millis / 1000).then(|| PERIOD.saturating_sub(passed))
    }

    fn turn(&mut self) -> BoxFuture<'static, ()> {
        match self.due() {
            Some(pause) => self.life.clock().pause(pause),
            None => Box::pin(tokio::task::yield_now()),
        }
    }
}

/// At each beat.
pub(crate) fn on_beat(mut store: StoreContextMut<'_, State>) -> Result<UpdateDeadline> {
    Ok(UpdateDeadline::YieldCustom(1, store.data_mut().share.turn()))
}

/// Work whose computing is measured.
pub(crate) struct Metered<'a, F> {
    pub(crate) work: Pin<Box<F>>,
    pub(crate) spent: Spent,
    pub(crate) clock: &'a dyn Clock,
}

impl<F: Future> Future for Metered<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let began = self.clock.monotonic();
        let polled = self.work.as_mut().poll(cx);
        let took = self.clock.monotonic().saturating_sub(began);
        self.spent.0.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        polled
    }
}
