//! Watches: level-triggered, lossy wake-ups. A watcher always reads again; it never learns *what* changed.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokio::sync::watch;
use xxhash_rust::xxh3::Xxh3;

/// What is watched: any bytes, hashed. Two topics that collide wake each other's watchers, which only costs a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Topic(pub u64);

impl Topic {
    /// Touched by the store itself when a sync failed and it refuses writes from then on: what the binary exits on. A
    /// watch made later is woken at once.
    pub const POISONED: Self = Self(0);

    /// The topic of these parts. Parts are told apart: `["ab"]` isn't `["a", "b"]`.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Xxh3::new();
        for part in parts {
            hash.update(&part.len().to_le_bytes());
            hash.update(part);
        }
        Self(hash.digest().max(1))
    }
}

/// Subscribed from the moment it was made: a touch between making and awaiting isn't missed.
#[derive(Debug)]
pub struct Watch {
    touched: watch::Receiver<()>,
}

impl Watch {
    /// As if the topic had been touched just now.
    pub(crate) fn wake(mut self) -> Self {
        self.touched.mark_changed();
        self
    }

    /// Completes when the topic was touched since this watch was made or last completed; several touches may be one.
    /// Never completes once the store is gone.
    pub async fn changed(&mut self) {
        if self.touched.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Who watches what, in this process.
#[derive(Debug, Default)]
pub struct WatchTable {
    topics: Mutex<Topics>,
}

#[derive(Debug, Default)]
struct Topics {
    senders: HashMap<Topic, watch::Sender<()>>,
    /// Sweep topics that nobody watches any more at this size.
    sweep_at: usize,
}

impl WatchTable {
    pub fn watch(&self, topic: Topic) -> Watch {
        let mut topics = self.topics.lock();
        if topics.senders.len() >= topics.sweep_at {
            topics.senders.retain(|_, sender| sender.receiver_count() > 0);
            topics.sweep_at = topics.senders.len() * 2 + 64;
        }
        Watch { touched: topics.senders.entry(topic).or_default().subscribe() }
    }

    pub fn touch(&self, touched: impl IntoIterator<Item = Topic>) {
        let topics = self.topics.lock();
        for topic in touched {
            if let Some(sender) = topics.senders.get(&topic) {
                sender.send_replace(());
            }
        }
    }

    /// As if everything that is watched had been touched, since touches elsewhere may have been missed. Not
    /// [`Topic::POISONED`], which only this process can tell of.
    pub fn touch_all(&self) {
        let topics = self.topics.lock();
        for (_, sender) in topics.senders.iter().filter(|(topic, _)| **topic != Topic::POISONED) {
            sender.send_replace(());
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_touch_before_the_await_isnt_missed() {
        let table = WatchTable::default();
        let (mut watch, mut other) = (table.watch(Topic(1)), table.watch(Topic(2)));
        assert!(watch.changed().now_or_never().is_none());
        table.touch([Topic(1), Topic(1)]);
        assert!(watch.changed().now_or_never().is_some());
        assert!(watch.changed().now_or_never().is_none(), "two touches may be one");
        assert!(other.changed().now_or_never().is_none());
    }

    #[test]
    fn topics_nobody_watches_are_forgotten() {
        let table = WatchTable::default();
        let kept = table.watch(Topic(1_000_000));
        for topic in 0..100_000 {
            drop(table.watch(Topic(topic)));
        }
        assert!(table.topics.lock().senders.len() < 1_000);
        drop(kept);
    }

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(Topic::of(&[b"ab"]), Topic::of(&[b"a", b"b"]));
        assert_eq!(Topic::of(&[b"a", b"b"]), Topic::of(&[b"a", b"b"]));
    }
}
