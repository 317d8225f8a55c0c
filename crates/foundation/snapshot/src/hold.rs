//! Holding blobs: while a snapshot is taken, nothing may be deleted that its rows name.
//!
//! Blobs are deleted by the sweeper alone, which asks, *behind* its question whether a row names the blob, whether
//! anything holds blobs. That order is what makes it safe: a hold is committed before the snapshot's rows are read. So
//! whoever finds no hold then found a blob unnamed before those rows were read, and no blob is named twice.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_kernel::{Clock, UnixMillis};
use updraft_store::{Row, ScanOptions, Store, StoreExt, Tx, decode_row, encode_row, run};

use crate::error::SnapshotError;
use crate::scope;

/// After this a hold that nobody renews counts no more: its snapshot has died.
const TERM: Duration = Duration::from_mins(15);
/// How old a hold gets before it is renewed.
const RENEW: Duration = Duration::from_mins(3);

/// On the store's own time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct HoldRow {
    until: UnixMillis,
}

impl Row for HoldRow {
    const VERSION: u8 = 1;
}

/// Whether a snapshot is being taken, so that no blob may be deleted now.
///
/// # Errors
/// If the store fails.
pub async fn blobs_are_held(store: &dyn Store) -> Result<bool, SnapshotError> {
    let now = store.now().await?;
    let held = rows(&mut store.read().await?).await?;
    Ok(held.iter().any(|(_, row)| row.until > now))
}

async fn rows(tx: &mut Tx) -> Result<Vec<(bytes::Bytes, HoldRow)>, SnapshotError> {
    let page = tx.raw().scan(scope::holds(), ScanOptions::default()).await?;
    let decode = |(key, value): (bytes::Bytes, bytes::Bytes)| Ok((key.clone(), decode_row(&key, &value)?));
    page.rows.into_iter().map(decode).collect()
}

/// One snapshot's hold.
pub(crate) struct Hold {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    id: u64,
    /// Monotonic.
    renewed: Duration,
}

impl Hold {
    pub(crate) async fn take(store: Arc<dyn Store>, clock: Arc<dyn Clock>, id: u64) -> Result<Self, SnapshotError> {
        let renewed = clock.monotonic();
        let now = store.now().await?;
        run(&*store, |tx| write(tx, id, now, false)).await?;
        Ok(Self { store, clock, id, renewed })
    }

    /// To be called all along: renews the hold when it has become old.
    ///
    /// # Errors
    /// [`SnapshotError::HoldLost`] if it wasn't renewed in time.
    pub(crate) async fn keep(&mut self) -> Result<(), SnapshotError> {
        let at = self.clock.monotonic();
        if at.saturating_sub(self.renewed) < RENEW {
            return Ok(());
        }
        let now = self.store.now().await?;
        run(&*self.store, |tx| write(tx, self.id, now, true)).await?;
        self.renewed = at;
        Ok(())
    }

    /// # Errors
    /// If it was lost by now, or the store fails.
    pub(crate) async fn release(self) -> Result<(), SnapshotError> {
        let now = self.store.now().await?;
        run(&*self.store, |tx| delete(tx, self.id, now)).await
    }
}

async fn delete(mut tx: Tx, id: u64, now: UnixMillis) -> Result<(), SnapshotError> {
    let key = scope::hold(id);
    let kept = rows(&mut tx).await?.into_iter().any(|(found, row)| found == key && row.until > now);
    tx.raw().delete(key);
    tx.commit().await?;
    if kept { Ok(()) } else { Err(SnapshotError::HoldLost) }
}

/// Writes the hold; one that is to be renewed must still be good. Those of the dead are cleared away.
async fn write(mut tx: Tx, id: u64, now: UnixMillis, renewal: bool) -> Result<(), SnapshotError> {
    let held = rows(&mut tx).await?;
    let (good, dead): (Vec<_>, Vec<_>) = held.into_iter().partition(|(_, row)| row.until > now);
    let key = scope::hold(id);
    if renewal && !good.iter().any(|(found, _)| *found == key) {
        return Err(SnapshotError::HoldLost);
    }
    dead.into_iter().for_each(|(key, _)| tx.raw().delete(key));
    tx.raw().put(key, encode_row(&HoldRow { until: now.plus(TERM) })?);
    tx.commit().await?;
    Ok(())
}
