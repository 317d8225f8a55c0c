//! What the clock keeps in the store, so that moved time survives a restart and never runs backwards over one, and so
//! that all nodes have the same time.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{Clock, UnixMillis, VirtualClock};
use updraft_store::{
    Key, KeyBuilder, KeyRange, Result, Row, ScanOptions, Store, StoreError, StoreExt, Topic, Tx, run, tags,
};

/// After so long without a sign of life of a move (in the store's time), the node that was at it is given up.
pub(crate) const SILENCE: Duration = Duration::from_secs(5);

/// How the clock was moved last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moved {
    /// Ahead of the machine's clock.
    pub(crate) offset_millis: i64,
    /// A move has begun and not ended: time stands still at `at`.
    pub(crate) moving: bool,
    /// The virtual time when this was written.
    pub(crate) at: UnixMillis,
    /// Which move it was. Whoever is at an earlier one has been given up.
    pub(crate) turn: u64,
    /// The last sign of life of that move, in the store's time.
    pub(crate) alive: UnixMillis,
}

impl Row for Moved {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        let old: MovedV1 = (version == 1).then(|| postcard::from_bytes(body).ok())??;
        Some(Self { offset_millis: old.offset_millis, moving: old.moving, ..Self::default() })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct MovedV1 {
    offset_millis: i64,
    moving: bool,
}

impl Moved {
    /// Another node is at it, as far as one can tell.
    fn is_under_way(&self, now: UnixMillis) -> bool {
        self.moving && now.since(self.alive) < SILENCE
    }
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

/// A row of each bucket, written blindly with each firing, so that firings of several don't conflict: on a networked
/// store those that write the same row do, even blindly.
#[derive(Debug)]
struct FloorKey {
    bucket: u8,
}

const FLOOR: &str = "clock-floor";

impl Key for FloorKey {
    type Row = FloorRow;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::PLATFORM).str(FLOOR).u8(self.bucket).build()
    }
}

/// The floors of all buckets; and one of them all, which was written before each had its own.
fn floors() -> KeyRange {
    KeyBuilder::new(tags::PLATFORM).str(FLOOR).prefix_range()
}

/// Touched whenever the clock is moved by a step.
pub(crate) fn topic() -> Topic {
    Topic::of(&[b"clock"])
}

pub(crate) fn put_floor(tx: &mut Tx, bucket: u8, at: UnixMillis) -> Result<()> {
    tx.put_row(&FloorKey { bucket }, &FloorRow { at })
}

pub(crate) async fn read(store: &dyn Store) -> Result<Moved> {
    Ok(store.read().await?.row(&MovedKey).await?.unwrap_or_default())
}

/// Begins a move: answers its turn, or `None` while another node is at one.
pub(crate) async fn begin(store: &dyn Store, clock: &VirtualClock) -> Result<Option<u64>> {
    let alive = store.now().await?;
    run(store, |mut tx| async move {
        let before = tx.row(&MovedKey).await?.unwrap_or_default();
        // Where no other process can have the store open, a move that hasn't ended is one that was killed.
        if store.is_shared() && before.is_under_way(alive) {
            return Ok(None);
        }
        let turn = before.turn + 1;
        let (offset_millis, at) = (clock.offset_millis(), clock.now());
        write(tx, Moved { offset_millis, moving: true, at, turn, alive }).await?;
        Ok(Some(turn))
    })
    .await
}

/// Writes where the clock has come to within this turn.
///
/// # Errors
/// [`StoreError::Fenced`] if the turn was given up by another node.
pub(crate) async fn save(store: &dyn Store, clock: &VirtualClock, turn: u64, moving: bool) -> Result<()> {
    let alive = store.now().await?;
    run(store, |mut tx| async move {
        let before = tx.row(&MovedKey).await?.unwrap_or_default();
        if before.turn != turn {
            return Err(StoreError::Fenced("clock".to_owned()));
        }
        let (offset_millis, at) = (clock.offset_millis(), clock.now());
        write(tx, Moved { offset_millis, moving, at, turn, alive }).await
    })
    .await
}

/// Ends the move that nobody is at any more: time goes on from where it stood. `false`: somebody is.
pub(crate) async fn give_up(store: &dyn Store, real_now: UnixMillis) -> Result<bool> {
    let now = store.now().await?;
    run(store, |mut tx| async move {
        let before = tx.row(&MovedKey).await?.unwrap_or_default();
        if !before.moving || before.is_under_way(now) {
            return Ok(false);
        }
        let at = stood_at(&mut tx, before).await?;
        let offset_millis = at.0.saturating_sub(real_now.0);
        write(tx, Moved { offset_millis, moving: false, at, turn: before.turn + 1, ..before }).await?;
        Ok(true)
    })
    .await
}

