//! Fair queues: how much of a queue is of groups that aren't noisy, for CloudWatch. What says no group counts as quiet.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{Key, KeyRange, ScanOptions, Tx};

use super::counts::Counts;
use super::place::{Spot, decoded};
use crate::keys::messages::{of_tenant, tenant_of};
use crate::model::message::{Address, Entry};

/// Messages with groups that are looked at, at most; those behind count as quiet.
const MOST: usize = 100_000;

/// What CloudWatch is told of a fair queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quiet {
    pub(crate) noisy_groups: usize,
    pub(crate) counts: Counts,
    /// When the oldest was sent.
    pub(crate) oldest: Option<UnixMillis>,
}

/// What was found.
#[derive(Default)]
struct Found {
    any: bool,
    noisy: Counts,
    oldest_noisy: Option<UnixMillis>,
    oldest_quiet: Option<UnixMillis>,
}

impl Spot {
    /// `all`: of the whole queue. `None`: no message says a group.
    ///
    /// # Errors
    /// If the store fails.
    pub(super) async fn quiet(
        &self,
        tx: &mut Tx,
        noisy: &HashSet<Arc<str>>,
        (counts, oldest): (Counts, Option<UnixMillis>),
        now: UnixMillis,
    ) -> Result<Option<Quiet>, AwsError> {
        let found = self.grouped_now(tx, noisy, now).await?;
        if !found.any && noisy.is_empty() {
            return Ok(None);
        }
        let counts = Counts {
            visible: counts.visible.saturating_sub(found.noisy.visible),
            not_visible: counts.not_visible.saturating_sub(found.noisy.not_visible),
            delayed: counts.delayed.saturating_sub(found.noisy.delayed),
        };
        // The oldest of all is of a noisy group, or it is the one.
        let oldest = if oldest == found.oldest_noisy { found.oldest_quiet } else { oldest };
        Ok(Some(Quiet { noisy_groups: noisy.len(), counts, oldest }))
    }

    async fn grouped_now(&self, tx: &mut Tx, noisy: &HashSet<Arc<str>>, now: UnixMillis) -> Result<Found, AwsError> {
        let (mut found, mut seen, mut range) = (Found::default(), 0, self.rows.all_tenants());
        while seen < MOST {
            let page = tx.raw().scan(range.clone(), ScanOptions::default().untracked()).await?;
            let mut later = Vec::new();
            for (key, _) in &page.rows {
                let ((visible, address), group) = (of_tenant(key)?, tenant_of(key)?);
                found.meet(address, (visible <= now, noisy.contains(group.as_str())));
                if visible > now && noisy.contains(group.as_str()) {
                    later.push(self.rows.visible(visible, address).encode());
                }
            }
            found.count(&later, tx.raw().get_many(&later).await?)?;
            seen += page.rows.len();
            match page.rows.last().filter(|_| page.more) {
                Some((last, _)) => range = KeyRange::after(range, last),
                None => break,
            }
        }
        Ok(found)
    }
}

impl Found {
    fn meet(&mut self, address: Address, (visible, noisy): (bool, bool)) {
        self.any = true;
        let sent = UnixMillis(i64::try_from(address.major).unwrap_or(i64::MAX));
        let oldest = if noisy { &mut self.oldest_noisy } else { &mut self.oldest_quiet };
        *oldest = Some(oldest.map_or(sent, |oldest| oldest.min(sent)));
        self.noisy.visible += usize::from(visible && noisy);
    }

    /// Noisy ones that can't be seen.
    fn count(&mut self, keys: &[Bytes], entries: Vec<Option<Bytes>>) -> Result<(), AwsError> {
        for (key, entry) in keys.iter().zip(entries) {
            let entry: Option<Entry> = decoded(key, entry)?;
            let received = entry.is_some_and(|entry| entry.receives > 0);
            let of = if received { &mut self.noisy.not_visible } else { &mut self.noisy.delayed };
            *of += 1;
        }
        Ok(())
    }
}
