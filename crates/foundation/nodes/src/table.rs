//! The leases that this node has work for, and how it stands to each.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::lease::Standing;

#[derive(Debug, Default)]
pub(crate) struct Table(Mutex<BTreeMap<String, Entry>>);

#[derive(Debug, Default)]
struct Entry {
    standing: watch::Sender<Standing>,
    /// Its user has said that nothing is under way since it was wanted back.
    released: bool,
}

impl Table {
    /// From now on this node takes part in having the lease.
    pub(crate) fn ask(&self, name: &str) -> watch::Receiver<Standing> {
        self.0.lock().entry(name.to_owned()).or_default().standing.subscribe()
    }

    /// What was asked for, and whether it could be let go: released, or nobody uses it.
    pub(crate) fn asked(&self) -> BTreeMap<String, bool> {
        let idle = |entry: &Entry| entry.released || entry.standing.receiver_count() == 0;
        self.0.lock().iter().map(|(name, entry)| (name.clone(), idle(entry))).collect()
    }

    /// `false`: nobody wants it back.
    pub(crate) fn release(&self, name: &str) -> bool {
        let mut entries = self.0.lock();
        let entry = entries.get_mut(name).filter(|entry| entry.standing.borrow().wanted);
        entry.is_some_and(|entry| {
            entry.released = true;
            true
        })
    }

    pub(crate) fn set(&self, name: &str, standing: Standing) {
        if let Some(entry) = self.0.lock().get_mut(name) {
            entry.set(standing);
        }
    }

    /// Holds nothing any more.
    pub(crate) fn lapse(&self) {
        for entry in self.0.lock().values_mut() {
            entry.set(Standing::default());
        }
    }
}

impl Entry {
    fn set(&mut self, to: Standing) {
        self.released &= to.wanted;
        let differs = |now: &mut Standing| std::mem::replace(now, to) != to;
        self.standing.send_if_modified(differs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::Epoch;

    const WANTED: Standing = Standing { held: Some(Epoch(1)), wanted: true };

    #[test]
    fn only_what_is_wanted_can_be_released_and_only_for_that_time() {
        let table = Table::default();
        let _user = table.ask("a");
        assert!(!table.release("a") && !table.release("b"));
        table.set("a", WANTED);
        assert!(!table.asked()["a"], "something may be under way");
        assert!(table.release("a"));
        assert!(table.asked()["a"]);
        table.set("a", Standing { wanted: false, ..WANTED });
        table.set("a", WANTED);
        assert!(!table.asked()["a"], "new work may have begun meanwhile");
    }

    #[test]
    fn a_lease_whose_user_is_gone_needs_no_release() {
        let table = Table::default();
        drop(table.ask("a"));
        assert!(table.asked()["a"]);
    }

    #[test]
    fn users_are_woken_by_changes_only() {
        let table = Table::default();
        let mut user = table.ask("a");
        table.set("a", WANTED);
        assert!(user.has_changed().unwrap());
        user.mark_unchanged();
        table.set("a", WANTED);
        assert!(!user.has_changed().unwrap());
        table.lapse();
        assert_eq!(*user.borrow_and_update(), Standing::default());
    }
}
