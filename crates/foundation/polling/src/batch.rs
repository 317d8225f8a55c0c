//! Batches: how records are gathered, by number, size and time. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use updraft_kernel::UnixMillis;

/// AWS: bytes of an event.
const PAYLOAD: usize = 6 * 1024 * 1024;
const HEAD: &str = r#"{"Records":["#;
const TAIL: &str = "]}";

/// A record that is to be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<T> {
    pub id: String,
    /// JSON.
    pub text: String,
    /// As of [`Record`](crate::Record).
    pub trace: Option<String>,
    pub token: T,
    /// Nobody else gets it before.
    pub hidden_until: UnixMillis,
}

/// Records that one call gets.
#[derive(Debug, PartialEq, Eq)]
pub struct Batch<T>(pub Vec<Item<T>>);

impl<T> Batch<T> {
    /// The event.
    #[must_use]
    pub fn payload(&self) -> Bytes {
        let size = self.0.iter().map(|item| item.text.len() + 1).sum::<usize>() + HEAD.len() + TAIL.len();
        let mut text = String::with_capacity(size);
        text.push_str(HEAD);
        for (position, item) in self.0.iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            text.push_str(&item.text);
        }
        text.push_str(TAIL);
        text.into()
    }

    /// The trace of the call: that of the first record that belongs to one.
    #[must_use]
    pub fn trace(&self) -> Option<&str> {
        self.0.iter().find_map(|item| item.trace.as_deref())
    }

    /// When the first of them may be had by others.
    #[must_use]
    pub fn hidden_until(&self) -> UnixMillis {
        self.0.iter().map(|item| item.hidden_until).min().unwrap_or(UnixMillis::MAX)
    }
}

/// Records that wait for more of them.
#[derive(Debug)]
pub struct Gathering<T> {
    /// Records of a batch at most.
    most: usize,
    window: Duration,
    /// In the order in which they were taken; what is too much for one batch begins the next.
    items: VecDeque<Item<T>>,
    /// When the window of the first of them ends.
    until: UnixMillis,
}

