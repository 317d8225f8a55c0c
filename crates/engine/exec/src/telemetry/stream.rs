//! What one subscriber hasn't been given yet.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use updraft_kernel::{Clock, UnixMillis};

use super::hub::Piece;
use super::request::{Api, Subscription};
use crate::logs::platform;

/// AWS: why some are missing.
const BEHIND: &str = "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.";

#[derive(Debug, Default)]
struct Waiting {
    pieces: Vec<Piece>,
    bytes: usize,
    dropped: usize,
    dropped_bytes: usize,
    hurry: bool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Stream {
    owner: String,
    subscription: Subscription,
    waiting: Mutex<Waiting>,
    changed: Notify,
}

impl Stream {
    /// `owner`: the extension's identifier.
    pub(crate) fn new(owner: String, subscription: Subscription) -> Self {
        Self { owner, subscription, waiting: Mutex::default(), changed: Notify::new() }
    }

    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }

    pub(crate) fn api(&self) -> Api {
        self.subscription.api
    }

    pub(crate) fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    /// Keeps it if it was asked for and there is room.
    pub(crate) fn push(&self, piece: &Piece) {
        let asked = &self.subscription;
        if !asked.kinds.contains(&piece.kind) || !asked.api.knows(piece.name) {
            return;
        }
        let mut waiting = self.waiting.lock();
        // AWS: up to twice of what is asked for may wait.
        let full =
            waiting.bytes + piece.text.len() > 2 * asked.max_bytes || waiting.pieces.len() >= 2 * asked.max_items;
        if full {
            waiting.dropped += 1;
            waiting.dropped_bytes += piece.text.len();
            return;
        }
        waiting.bytes += piece.text.len();
        waiting.pieces.push(piece.clone());
        drop(waiting);
        self.changed.notify_one();
    }

    /// Nothing waits for company any more.
    pub(crate) fn hurry(&self) {
        self.waiting.lock().hurry = true;
        self.changed.notify_one();
    }

    /// Completes when there is a batch to hand out: when it is full, or its first piece has waited long enough.
    pub(crate) async fn batch(&self, clock: &dyn Clock) -> Vec<Piece> {
        while self.waiting.lock().pieces.is_empty() {
            self.changed.notified().await;
        }
        let pause = clock.pause(self.subscription.timeout);
        tokio::pin!(pause);
        while !self.is_due() {
            tokio::select! {
                () = &mut pause => break,
                () = self.changed.notified() => {}
            }
        }
        self.take(clock.now())
    }

    fn is_due(&self) -> bool {
        let waiting = self.waiting.lock();
        let asked = &self.subscription;
        waiting.hurry || waiting.bytes >= asked.max_bytes || waiting.pieces.len() >= asked.max_items
    }

    fn take(&self, now: UnixMillis) -> Vec<Piece> {
        let mut waiting = self.waiting.lock();
        let hurry = waiting.hurry;
        let taken = std::mem::replace(&mut *waiting, Waiting { hurry, ..Waiting::default() });
        drop(waiting);
        let mut pieces = taken.pieces;
        if taken.dropped > 0 {
            pieces.push(dropped(taken.dropped, taken.dropped_bytes, now));
        }
        pieces
    }
}

fn dropped(records: usize, bytes: usize, now: UnixMillis) -> Piece {
    let record = serde_json::json!({ "droppedBytes": bytes, "droppedRecords": records, "reason": BEHIND });
    let name = "platform.logsDropped";
    Piece { kind: super::request::Kind::Platform, name, text: platform::object(now, name, &record).into() }
}

/// The pause before the next attempt, after one that failed.
pub(crate) fn after(pause: Duration) -> Duration {
    (pause * 2).min(Duration::from_secs(1))
}
