//! Rows that can't be read stop nobody else.

use std::sync::Arc;

use bytes::Bytes;
use updraft_kernel::{Clock, RngExt, SeededRng, Tasks};
use updraft_store::{KeyRange, ScanOptions, Store, StoreExt};
use updraft_testkit::wait_until;

use crate::support::{OWNER, SECOND, at, count, schedule, store, wheel};

/// Every row of the wheel: by due time, and by id.
async fn rows(store: &Arc<dyn Store>) -> Vec<(Bytes, Bytes)> {
    let range = KeyRange::new(&[0x02][..], &[0x03][..]);
    let mut tx = store.read().await.unwrap();
    tx.raw().scan(range, ScanOptions::limit(100_000)).await.unwrap().rows
}

fn is_due_row(key: &[u8]) -> bool {
    key.starts_with(b"\x02\x14")
}

async fn put(store: &Arc<dyn Store>, key: Bytes, value: Bytes) {
    let mut tx = store.write().await.unwrap();
    tx.raw().put(key, value);
    tx.commit().await.unwrap();
}

/// Damages about a third of the wheel's rows. Gives how many timers are lost by it.
async fn damage(store: &Arc<dyn Store>, rng: &SeededRng) -> u64 {
    let mut lost = 0;
    for (key, value) in rows(store).await {
        if rng.below(3) > 0 {
            continue;
        }
        lost += u64::from(is_due_row(&key));
        let damaged = match rng.below(3) {
            0 => Bytes::new(),
            1 => Bytes::from_static(b"\xff\xff\xff"),
            _ => value.slice(..value.len() / 2),
        };
        put(store, key, damaged).await;
    }
    lost
}

#[tokio::test]
async fn damaged_rows_in_random_places_never_stop_the_rest() {
    for seed in 0..20 {
        let (store, rng) = (store(), SeededRng::new(seed));
        let (timers, clock, recorder) = wheel(&store);
        for n in 0..200 {
            let due = clock.now().plus(SECOND * u32::try_from(rng.below(10)).unwrap());
            schedule(&store, &timers, at(&format!("t{n}"), due, "")).await;
        }
        let lost = damage(&store, &rng).await;
        assert!(lost > 0, "seed {seed}");
        let mut fired = 0;
        for _ in 0..10 {
            fired += timers.run_due().await.unwrap();
            clock.advance(SECOND);
        }
        assert_eq!(fired as u64, 200 - lost, "seed {seed}");
        assert_eq!(recorder.ids().len(), fired, "seed {seed}");
        assert_eq!(timers.unreadable(), lost, "seed {seed}");
        assert_eq!(timers.put_aside(1_000).await.unwrap().len() as u64, lost, "seed {seed}");
        assert_eq!(timers.next_due().await.unwrap(), None, "seed {seed}");
    }
}

#[tokio::test]
async fn what_was_put_aside_is_as_it_was_and_its_id_is_free_again() {
    let store = store();
    let (timers, clock, recorder) = wheel(&store);
    schedule(&store, &timers, at("a", clock.now(), "")).await;
    let (key, value) = rows(&store).await.into_iter().find(|(key, _)| is_due_row(key)).unwrap();
    let damaged = value.slice(..3);
    put(&store, key.clone(), damaged.clone()).await;
    assert_eq!(timers.run_due().await.unwrap(), 0);
    let aside = timers.put_aside(10).await.unwrap();
    assert_eq!((&aside[0].key, &aside[0].value), (&key, &damaged));

    let mut tx = store.write().await.unwrap();
    assert!(!timers.cancel(&mut tx, OWNER, "a").await.unwrap());
    drop(tx);
    schedule(&store, &timers, at("a", clock.now(), "")).await;
    assert_eq!(timers.run_due().await.unwrap(), 1);
    assert_eq!(recorder.ids(), ["a"]);
}

#[tokio::test]
async fn keys_that_are_no_timers_are_put_aside_wherever_they_sort() {
    let store = store();
    let (timers, clock, recorder) = wheel(&store);
    schedule(&store, &timers, at("later", clock.now().plus(SECOND), "")).await;
    for bucket in 0..16u8 {
        for odd in [&b"\x02early"[..], b"\x1c", b"\x15\x01\x02owner\x00\x02id cut"] {
            let prefix: &[u8] = if bucket == 0 { b"\x02\x14\x14" } else { &[2, 0x14, 0x15, bucket] };
            put(&store, [prefix, odd].concat().into(), Bytes::from_static(b"odd")).await;
        }
    }
    assert_eq!(timers.run_due().await.unwrap(), 0);
    clock.advance(SECOND);
    assert_eq!(timers.run_due().await.unwrap(), 1, "behind what sorts before it");
    assert_eq!(timers.run_due().await.unwrap(), 0);
    assert_eq!(timers.unreadable(), 48);
    assert_eq!(recorder.ids(), ["later"]);
}

#[tokio::test]
async fn a_timer_whose_place_is_damaged_can_still_be_moved_and_cancelled() {
    let store = store();
    let (timers, clock, recorder) = wheel(&store);
    let damage_places = async || {
        for (key, _) in rows(&store).await.into_iter().filter(|(key, _)| !is_due_row(key)) {
            put(&store, key, Bytes::from_static(b"\x07")).await;
        }
    };
    for id in ["moved", "gone"] {
        schedule(&store, &timers, at(id, clock.now(), "")).await;
    }
    damage_places().await;
    schedule(&store, &timers, at("moved", clock.now().plus(SECOND), "")).await;
    let mut tx = store.write().await.unwrap();
    assert!(timers.cancel(&mut tx, OWNER, "gone").await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(timers.run_due().await.unwrap(), 0);
    clock.advance(SECOND);
    assert_eq!(timers.run_due().await.unwrap(), 1);
    assert_eq!(recorder.ids(), ["moved"]);
    assert_eq!(count(&store, "gone").await, 0);
}

#[tokio::test]
async fn the_runner_goes_on_behind_damage() {
    let store = store();
    let (timers, clock, recorder) = wheel(&store);
    for n in 0..50 {
        schedule(&store, &timers, at(&format!("t{n}"), clock.now(), "")).await;
    }
    let lost = damage(&store, &SeededRng::new(7)).await;
    let tasks = Tasks::new();
    timers.start(&tasks);
    let left = 50 - usize::try_from(lost).unwrap();
    wait_until(SECOND * 20, || recorder.ids().len() == left).await.unwrap();
    tasks.stop().await;
    assert_eq!(tasks.panics(), 0);
}
