//! `throttlePolicy`: no subscription gets more in a second than it asked for. Turns are this process's: several nodes each
//! keep to the rate, and a new process begins anew.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use updraft_kernel::UnixMillis;

/// Turns that nobody took are forgotten when there are so many.
const MOST: usize = 100_000;

#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<Turns>);

#[derive(Debug, Default)]
struct Turns {
    /// When a subscription may be sent the next one.
    next: HashMap<String, UnixMillis>,
    /// By subscription and message.
    given: HashMap<(String, String), UnixMillis>,
}

impl Pace {
    /// How long a message waits for its turn; `None`: it has it now. `rate`: messages a second.
    pub(super) fn wait(&self, (subscription, message): (&str, &str), rate: u32, now: UnixMillis) -> Option<Duration> {
        let mut turns = self.0.lock();
        let of = (subscription.to_owned(), message.to_owned());
        let turn = match turns.given.get(&of) {
            Some(turn) => *turn,
            None => turns.give(subscription, rate, now),
        };
        if turn <= now {
            turns.given.remove(&of);
            return None;
        }
        if turns.given.len() >= MOST {
            turns.given.clear();
        }
        turns.given.insert(of, turn);
        Some(turn.since(now))
    }

    /// Whether a message waits for its turn, or has it and didn't take it.
    pub(super) fn is_given(&self, subscription: &str, message: &str) -> bool {
        self.0.lock().given.contains_key(&(subscription.to_owned(), message.to_owned()))
    }
}

impl Turns {
    fn give(&mut self, subscription: &str, rate: u32, now: UnixMillis) -> UnixMillis {
        let between = Duration::from_secs(1) / rate.max(1);
        let turn = self.next.get(subscription).map_or(now, |next| (*next).max(now));
        if self.next.len() >= MOST {
            self.next.clear();
        }
        self.next.insert(subscription.to_owned(), turn.plus(between));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_follow_each_other_at_the_rate() {
        let (pace, at) = (Pace::default(), UnixMillis);
        let wait = |subscription: &str, message: &str, now: i64| {
            pace.wait((subscription, message), 4, at(now)).map(|wait| wait.as_millis())
        };
        assert_eq!([wait("s", "a", 0), wait("s", "b", 0), wait("s", "c", 0)], [None, Some(250), Some(500)]);
        assert_eq!(wait("other", "a", 0), None);
        assert!(pace.is_given("s", "b") && !pace.is_given("s", "a"));
        assert_eq!([wait("s", "b", 100), wait("s", "b", 250)], [Some(150), None]);
        assert!(!pace.is_given("s", "b"));
        assert_eq!(wait("s", "d", 5_000), None, "what wasn't used isn't saved up");
        assert_eq!(wait("s", "e", 5_000), Some(250));
    }
}
