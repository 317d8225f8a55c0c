//! How many calls each account has at work.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use updraft_kernel::AccountId;

/// Counts per account, up to a limit.
#[derive(Debug)]
pub(crate) struct Accounts {
    limit: usize,
    working: Mutex<HashMap<AccountId, Working>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Working {
    all: usize,
    /// Those of functions that have no concurrency of their own.
    unreserved: usize,
}

/// How many were at work when a call came, itself included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entered {
    pub(crate) all: usize,
    pub(crate) unreserved: usize,
}

/// One call's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    accounts: Arc<Accounts>,
    account: AccountId,
    reserved: bool,
    pub(crate) entered: Entered,
}

impl Accounts {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, working: Mutex::default() })
    }

    /// `reserved`: the function has concurrency of its own. `None`: the account works at its limit.
    pub(crate) fn enter(self: &Arc<Self>, account: &AccountId, reserved: bool) -> Option<Place> {
        let mut working = self.working.lock();
        let count = working.entry(account.clone()).or_default();
        if count.all >= self.limit {
            return None;
        }
        count.all += 1;
        count.unreserved += usize::from(!reserved);
        let entered = Entered { all: count.all, unreserved: count.unreserved };
        Some(Place { accounts: Arc::clone(self), account: account.clone(), reserved, entered })
    }

    pub(crate) fn all(&self) -> usize {
        self.working.lock().values().map(|working| working.all).sum()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut working = self.accounts.working.lock();
        if let Some(count) = working.get_mut(&self.account) {
            count.all = count.all.saturating_sub(1);
            count.unreserved = count.unreserved.saturating_sub(usize::from(!self.reserved));
            if count.all == 0 {
                working.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back() {
        let accounts = Accounts::new(1);
        let (one, other) = (AccountId::local(), AccountId::parse("111111111111").unwrap());
        let place = accounts.enter(&one, false).unwrap();
        assert!(accounts.enter(&one, false).is_none());
        assert!(accounts.enter(&other, false).is_some(), "accounts don't share");
        drop(place);
        assert!(accounts.enter(&one, true).is_some());
        assert_eq!(accounts.all(), 0);
    }
}
