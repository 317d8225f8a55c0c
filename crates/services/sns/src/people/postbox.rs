//! What would have been sent to people is kept for a while, for whoever wants to see it.

use std::time::Duration;

use updraft_kernel::ports::{PostboxPort, Posted};
use updraft_kernel::{AccountId, AwsError, BoxFuture, Region};
use updraft_store::{ScanOptions, StoreExt, Tx};

use super::phones;
use crate::Sns;
use crate::keys::people::{OptedOut, OptedOutKey, PostedKey, PostedRow};

const KEPT: Duration = Duration::from_secs(14 * 24 * 3600);
/// Each message that is put in takes out so many old ones at most.
const CLEARED: usize = 10;

/// Puts it in when `tx` commits. The same message twice is one.
///
/// # Errors
/// If the store fails.
pub(crate) async fn post(svc: &Sns, tx: &mut Tx, account: &AccountId, message: Posted) -> Result<(), AwsError> {
    let now = svc.parts.clock.now();
    let end = now.0.saturating_sub(i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX));
    let old = PostedKey::before(account, updraft_kernel::UnixMillis(end));
    for (key, _) in tx.raw().scan(old, ScanOptions::limit(CLEARED)).await?.rows {
        tx.raw().delete(key);
    }
    let (at, id) = (message.at, message.id.clone());
    tx.put_row(&PostedKey { account, at, id: &id }, &PostedRow(message))?;
    Ok(())
}

impl PostboxPort for Sns {
    fn posted<'a>(&'a self, account: &'a AccountId, limit: usize) -> BoxFuture<'a, Result<Vec<Posted>, AwsError>> {
        Box::pin(async move {
            let mut tx = self.parts.store.read().await?;
            let page = tx.rows::<PostedKey<'_>>(PostedKey::all(account), ScanOptions::limit(limit)).await?;
            Ok(page.rows.into_iter().map(|(_, PostedRow(message))| message).collect())
        })
    }

    fn opted_out<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
        number: &'a str,
    ) -> BoxFuture<'a, Result<(), AwsError>> {
        Box::pin(async move {
            phones::check(number)?;
            let mut tx = self.parts.store.write().await?;
            let row = OptedOut { number: number.to_owned(), at: self.parts.clock.now() };
            tx.put_row(&OptedOutKey { account, region, number }, &row)?;
            tx.commit().await?;
            Ok(())
        })
    }
}
