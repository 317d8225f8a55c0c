//! Telling again what was sent before, by an id, and forgetting it in time. Nothing waits for that: whoever sends takes along
//! a little of what is due.

use std::collections::HashSet;

use updraft_kernel::UnixMillis;
use updraft_store::{Result, ScanOptions, Tx, decode_row, encode_row};

use super::place::Spot;
use crate::keys::messages::{of_forget, of_seen, suffix, versioned};
use crate::model::message::{Address, Attempt, Forget, Scope, Seen};

/// AWS: how long an id is told again, in milliseconds.
pub(crate) const REMEMBERED: i64 = 300_000;

/// What is forgotten along with each message that is sent, at most.
const FORGOTTEN: usize = 4;

/// Within which an id is remembered; it is looked for in the one before, too.
fn window(now: UnixMillis) -> u64 {
    u64::try_from(now.0.max(0) / REMEMBERED).unwrap_or(0)
}

impl Spot {
    /// What was sent under this id in one of these scopes, and lately.
    pub(crate) async fn seen(
        &self,
        tx: &mut Tx,
        scopes: &[Scope],
        id: &str,
        now: UnixMillis,
    ) -> Result<Option<(String, Address)>> {
        for scope in scopes {
            let prefix = self.rows.seen_prefix(scope, id);
            for (key, value) in tx.raw().scan(self.rows.seen(scope, id), ScanOptions::default()).await?.rows {
                let seen: Seen = decode_row(&key, &value)?;
                if seen.until > now {
                    return Ok(Some((seen.id, of_seen(&key, &prefix)?)));
                }
            }
        }
        Ok(None)
    }

    /// `minor`: of the message's address.
    pub(crate) fn remember(&self, tx: &mut Tx, (scope, id): (Scope, String), seen: &Seen, minor: u64) -> Result<()> {
        tx.raw().put_versioned(self.rows.seen_prefix(&scope, &id), suffix(minor, None), encode_row(seen)?);
        let forget = encode_row(&Forget::Seen { scope, id })?;
        tx.raw().put_versioned(self.rows.forget_prefix(seen.until), suffix(minor, None), forget);
        Ok(())
    }

    pub(crate) fn remember_attempt(&self, tx: &mut Tx, id: &str, attempt: &Attempt) -> Result<()> {
        tx.put_row(&self.rows.attempt(id), attempt)?;
        let forget = encode_row(&Forget::Attempt(id.to_owned()))?;
        tx.raw().put_versioned(self.rows.forget_prefix(attempt.until), suffix(0, None), forget);
        Ok(())
    }

    /// Which of these ids services have sent lately, one round trip for all.
    pub(crate) async fn once_sent(&self, tx: &mut Tx, ids: &[&str], now: UnixMillis) -> Result<HashSet<String>> {
        let (here, mut sent) = (window(now), HashSet::new());
        let windows = [here, here.saturating_sub(1)];
        let keys: Vec<_> = ids.iter().flat_map(|id| windows.map(|window| self.rows.once(window, id))).collect();
        for seen in tx.row_many(&keys).await?.into_iter().flatten() {
            if seen.until > now {
                sent.insert(seen.id);
            }
        }
        Ok(sent)
    }

    pub(crate) fn remember_once(&self, tx: &mut Tx, id: &str, now: UnixMillis) -> Result<()> {
        let seen = Seen { id: id.to_owned(), until: UnixMillis(now.0.saturating_add(REMEMBERED)) };
        tx.put_row(&self.rows.once(window(now), id), &seen)
    }

    /// Takes away some of what is due, as is taken along with so many messages; whether there may be more. Of several that do
    /// so at once each takes away the same, which hurts nobody.
    pub(crate) async fn forget(&self, tx: &mut Tx, now: UnixMillis, messages: usize) -> Result<bool> {
        let most = FORGOTTEN * messages;
        if self.is_fifo() { self.forget_ids(tx, now, most).await } else { self.forget_once(tx, now, most).await }
    }

    pub(crate) async fn forget_once(&self, tx: &mut Tx, now: UnixMillis, most: usize) -> Result<bool> {
        let range = self.rows.once_before(window(now).saturating_sub(1));
        let page = tx.raw().scan(range, ScanOptions::limit(most).from_head().untracked()).await?;
        page.rows.into_iter().for_each(|(key, _)| tx.raw().delete(key));
        Ok(page.more)
    }

    pub(crate) async fn forget_ids(&self, tx: &mut Tx, now: UnixMillis, most: usize) -> Result<bool> {
        let options = ScanOptions::limit(most).from_head().untracked();
        let page = tx.raw().scan(self.rows.forgettable_by(now), options).await?;
        for (key, value) in page.rows {
            match decode_row(&key, &value)? {
                Forget::Seen { scope, id } => {
                    let key = versioned(&self.rows.seen_prefix(&scope, &id), of_forget(&key)?);
                    tx.raw().delete(key);
                }
                Forget::Attempt(id) => {
                    // Made anew meanwhile, it has another row of these.
                    if tx.row(&self.rows.attempt(&id)).await?.is_some_and(|attempt| attempt.until <= now) {
                        tx.delete_row(&self.rows.attempt(&id));
                    }
                }
            }
            tx.raw().delete(key);
        }
        Ok(page.more)
    }
}
