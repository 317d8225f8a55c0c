//! How many calls each account has at work.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use updraft_kernel::AccountId;

/// Counts per account, up to a limit.
#[derive(Debug)]
pub(crate) struct Accounts {
    limit: usize,
    working: Mutex<HashMap<AccountId, usize>>,
}

/// One call's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    accounts: Arc<Accounts>,
    account: AccountId,
}

impl Accounts {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, working: Mutex::default() })
    }

    /// `None`: the account works at its limit.
    pub(crate) fn enter(self: &Arc<Self>, account: &AccountId) -> Option<Place> {
        let mut working = self.working.lock();
        let count = working.entry(account.clone()).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        Some(Place { accounts: Arc::clone(self), account: account.clone() })
    }

    pub(crate) fn all(&self) -> usize {
        self.working.lock().values().sum()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut working = self.accounts.working.lock();
        if let Some(count) = working.get_mut(&self.account) {
            *count = count.saturating_sub(1);
            if *count == 0 {
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
        let place = accounts.enter(&one).unwrap();
        assert!(accounts.enter(&one).is_none());
        assert!(accounts.enter(&other).is_some(), "accounts don't share");
        drop(place);
        assert!(accounts.enter(&one).is_some());
        assert_eq!(accounts.all(), 0);
    }
}
