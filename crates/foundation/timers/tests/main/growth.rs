//! What waits costs nothing, and what has passed neither.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::{Clock, SystemClock, Tasks};
use updraft_store::{KeyRange, ScanOptions, Store, StoreExt};
use updraft_store_fjall::{FjallOptions, open};
use updraft_testkit::{CountedStore, resident_bytes, wait_until};
use updraft_timers::Timers;

use crate::support::{SECOND, at, schedule, wheel};

const CHUNK: u32 = 5_000;

fn fjall(folder: &Path) -> Arc<dyn Store> {
    open(folder, FjallOptions::default()).unwrap()
}

/// Schedules `count` timers from `first` on, all due then.
async fn schedule_many(store: &Arc<dyn Store>, timers: &Timers, (first, count): (u32, u32), due: Duration) {
    for chunk in (first..first + count).step_by(CHUNK as usize) {
        let mut tx = store.write().await.unwrap();
        for n in chunk..(chunk + CHUNK).min(first + count) {
            let due = updraft_testkit::ManualClock::START.plus(due);
            timers.schedule(&mut tx, at(&format!("timer {n}"), due, "")).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_hundred_thousand_timers_wait_without_a_transaction_and_almost_without_memory() {
    let folder = tempfile::tempdir().unwrap();
    let counted = CountedStore::new(fjall(folder.path()));
    let store = Arc::clone(&counted) as Arc<dyn Store>;
    let (timers, clock, recorder) = wheel(&store);
    let before = resident_bytes();
    schedule_many(&store, &timers, (0, 100_000), SECOND * 86_400).await;
    let tasks = Tasks::new();
    timers.start(&tasks);
    // Each runner looks once and sleeps.
    let looked = counted.begun() + 16;
    wait_until(SECOND * 20, || counted.begun() >= looked).await.unwrap();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let begun = counted.begun();
    for _ in 0..3_600 {
        clock.advance(SECOND);
        tokio::task::yield_now().await;
    }
    assert_eq!(counted.begun(), begun, "an hour passes and nobody wakes up");
    if let (Some(before), Some(after)) = (before, resident_bytes()) {
        let grown = after.saturating_sub(before) >> 20;
        assert!(grown <= 64, "{grown} MiB");
    }
    schedule(&store, &timers, at("now", clock.now(), "")).await;
    wait_until(SECOND * 20, || recorder.ids() == ["now"]).await.unwrap();
    tasks.stop().await;
}

/// The median of some looks at when the next timer is due, over all buckets.
async fn look(timers: &Timers) -> Duration {
    let clock = SystemClock::new();
    let mut times = Vec::new();
    for _ in 0..9 {
        let before = clock.monotonic();
        assert!(timers.next_due().await.unwrap().is_some());
        times.push(clock.monotonic() - before);
    }
    times.sort();
    times.get(4).copied().unwrap_or_default()
}

/// The same by a scan that knows nothing of heads.
async fn plain(store: &Arc<dyn Store>) -> Duration {
    let clock = SystemClock::new();
    let before = clock.monotonic();
    for bucket in 0..16u8 {
        let start: &[u8] = if bucket == 0 { b"\x02\x14\x14" } else { &[2, 0x14, 0x15, bucket] };
        let range = KeyRange::new(start.to_vec(), [start, b"\xff"].concat());
        store.read().await.unwrap().raw().scan(range, ScanOptions::limit(1)).await.unwrap();
    }
    clock.monotonic() - before
}

async fn many_have_fired(count: u32) {
    let folder = tempfile::tempdir().unwrap();
    let store = fjall(folder.path());
    let (timers, clock, _) = wheel(&store);
    let far = SECOND * 1_000_000;
    schedule_many(&store, &timers, (0, 100), far).await;
    let fresh = look(&timers).await;
    for first in (0..count).step_by(20_000) {
        schedule_many(&store, &timers, (1_000 + first, 20_000), SECOND * (first / 20_000)).await;
        clock.advance(SECOND);
        assert_eq!(timers.run_due().await.unwrap(), 20_000);
    }
    let (after, plain) = (look(&timers).await, plain(&store).await);
    assert!(after < fresh * 50, "{after:?} after {count} timers have fired, {fresh:?} before");
    assert!(after * 3 < plain, "{after:?} from the heads, {plain:?} by a scan over what is dead");
}

#[tokio::test]
async fn the_next_timer_is_found_as_fast_after_a_hundred_thousand_have_fired() {
    many_have_fired(100_000).await;
}

#[tokio::test]
#[ignore = "takes minutes; the short form runs always"]
async fn the_next_timer_is_found_as_fast_after_a_million_have_fired() {
    many_have_fired(1_000_000).await;
}
