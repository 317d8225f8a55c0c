//! Fair queues: of a standard queue whose messages say whose they are (`MessageGroupId`), those who take little of the
//! consumers come before those who take much. Here is who takes how much: what this process has given out, and nothing of it
//! is stored; where the messages of each lie is in `fair`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use updraft_kernel::UnixMillis;

use crate::model::message::Address;

/// AWS: a group is noisy that has more than a tenth of what is in flight, and at least so many messages of it.
const MANY: usize = 30;
/// AWS: so is one whose messages have taken more than a tenth of the time that consumers were busy with messages lately. AWS
/// doesn't say what is lately: here all time counts half as much after a minute.
const HALVED: Duration = Duration::from_secs(60);
/// As long as consumers were busy for less than this together, in milliseconds, that says nothing.
const TOO_LITTLE: i64 = 10_000;
/// Who has taken how much time is looked at so often.
const JUDGED: Duration = Duration::from_secs(1);

/// What is in flight of one queue, and what was lately.
#[derive(Debug, Default)]
pub(crate) struct Tenants(Mutex<Shares>);

#[derive(Debug, Default)]
struct Shares {
    /// By the end of its time. Nothing as long as no message says a group.
    in_flight: BTreeMap<(UnixMillis, Address), Taken>,
    of: HashMap<Arc<str>, Busy>,
    all: Busy,
    /// When time was halved last.
    halved: UnixMillis,
    judged: UnixMillis,
    /// Who had taken more than a tenth of the time then.
    slow: HashSet<Arc<str>>,
}

#[derive(Debug)]
struct Taken {
    at: UnixMillis,
    group: Option<Arc<str>>,
}

/// How consumers are kept busy.
#[derive(Clone, Copy, Debug, Default)]
struct Busy {
    /// Messages in flight.
    count: usize,
    /// When each of them was taken, or time was halved since: the sum.
    begun: i64,
    /// By those that are in flight no longer, in milliseconds.
    done: i64,
}

impl Tenants {
    /// A message that can't be seen until then.
    pub(crate) fn took(&self, address: Address, until: UnixMillis, group: Option<&str>, now: UnixMillis) {
        let mut shares = self.0.lock();
        if group.is_none() && shares.of.is_empty() {
            return;
        }
        if shares.of.is_empty() && shares.in_flight.is_empty() {
            (shares.halved, shares.all) = (now, Busy::default());
        }
        let group = group.map(|group| shares.name(group));
        if let Some(group) = &group {
            shares.of.entry(Arc::clone(group)).or_default().begin(now);
        }
        shares.all.begin(now);
        shares.in_flight.insert((until, address), Taken { at: now, group });
    }

    /// It is in flight no longer; or not until then.
    pub(crate) fn left(&self, address: Address, until: UnixMillis, now: UnixMillis) {
        self.0.lock().left(&(until, address), now);
    }

    /// AWS: a group of which there is nothing any more is quiet again.
    pub(crate) fn drained(&self, group: &str) {
        let mut shares = self.0.lock();
        if shares.of.get(group).is_some_and(|busy| busy.count == 0) {
            shares.of.remove(group);
        }
        shares.slow.remove(group);
    }

    /// Groups that take more than their share now.
    pub(crate) fn noisy(&self, now: UnixMillis) -> HashSet<Arc<str>> {
        let mut shares = self.0.lock();
        while let Some((first, _)) = shares.in_flight.first_key_value()
            && first.0 <= now
        {
            let first = *first;
            shares.left(&first, now);
        }
        if shares.of.is_empty() {
            return HashSet::new();
        }
        shares.judge(now);
        let all = shares.all.count;
        let many = shares.of.iter().filter(|(_, busy)| busy.count >= MANY && busy.count * 10 > all);
        many.map(|(group, _)| group).chain(&shares.slow).map(Arc::clone).collect()
    }
}

impl Shares {
    fn name(&self, group: &str) -> Arc<str> {
        self.of.get_key_value(group).map_or_else(|| group.into(), |(known, _)| Arc::clone(known))
    }