/// How far a move had come: what was fired is written with the firing, and may be more than its last sign of life tells.
async fn stood_at(tx: &mut Tx, moved: Moved) -> Result<UnixMillis> {
    let floors = tx.rows::<FloorKey>(floors(), ScanOptions::default()).await?.rows;
    Ok(floors.into_iter().map(|(_, floor)| floor.at).fold(moved.at, UnixMillis::max))
}

async fn write(mut tx: Tx, moved: Moved) -> Result<()> {
    tx.put_row(&MovedKey, &moved)?;
    // What was fired before lies behind it, or is to be forgotten since time was set back.
    tx.raw().delete_range(floors());
    tx.touch(topic());
    tx.commit().await.map(drop)
}

/// The platform's clock as the store knows it: moved as it was left, and never before what has been fired already.
///
/// # Errors
/// If the store fails.
pub async fn load_clock(store: &dyn Store) -> Result<VirtualClock> {
    let mut tx = store.read().await?;
    let moved = tx.row(&MovedKey).await?.unwrap_or_default();
    let floor = stood_at(&mut tx, moved).await?;
    let clock = VirtualClock::new(moved.offset_millis, floor);
    if moved.moving {
        // Killed within an advance: it had come as far as the floor. With the old offset, time would stand still.
        clock.run_from(floor.max(UnixMillis(clock.real_now().0.saturating_add(moved.offset_millis))));
    }
    Ok(clock)
}

#[cfg(test)]
mod tests {
    use updraft_store::{decode_row, encode_row};

    use super::*;

    /// On disks: may never change.
    #[test]
    fn golden_rows_of_both_versions() {
        assert_eq!(&MovedKey.encode()[..], b"\x04\x02clock\x00");
        let (at, alive) = (UnixMillis(2), UnixMillis(3));
        let moved = Moved { offset_millis: -1, moving: true, at, turn: 300, alive };
        assert_eq!(&encode_row(&moved).unwrap()[..], b"\x02\x01\x01\x04\xAC\x02\x06");
        let old = Moved { offset_millis: -1, moving: true, ..Moved::default() };
        assert_eq!(decode_row::<Moved>(b"k", b"\x01\x01\x01").unwrap(), old);
        assert_eq!(&FloorKey { bucket: 7 }.encode()[..], GOLDEN_FLOOR);
        assert_eq!(&encode_row(&FloorRow { at }).unwrap()[..], b"\x01\x04");
    }

    /// The last byte is the bucket.
    const GOLDEN_FLOOR: &[u8] = b"\x04\x02clock-floor\x00\x15\x07";

    async fn now(store: &dyn Store) -> UnixMillis {
        load_clock(store).await.unwrap().now()
    }

    async fn fire(store: &dyn Store, bucket: u8, at: UnixMillis) {
        let mut tx = store.write().await.unwrap();
        put_floor(&mut tx, bucket, at).unwrap();
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn time_is_never_before_what_any_bucket_has_fired_unless_it_was_set_back() {
        let store = updraft_store_mem::open().unwrap();
        let later = VirtualClock::new(0, UnixMillis(0)).real_now().plus(Duration::from_secs(1_000_000));
        // As it was written before each bucket had its own.
        let mut tx = store.write().await.unwrap();
        tx.raw().put(floors().start, updraft_store::encode_row(&FloorRow { at: later }).unwrap());
        tx.commit().await.unwrap();
        assert!(now(&*store).await >= later);
        for (bucket, ahead) in [(3, 20), (1, 10)] {
            fire(&*store, bucket, later.plus(Duration::from_secs(ahead))).await;
        }
        assert!(now(&*store).await >= later.plus(Duration::from_secs(20)));
        let clock = VirtualClock::new(0, UnixMillis(0));
        let turn = begin(&*store, &clock).await.unwrap().unwrap();
        save(&*store, &clock, turn, false).await.unwrap();
        assert!(now(&*store).await < later, "forgotten");
    }

    #[test]
    fn a_move_without_a_sign_of_life_isnt_under_way() {
        let moved = Moved { moving: true, alive: UnixMillis(1_000), ..Moved::default() };
        assert!(moved.is_under_way(UnixMillis(5_999)));
        assert!(!moved.is_under_way(UnixMillis(6_000)));
        assert!(!Moved { moving: false, ..moved }.is_under_way(UnixMillis(1_000)));
    }
}