impl<T> Gathering<T> {
    #[must_use]
    pub fn new(most: u32, window: Duration) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX).max(1);
        Self { most, window, items: VecDeque::new(), until: UnixMillis::MAX }
    }

    /// How many more there may be.
    #[must_use]
    pub fn room(&self) -> usize {
        self.most.saturating_sub(self.items.len())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn add(&mut self, items: impl IntoIterator<Item = Item<T>>, now: UnixMillis) {
        let first = self.items.is_empty();
        self.items.extend(items);
        if first && !self.items.is_empty() {
            self.until = now.plus(self.window);
        }
    }

    /// When what there is goes, if nothing more comes.
    #[must_use]
    pub fn due(&self) -> Option<UnixMillis> {
        (!self.items.is_empty()).then_some(self.until)
    }

    /// A batch that is full, or whose time has come.
    pub fn ready(&mut self, now: UnixMillis) -> Option<Batch<T>> {
        let fits = self.fits();
        let full = fits == self.most || fits < self.items.len();
        if self.items.is_empty() || !(full || now >= self.until) {
            return None;
        }
        let batch = Batch(self.items.drain(..fits).collect());
        if !self.items.is_empty() {
            self.until = now.plus(self.window);
        }
        Some(batch)
    }

    /// What waits, given up.
    pub fn drain(&mut self) -> Vec<Item<T>> {
        self.items.drain(..).collect()
    }

    /// How many of them a batch takes; one at least, however large it is.
    fn fits(&self) -> usize {
        let mut size = HEAD.len() + TAIL.len();
        let fitting = self.items.iter().take(self.most).take_while(|item| {
            size += item.text.len() + 1;
            // Behind the last one there is no comma.
            size - 1 <= PAYLOAD
        });
        fitting.count().max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000);
    const WINDOW: Duration = Duration::from_secs(5);

    fn item(id: &str, size: usize) -> Item<()> {
        Item { id: id.to_owned(), text: "x".repeat(size), trace: None, token: (), hidden_until: UnixMillis(9_000) }
    }

    fn items(count: usize) -> Vec<Item<()>> {
        (0..count).map(|n| item(&n.to_string(), 10)).collect()
    }

    fn ids(batch: Option<Batch<()>>) -> Vec<String> {
        batch.map(|batch| batch.0.into_iter().map(|item| item.id).collect()).unwrap_or_default()
    }

    #[test]
    fn without_a_window_what_is_there_goes_at_once() {
        let mut gathering = Gathering::new(10, Duration::ZERO);
        assert_eq!((gathering.ready(NOW), gathering.due(), gathering.room()), (None, None, 10));
        gathering.add(items(3), NOW);
        assert_eq!(ids(gathering.ready(NOW)), ["0", "1", "2"]);
        assert!(gathering.is_empty() && gathering.ready(NOW).is_none());
    }

    #[test]
    fn a_window_begins_with_the_first_record_and_ends_on_time() {
        let mut gathering = Gathering::new(10, WINDOW);
        gathering.add(items(1), NOW);
        gathering.add(items(1), UnixMillis(4_000));
        assert_eq!(gathering.due(), Some(UnixMillis(6_000)));
        assert_eq!(gathering.ready(UnixMillis(5_999)), None, "one millisecond early");
        assert_eq!(ids(gathering.ready(UnixMillis(6_000))).len(), 2);
        gathering.add(items(1), UnixMillis(7_000));
        assert_eq!(gathering.due(), Some(UnixMillis(12_000)));
    }

    #[test]
    fn a_full_batch_waits_for_no_window() {
        let mut gathering = Gathering::new(3, WINDOW);
        gathering.add(items(2), NOW);
        assert_eq!((gathering.ready(NOW), gathering.room()), (None, 1));
        gathering.add(items(2), UnixMillis(2_000));
        assert_eq!(ids(gathering.ready(UnixMillis(2_000))), ["0", "1", "0"]);
        assert_eq!((gathering.ready(UnixMillis(2_000)), gathering.due()), (None, Some(UnixMillis(7_000))));
        assert_eq!(ids(Some(Batch(gathering.drain()))), ["1"]);
    }

    #[test]
    fn an_event_has_six_mebibytes_and_no_byte_more() {
        let (frame, comma) = (HEAD.len() + TAIL.len(), 1);
        for (second, together) in [(PAYLOAD - frame - comma - 100, 2), (PAYLOAD - frame - comma - 99, 1)] {
            let mut gathering = Gathering::new(10, Duration::ZERO);
            gathering.add([item("a", 100), item("b", second)], NOW);
            let batch = gathering.ready(NOW).unwrap();
            assert_eq!(batch.0.len(), together);
            assert!(batch.payload().len() <= PAYLOAD);
        }
        let mut gathering = Gathering::new(10, WINDOW);
        gathering.add([item("a", PAYLOAD), item("b", 1)], NOW);
        assert_eq!(ids(gathering.ready(NOW)), ["a"], "what is too large for any event goes alone");
        assert_eq!(ids(gathering.ready(NOW)), Vec::<String>::new(), "and the next begins a window");
    }

    #[test]
    fn the_event_is_json() {
        let mut two = vec![item("a", 0), item("b", 0)];
        two[0].text = r#"{"a":1}"#.into();
        two[1].text = r#"{"b":2}"#.into();
        two[1].hidden_until = UnixMillis(8_000);
        two[1].trace = Some("Root=1".into());
        let batch = Batch(two);
        assert_eq!(batch.payload(), r#"{"Records":[{"a":1},{"b":2}]}"#);
        assert_eq!((batch.hidden_until(), batch.trace()), (UnixMillis(8_000), Some("Root=1")));
        assert_eq!(Batch::<()>(vec![]).payload(), r#"{"Records":[]}"#);
    }
}
