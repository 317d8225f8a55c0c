//! Telling again what was sent before, by an id, and forgetting it in time. Nothing waits for that: whoever sends takes along
//! a little of what is due.

use updraft_kernel::UnixMillis;
use updraft_store::{Result, ScanOptions, Tx, decode_row, encode_row};

use super::place::Spot;
use crate::keys::messages::{of_forget, of_seen, suffix, versioned};
use crate::model::message::{Address, Attempt, Forget, Scope, Seen};

/// AWS: how long an id is told again, in milliseconds.
pub(crate) const REMEMBERED: i64 = 300_000;

/// What is forgotten along with one message that is sent, at most.
const FORGOTTEN: usize = 4;

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

    /// Takes away some of what is due. Of several that do so at once each takes away the same, which hurts nobody.
    pub(crate) async fn forget(&self, tx: &mut Tx, now: UnixMillis) -> Result<()> {
        let options = ScanOptions::limit(FORGOTTEN).from_head().untracked();
        for (key, value) in tx.raw().scan(self.rows.forgettable_by(now), options).await?.rows {
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
        Ok(())
    }
}