    fn left(&mut self, key: &(UnixMillis, Address), now: UnixMillis) {
        let Some(taken) = self.in_flight.remove(key) else { return };
        let (begun, end) = (taken.at.max(self.halved), now.min(key.0));
        self.all.end(begun, end);
        if let Some(group) = taken.group
            && let Some(busy) = self.of.get_mut(&group)
        {
            busy.end(begun, end);
            if busy.count == 0 && busy.done == 0 {
                self.of.remove(&group);
            }
        }
    }

    fn judge(&mut self, now: UnixMillis) {
        // Time may have been moved back.
        if now.0 >= self.judged.0 && now.since(self.judged) < JUDGED {
            return;
        }
        self.judged = now;
        self.halve(now);
        let all = self.all.so_far(now);
        let is_slow = |busy: &Busy| all >= TOO_LITTLE && busy.so_far(now).saturating_mul(10) > all;
        self.slow = self.of.iter().filter(|(_, busy)| is_slow(busy)).map(|(group, _)| Arc::clone(group)).collect();
    }

    fn halve(&mut self, now: UnixMillis) {
        let times = now.since(self.halved).as_millis() / HALVED.as_millis();
        if times == 0 {
            return;
        }
        self.halved = now;
        let times = u32::try_from(times).unwrap_or(u32::MAX);
        self.all.halve(now, times);
        self.of.retain(|_, busy| {
            busy.halve(now, times);
            busy.count > 0 || busy.done > 0
        });
    }
}

impl Busy {
    fn begin(&mut self, now: UnixMillis) {
        self.count += 1;
        self.begun = self.begun.saturating_add(now.0);
    }

    fn end(&mut self, begun: UnixMillis, end: UnixMillis) {
        self.count = self.count.saturating_sub(1);
        self.begun = self.begun.saturating_sub(begun.0);
        self.done = self.done.saturating_add(end.0.saturating_sub(begun.0).max(0));
    }

    /// In milliseconds.
    fn so_far(&self, now: UnixMillis) -> i64 {
        let count = i64::try_from(self.count).unwrap_or(i64::MAX);
        self.done.saturating_add(count.saturating_mul(now.0).saturating_sub(self.begun).max(0))
    }

