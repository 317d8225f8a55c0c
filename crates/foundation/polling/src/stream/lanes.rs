//! What was read of a shard and isn't dealt with: divided into lanes, of which each is worked off in order. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use updraft_kernel::UnixMillis;

use crate::batch::{Batch, Gathering, Item};

/// Bytes of records that are held for one lane.
const BYTES: usize = 8 << 20;

/// What is known of a record beside what the function gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) place: u128,
    pub(crate) at: UnixMillis,
}

/// What a lane does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Idle,
    Calling,
    /// A batch is tried again then.
    Pausing(UnixMillis),
}

#[derive(Debug)]
struct Lane {
    gathering: Gathering<Token>,
    state: State,
}

#[derive(Debug)]
pub(crate) struct Lanes {
    lanes: Vec<Lane>,
    /// Records held at most.
    most: usize,
    /// Sizes of all records that were read and aren't dealt with, by their places.
    undone: BTreeMap<u128, usize>,
    bytes: usize,
    /// Where reading goes on.
    next: u128,
}

impl Lanes {
    pub(crate) fn new(lanes: u32, batch: u32, window: Duration, next: u128) -> Self {
        let lane = |_| Lane { gathering: Gathering::new(batch, window), state: State::Idle };
        let lanes: Vec<_> = (0..lanes.max(1)).map(lane).collect();
        let batch = usize::try_from(batch).unwrap_or(usize::MAX).max(1);
        Self { most: batch.saturating_mul(lanes.len()), lanes, undone: BTreeMap::new(), bytes: 0, next }
    }

    pub(crate) fn next(&self) -> u128 {
        self.next
    }

    /// How many more may be read.
    pub(crate) fn room(&self) -> usize {
        if self.bytes >= BYTES.saturating_mul(self.lanes.len()) {
            return 0;
        }
        self.most.saturating_sub(self.undone.len())
    }

    /// Those that are to be handed over; `next`: everything before was read.
    pub(crate) fn add(&mut self, items: Vec<(u64, Item<Token>)>, next: u128, now: UnixMillis) {
        self.next = next;
        let count = u64::try_from(self.lanes.len()).unwrap_or(1);
        for (of, item) in items {
            self.bytes += item.text.len();
            self.undone.insert(item.token.place, item.text.len());
            let lane = usize::try_from(of % count).unwrap_or(0);
            if let Some(lane) = self.lanes.get_mut(lane) {
                lane.gathering.add([item], now);
            }
        }
    }

    /// Batches that are ready and whose lanes are free, which they no longer are.
    pub(crate) fn ready(&mut self, now: UnixMillis) -> Vec<(usize, Batch<Token>)> {
        let idle = self.lanes.iter_mut().enumerate().filter(|(_, lane)| lane.state == State::Idle);
        let ready = idle.filter_map(|(number, lane)| {
            let batch = lane.gathering.ready(now)?;
            lane.state = State::Calling;
            Some((number, batch))
        });
        ready.collect()
    }

    pub(crate) fn done(&mut self, places: &[u128]) {
        for place in places {
            self.bytes -= self.undone.remove(place).unwrap_or(0);
        }
    }

    pub(crate) fn set(&mut self, lane: usize, state: State) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.state = state;
        }
    }

    /// The first place that isn't dealt with.
    pub(crate) fn position(&self) -> u128 {
        self.undone.keys().next().copied().unwrap_or(self.next)
    }

    /// No batch is at work.
    pub(crate) fn is_idle(&self) -> bool {
        self.lanes.iter().all(|lane| lane.state == State::Idle)
    }

    /// Some batch is at work, and doesn't just wait for its time.
    pub(crate) fn is_busy(&self, now: UnixMillis) -> bool {
        self.lanes.iter().any(|lane| match lane.state {
            State::Idle => false,
            State::Calling => true,
            State::Pausing(until) => until <= now,
        })
    }

    /// When a window ends of a lane that has no batch at work.
    pub(crate) fn window_ends(&self) -> Option<UnixMillis> {
        self.lanes.iter().filter(|lane| lane.state == State::Idle).filter_map(|lane| lane.gathering.due()).min()
    }

    /// When there is something to do, if nothing comes.
    pub(crate) fn due(&self) -> Option<UnixMillis> {
        let due = |lane: &Lane| match lane.state {
            State::Idle => lane.gathering.due(),
            State::Calling => None,
            State::Pausing(until) => Some(until),
        };
        self.lanes.iter().filter_map(due).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000);

    fn item(place: u128) -> Item<Token> {
        let token = Token { place, at: NOW };
        Item { id: place.to_string(), text: "x".into(), trace: None, token, hidden_until: UnixMillis::MAX }
    }

    fn places(batch: &Batch<Token>) -> Vec<u128> {
        batch.0.iter().map(|item| item.token.place).collect()
    }

    #[test]
    fn a_lane_has_one_batch_at_a_time_and_the_position_is_what_all_have_passed() {
        let mut lanes = Lanes::new(2, 2, Duration::ZERO, 1);
        assert_eq!((lanes.room(), lanes.position()), (4, 1));
        lanes.add(vec![(0, item(1)), (1, item(2)), (0, item(3)), (2, item(4))], 5, NOW);
        assert_eq!((lanes.room(), lanes.next()), (0, 5));
        let ready = lanes.ready(NOW);
        assert_eq!(
            ready.iter().map(|(lane, batch)| (*lane, places(batch))).collect::<Vec<_>>(),
            [(0, vec![1, 3]), (1, vec![2])]
        );
        assert!(lanes.ready(NOW).is_empty(), "4 waits for 1 and 3, for it is of the same lane");
        lanes.done(&[2]);
        lanes.set(1, State::Idle);
        assert_eq!(lanes.position(), 1, "2 is dealt with, and 1 isn't");
        lanes.done(&[1, 3]);
        lanes.set(0, State::Idle);
        assert_eq!(lanes.position(), 4);
        assert_eq!(places(&lanes.ready(NOW)[0].1), [4]);
        lanes.done(&[4]);
        assert_eq!(lanes.position(), 5, "where reading goes on");
    }

    #[test]
    fn who_pauses_is_busy_when_the_time_has_come() {
        let mut lanes = Lanes::new(1, 1, Duration::ZERO, 1);
        lanes.add(vec![(0, item(1))], 2, NOW);
        lanes.ready(NOW);
        assert!(lanes.is_busy(NOW) && !lanes.is_idle());
        lanes.set(0, State::Pausing(UnixMillis(2_000)));
        assert_eq!((lanes.is_busy(UnixMillis(1_999)), lanes.is_busy(UnixMillis(2_000))), (false, true));
        assert_eq!(lanes.due(), Some(UnixMillis(2_000)));
    }
}
