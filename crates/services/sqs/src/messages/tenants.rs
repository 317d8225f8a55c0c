//! Fair queues: of a standard queue whose messages say whose they are (`MessageGroupId`), those who have little in flight
//! come before those who have much. Here is who has how much: what this process has given out, and nothing of it is stored;
//! where the messages of each lie is in `fair`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;
use updraft_kernel::UnixMillis;

use crate::model::message::Address;

/// AWS: a group is noisy that has more than a tenth of what is in flight, and at least so many messages of it. That AWS also
/// looks at how long each group's messages are worked at isn't done here.
const MANY: usize = 30;

/// What is in flight of one queue.
#[derive(Debug, Default)]
pub(crate) struct Tenants(Mutex<Shares>);

#[derive(Debug, Default)]
struct Shares {
    /// By the end of its time. Nothing as long as no message says a group.
    in_flight: BTreeMap<(UnixMillis, Address), Option<Arc<str>>>,
    of: HashMap<Arc<str>, usize>,
}

impl Tenants {
    /// A message that can't be seen until then.
    pub(crate) fn took(&self, address: Address, until: UnixMillis, group: Option<&str>) {
        let mut shares = self.0.lock();
        if group.is_none() && shares.of.is_empty() {
            return;
        }
        let group = group.map(|group| shares.name(group));
        if let Some(group) = &group {
            *shares.of.entry(Arc::clone(group)).or_default() += 1;
        }
        shares.in_flight.insert((until, address), group);
    }

    /// It is in flight no longer; or not until then.
    pub(crate) fn left(&self, address: Address, until: UnixMillis) {
        self.0.lock().left(&(until, address));
    }

    /// Groups that have more than their share now.
    pub(crate) fn noisy(&self, now: UnixMillis) -> HashSet<Arc<str>> {
        let mut shares = self.0.lock();
        while let Some((first, _)) = shares.in_flight.first_key_value()
            && first.0 <= now
        {
            let first = *first;
            shares.left(&first);
        }
        let all = shares.in_flight.len();
        let is_noisy = |count: usize| count >= MANY && count * 10 > all;
        shares.of.iter().filter(|(_, count)| is_noisy(**count)).map(|(group, _)| Arc::clone(group)).collect()
    }
}

impl Shares {
    fn name(&self, group: &str) -> Arc<str> {
        self.of.get_key_value(group).map_or_else(|| group.into(), |(known, _)| Arc::clone(known))
    }

    fn left(&mut self, key: &(UnixMillis, Address)) {
        let Some(Some(group)) = self.in_flight.remove(key) else { return };
        if let Some(count) = self.of.get_mut(&group) {
            *count -= 1;
            if *count == 0 {
                self.of.remove(&group);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(minor: u64) -> Address {
        Address { major: 1, minor }
    }

    /// So many of a group are taken until then.
    fn take(tenants: &Tenants, group: Option<&str>, (from, count): (u64, u64), until: i64) {
        (from..from + count).for_each(|minor| tenants.took(address(minor), UnixMillis(until), group));
    }

    fn noisy(tenants: &Tenants, now: i64) -> Vec<String> {
        let mut noisy: Vec<_> = tenants.noisy(UnixMillis(now)).iter().map(ToString::to_string).collect();
        noisy.sort();
        noisy
    }

    #[test]
    fn thirty_of_fewer_than_three_hundred_are_noisy() {
        let tenants = Tenants::default();
        take(&tenants, Some("a"), (0, 29), 10);
        assert!(noisy(&tenants, 0).is_empty(), "all there is, but few");
        take(&tenants, Some("a"), (100, 1), 10);
        assert_eq!(noisy(&tenants, 0), ["a"]);
        take(&tenants, None, (200, 269), 10);
        assert_eq!(noisy(&tenants, 0), ["a"], "30 of 299");
        take(&tenants, None, (600, 1), 10);
        assert!(noisy(&tenants, 0).is_empty(), "no more than a tenth");
    }

    #[test]
    fn what_comes_back_or_is_deleted_is_in_flight_no_longer() {
        let tenants = Tenants::default();
        take(&tenants, Some("a"), (0, 30), 10);
        take(&tenants, Some("b"), (100, 30), 20);
        assert_eq!(noisy(&tenants, 9), ["a", "b"]);
        assert_eq!(noisy(&tenants, 10), ["b"]);
        tenants.left(address(100), UnixMillis(20));
        tenants.left(address(100), UnixMillis(20));
        assert!(noisy(&tenants, 10).is_empty());
        take(&tenants, None, (500, 1), 30);
        assert_eq!(tenants.0.lock().in_flight.len(), 30);
        tenants.noisy(UnixMillis(20));
        assert_eq!(tenants.0.lock().in_flight.len(), 1, "while there is one, all are known");
        take(&tenants, None, (501, 1), 30);
        assert_eq!(tenants.0.lock().in_flight.len(), 1, "nobody says a group");
    }
}
