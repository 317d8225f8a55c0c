//! Deleting more than a transaction may hold, so that nothing is left for one who makes the same anew.
//!
//! What there is goes first, in many transactions, and the row that says that it is there last, in one that has seen that
//! nothing else was left. A process that dies between leaves a group or a stream with a part of its events, and nobody
//! was told that it is gone.

use updraft_kernel::AwsError;
use updraft_store::{KeyRange, ScanOptions, Store, StoreExt, Tx};

use crate::groups;
use crate::keys::{GroupKey, StreamKey, TimeKey, minute};

/// Rows in one transaction.
const PORTION: usize = 500;

/// # Errors
/// AWS's, where there is no such group.
pub(crate) async fn group(store: &dyn Store, key: GroupKey<'_>) -> Result<(), AwsError> {
    loop {
        let mut tx = store.write().await?;
        groups::group(&mut tx, key).await?;
        let mut left = false;
        for range in [key.range(), key.times(), key.streams("")] {
            left |= portion(&mut tx, range).await?;
        }
        if !left {
            tx.delete_row(&key);
            tx.commit().await?;
            return Ok(());
        }
        tx.commit().await?;
    }
}

/// Deletes some rows; whether there may be more.
async fn portion(tx: &mut Tx, range: KeyRange) -> Result<bool, AwsError> {
    let page = tx.raw().scan(range, ScanOptions::limit(PORTION)).await?;
    for (key, _) in &page.rows {
        tx.raw().delete(key.clone());
    }
    Ok(page.more)
}

/// # Errors
/// AWS's, where there is no such stream.
pub(crate) async fn stream(store: &dyn Store, key: StreamKey<'_>) -> Result<(), AwsError> {
    let (mut from, mut known): (Option<bytes::Bytes>, Option<u64>) = (None, None);
    loop {
        let mut tx = store.write().await?;
        groups::group(&mut tx, key.group).await?;
        let row = groups::stream(&mut tx, key.group, key.name).await?;
        let Some(events) = row.events else {
            tx.delete_row(&key);
            tx.commit().await?;
            return Ok(());
        };
        let all = key.group.times_between(minute(events.first), minute(events.last) + 60_000);
        // What came meanwhile may lie before what was looked at.
        let same = known.replace(row.bytes) == Some(row.bytes);
        let range = match from.take().filter(|_| same) {
            Some(last) => all.after(&last),
            None => all,
        };
        let page = tx.rows::<TimeKey>(range, ScanOptions::limit(PORTION)).await?;
        for (time, printed) in &page.rows {
            if let Some((_, chunk)) = key.group.timed(time).filter(|_| printed.stream == key.name) {
                tx.raw().delete(time.clone());
                tx.delete_row(&chunk);
            }
        }
        from = page.resume().cloned();
        if from.is_none() {
            // Who adds to the stream meanwhile writes this row too, and makes this run again.
            tx.delete_row(&key);
        }
        tx.commit().await?;
        if from.is_none() {
            return Ok(());
        }
    }
}
