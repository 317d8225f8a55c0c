//! What the clock keeps in the store, so that moved time survives a restart and never runs backwards over one.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{Clock, UnixMillis, VirtualClock};
use updraft_store::{Key, KeyBuilder, Result, Row, Store, StoreExt, Tx, tags};

/// How the clock was moved last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moved {
    /// Ahead of the machine's clock.
    pub(crate) offset_millis: i64,
    /// An advance has begun and not ended: time goes on from the floor.
    pub(crate) moving: bool,
}

impl Row for Moved {
    const VERSION: u8 = 1;
}

/// The largest virtual time of a firing that was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FloorRow {
    at: UnixMillis,
}

impl Row for FloorRow {
    const VERSION: u8 = 1;
}

#[derive(Debug)]
struct MovedKey;

impl Key for MovedKey {
    type Row = Moved;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::PLATFORM).str("clock").build()
    }
}

/// A row of its own, written blindly with each firing, so that firings don't conflict.
#[derive(Debug)]
struct FloorKey;

impl Key for FloorKey {
    type Row = FloorRow;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::PLATFORM).str("clock-floor").build()
    }
}

pub(crate) fn put_floor(tx: &mut Tx, at: UnixMillis) -> Result<()> {
    tx.put_row(&FloorKey, &FloorRow { at })
}

pub(crate) async fn save(store: &dyn Store, moved: Moved, now: UnixMillis) -> Result<()> {
    let mut tx = store.write().await?;
    tx.put_row(&MovedKey, &moved)?;
    put_floor(&mut tx, now)?;
    tx.commit().await?;
    Ok(())
}

/// The platform's clock as the store knows it: moved as it was left, and never before what has been fired already.
///
/// # Errors
/// If the store fails.
pub async fn load_clock(store: &dyn Store) -> Result<VirtualClock> {
    let mut tx = store.read().await?;
    let Moved { offset_millis, moving } = tx.row(&MovedKey).await?.unwrap_or_default();
    let floor = tx.row(&FloorKey).await?.map_or(UnixMillis(i64::MIN), |row| row.at);
    let clock = VirtualClock::new(offset_millis, floor);
    if moving {
        // Killed within an advance: it had come as far as the floor. With the old offset, time would stand still.
        clock.run_from(floor.max(UnixMillis(clock.real_now().0.saturating_add(offset_millis))));
    }
    Ok(clock)
}
