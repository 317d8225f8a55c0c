//! Buckets that were found to have no log: for a while, what is asked of them needn't even be noted.
//!
//! Only a hint, and only of this node: where another begins a log, it is noticed here when the while is over. AWS promises
//! that it takes effect at some time.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;

/// For so long it is believed.
const BELIEVED: Duration = Duration::from_secs(5);
/// So many are known at a time.
const MOST: usize = 4096;

#[derive(Debug, Default)]
pub(crate) struct Unlogged(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Counts the logs that began: what was read before the last of them isn't to be believed.
    begun: u64,
    /// By the clock that only goes on.
    found: HashMap<String, Duration>,
}

impl Unlogged {
    /// To be asked before the store is.
    pub(super) fn begun(&self) -> u64 {
        self.0.lock().begun
    }

    /// The bucket has no log, as was read after [`Self::begun`] said so many.
    pub(super) fn found(&self, bucket: &str, begun: u64, now: Duration) {
        let mut known = self.0.lock();
        if known.begun != begun {
            return;
        }
        if known.found.len() >= MOST {
            known.found.clear();
        }
        known.found.insert(bucket.to_owned(), now);
    }

    /// The bucket has a log from now on.
    pub(crate) fn begins(&self, bucket: &str) {
        let mut known = self.0.lock();
        known.begun += 1;
        known.found.remove(bucket);
    }

    pub(super) fn has(&self, bucket: &str, now: Duration) -> bool {
        let known = self.0.lock();
        known.found.get(bucket).is_some_and(|since| now.saturating_sub(*since) < BELIEVED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn it_is_believed_for_a_while_and_until_a_log_begins() {
        let unlogged = Unlogged::default();
        unlogged.found("b", unlogged.begun(), SECOND);
        assert!(unlogged.has("b", SECOND) && unlogged.has("b", Duration::from_millis(5_999)));
        assert!(!unlogged.has("b", SECOND * 6) && !unlogged.has("c", SECOND));
        let before = unlogged.begun();
        unlogged.begins("b");
        assert!(!unlogged.has("b", SECOND));
        unlogged.found("b", before, SECOND);
        assert!(!unlogged.has("b", SECOND), "it was read before the log began");
        unlogged.found("b", unlogged.begun(), SECOND);
        assert!(unlogged.has("b", SECOND));
    }

    #[test]
    fn not_more_than_so_many_are_known() {
        let unlogged = Unlogged::default();
        for n in 0..MOST + 2 {
            unlogged.found(&n.to_string(), 0, SECOND);
        }
        assert_eq!(unlogged.0.lock().found.len(), 2);
    }
}
