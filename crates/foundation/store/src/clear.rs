//! Deleting more than a transaction may hold.

use crate::error::StoreError;
use crate::run::run;
use crate::seam::{KeyRange, ScanOptions, Store};
use crate::tx::Tx;

/// Rows per transaction: few enough that nobody waits for long behind it.
const CHUNK: usize = 1_000;

/// Deletes every row of the range, in many transactions. For what nobody can find any more, such as the rows of a
/// deleted table: others may see a part gone, and a crash leaves the rest for the next call.
///
/// # Errors
/// If a transaction fails.
pub async fn clear(store: &(impl Store + ?Sized), range: KeyRange) -> Result<(), StoreError> {
    let mut rest = Some(range);
    while let Some(range) = rest {
        let range = &range;
        rest = run(store, |tx| clear_chunk(tx, range.clone())).await?;
    }
    Ok(())
}

/// What is left of the range, if anything.
async fn clear_chunk(mut tx: Tx, range: KeyRange) -> Result<Option<KeyRange>, StoreError> {
    let page = tx.raw().scan(range.clone(), ScanOptions::limit(CHUNK).untracked()).await?;
    for (key, _) in &page.rows {
        tx.raw().delete(key.clone());
    }
    tx.commit().await?;
    let last = page.rows.last().filter(|_| page.more);
    Ok(last.map(|(last, _)| range.after(last)))
}
