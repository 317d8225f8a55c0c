//! Waiting until pollers have nothing to do, when the clock is moved.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use updraft_kernel::{Clock, UnixMillis};

/// How long (in real time) somebody waits who moves the clock. A function may take longer than that.
const PATIENCE: Duration = Duration::from_secs(10);

/// To be answered by a poller that has looked since, and has nothing to do: whether it had.
pub(crate) type Ask = oneshot::Sender<bool>;

/// How a poller stands, for those who ask.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// When it has something to do again, unless something comes before.
    due: Mutex<Option<UnixMillis>>,
    /// It gave no answer the last time, and has not rested since.
    slow: AtomicBool,
}

impl Standing {
    pub(crate) fn rests(&self, due: Option<UnixMillis>) {
        *self.due.lock() = due;
        self.slow.store(false, Ordering::SeqCst);
    }

    pub(crate) fn works(&self) {
        *self.due.lock() = None;
    }

    pub(crate) fn due(&self) -> Option<UnixMillis> {
        *self.due.lock()
    }

    /// Asks the poller behind `asks`.
    pub(crate) async fn ask(&self, asks: mpsc::UnboundedSender<Ask>, clock: &dyn Clock) -> bool {
        let (answer, worked) = oneshot::channel();
        if self.slow.load(Ordering::SeqCst) || asks.send(answer).is_err() {
            return false;
        }
        // Whoever has this sender is polled: a mapping that is stopped meanwhile mustn't be waited for.
        drop(asks);
        tokio::select! {
            worked = worked => worked.unwrap_or(false),
            () = clock.pause(PATIENCE) => {
                self.slow.store(true, Ordering::SeqCst);
                false
            }
        }
    }
}