    fn halve(&mut self, now: UnixMillis, times: u32) {
        self.done = self.so_far(now).checked_shr(times).unwrap_or(0);
        self.begun = i64::try_from(self.count).unwrap_or(i64::MAX).saturating_mul(now.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(minor: u64) -> Address {
        Address { major: 1, minor }
    }

    /// So many of a group are taken at once, until then.
    fn take(tenants: &Tenants, group: Option<&str>, (from, count): (u64, u64), (now, until): (i64, i64)) {
        let one = |minor| tenants.took(address(minor), UnixMillis(until), group, UnixMillis(now));
        (from..from + count).for_each(one);
    }

    fn noisy(tenants: &Tenants, now: i64) -> Vec<String> {
        let mut noisy: Vec<_> = tenants.noisy(UnixMillis(now)).iter().map(ToString::to_string).collect();
        noisy.sort();
        noisy
    }

    #[test]
    fn thirty_of_fewer_than_three_hundred_are_noisy() {
        let tenants = Tenants::default();
        take(&tenants, Some("a"), (0, 29), (0, 10));
        assert!(noisy(&tenants, 0).is_empty(), "all there is, but few");
        take(&tenants, Some("a"), (100, 1), (0, 10));
        assert_eq!(noisy(&tenants, 0), ["a"]);
        take(&tenants, None, (200, 269), (0, 10));
        assert_eq!(noisy(&tenants, 0), ["a"], "30 of 299");
        take(&tenants, None, (600, 1), (0, 10));
        assert!(noisy(&tenants, 0).is_empty(), "no more than a tenth");
    }

    #[test]
    fn what_comes_back_or_is_deleted_is_in_flight_no_longer() {
        let tenants = Tenants::default();
        take(&tenants, Some("a"), (0, 30), (0, 10));
        take(&tenants, Some("b"), (100, 30), (0, 20));
        assert_eq!(noisy(&tenants, 9), ["a", "b"]);
        assert_eq!(noisy(&tenants, 10), ["b"]);
        tenants.left(address(100), UnixMillis(20), UnixMillis(10));
        tenants.left(address(100), UnixMillis(20), UnixMillis(10));
        assert!(noisy(&tenants, 10).is_empty());
        take(&tenants, None, (500, 1), (10, 30));
        assert_eq!(tenants.0.lock().in_flight.len(), 30);
        tenants.noisy(UnixMillis(20));
        assert_eq!(tenants.0.lock().in_flight.len(), 1, "while there was one lately, all are known");
        let later = 20 + 3_600_000;
        assert!(noisy(&tenants, later).is_empty());
        take(&tenants, None, (501, 1), (later, later + 10));
        assert!(tenants.0.lock().in_flight.is_empty(), "nobody says a group");
    }

    const FAR: i64 = 100_000_000;

    #[test]
    fn few_that_take_long_are_noisy() {
        let tenants = Tenants::default();
        let start = 1_000_000;
        take(&tenants, Some("slow"), (0, 2), (start, FAR));
        for n in 0..95 {
            take(&tenants, Some(&format!("quick-{n}")), (100 + n, 1), (start, FAR));
            tenants.left(address(100 + n), UnixMillis(FAR), UnixMillis(start + 50));
        }
        assert!(noisy(&tenants, start + 2_000).is_empty(), "nobody was busy for long");
        assert_eq!(noisy(&tenants, start + 20_000), ["slow"], "two in flight for 20 s, of 45 s");
        (0..2).for_each(|n| tenants.left(address(n), UnixMillis(FAR), UnixMillis(start + 20_000)));
        assert_eq!(noisy(&tenants, start + 21_000), ["slow"], "as it was lately");
        let rest = (1000, 100);
        take(&tenants, None, rest, (start + 21_000, FAR));
        assert!(noisy(&tenants, start + 30_000).is_empty(), "40 s of a thousand");
    }

    #[test]
    fn what_was_long_ago_or_is_drained_is_quiet() {
        let tenants = Tenants::default();
        let start = 1_000_000;
        take(&tenants, Some("a"), (0, 1), (start, FAR));
        assert_eq!(noisy(&tenants, start + 60_000), ["a"]);
        tenants.left(address(0), UnixMillis(FAR), UnixMillis(start + 60_000));
        assert_eq!(noisy(&tenants, start + 120_000), ["a"], "a minute later it counts 15 s");
        assert!(noisy(&tenants, start + 180_000).is_empty());
        take(&tenants, Some("b"), (1, 1), (start + 180_000, FAR));
        assert_eq!(noisy(&tenants, start + 200_000), ["a", "b"], "a tenth of so little is still so much");
        tenants.drained("a");
        tenants.drained("b");
        assert_eq!(noisy(&tenants, start + 202_000), ["b"], "it is in flight");
        assert!(!tenants.0.lock().of.contains_key("a"));
    }

    #[test]
    fn time_is_counted_once_however_often_it_is_halved() {
        let tenants = Tenants::default();
        let start = 1_000_000;
        take(&tenants, Some("a"), (0, 1), (start, start + 600_000));
        noisy(&tenants, start);
        noisy(&tenants, start + 60_000);
        noisy(&tenants, start + 120_000);
        let busy = |shares: &Shares| (shares.all.done, shares.of["a"].done);
        assert_eq!(busy(&tenants.0.lock()), (45_000, 45_000));
        tenants.left(address(0), UnixMillis(start + 600_000), UnixMillis(start + 130_000));
        assert_eq!(busy(&tenants.0.lock()), (55_000, 55_000));
        assert_eq!(tenants.0.lock().all.begun, 0);
    }
}
