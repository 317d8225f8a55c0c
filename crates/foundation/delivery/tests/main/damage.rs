//! Rows that can't be read stop nobody else.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use updraft_kernel::{RngExt, SeededRng};
use updraft_store::{KeyRange, ScanOptions, Store, StoreExt};
use updraft_testkit::wait_until_async;

use crate::support::{Platform, SECOND, delivery, ordered, retry, start, store};

const TIMER: &[u8] = b"\x02\x14";
const BODY: &[u8] = b"\x03\x14";
const LOG: &[u8] = b"\x03\x15\x01";

async fn rows(store: &Arc<dyn Store>, prefix: &[u8]) -> Vec<(Bytes, Bytes)> {
    let range = KeyRange::new(prefix.to_vec(), [prefix, &[0xff]].concat());
    store.read().await.unwrap().raw().scan(range, ScanOptions::limit(100_000)).await.unwrap().rows
}

async fn put(store: &Arc<dyn Store>, key: Bytes, value: Bytes) {
    let mut tx = store.write().await.unwrap();
    tx.raw().put(key, value);
    tx.commit().await.unwrap();
}

/// Damages about a third of these rows. Gives what was damaged.
async fn damage(store: &Arc<dyn Store>, prefix: &[u8], rng: &SeededRng) -> Vec<Bytes> {
    let mut damaged = Vec::new();
    for (key, value) in rows(store, prefix).await {
        if rng.below(3) > 0 {
            continue;
        }
        let to = match rng.below(3) {
            0 => Bytes::new(),
            1 => Bytes::from_static(b"\xff\xff\xff"),
            _ => value.slice(..value.len() / 2),
        };
        put(store, key.clone(), to).await;
        damaged.push(key);
    }
    damaged
}

/// The id in a body's key.
fn id(key: &Bytes) -> String {
    String::from_utf8(key[BODY.len() + 1..key.len() - 1].to_vec()).unwrap()
}

/// A platform that left many deliveries: ready, behind each other, waiting for a retry.
async fn left_behind(store: &Arc<dyn Store>) -> BTreeSet<String> {
    let world = start(store);
    let ids: Vec<_> = (0..60).map(|n| format!("d{n:02}")).collect();
    for (n, id) in ids.iter().enumerate() {
        match n % 3 {
            0 => world.enqueue([delivery(id, "stuck")]).await,
            1 => {
                // The first of each of the four keys, which the others wait behind.
                let fails = [retry()];
                world.target.plan(id, if n < 12 { &fails } else { &[] });
                world.enqueue([ordered(id, &format!("{}", n % 4))]).await;
            }
            _ => {
                world.target.plan(id, &[retry()]);
                world.enqueue([delivery(id, "t")]).await;
            }
        }
    }
    wait_until_async(SECOND * 20, async || rows(store, TIMER).await.len() == 24).await.unwrap();
    world.crash().await;
    rows(store, BODY).await.iter().map(|(key, _)| id(key)).collect()
}

async fn carry_on(world: &Platform) {
    world.target.gate.add_permits(1_000);
    world.settle().await;
    for _ in 0..3 {
        world.pass(SECOND).await;
    }
}

#[tokio::test]
async fn damaged_rows_in_random_places_never_stop_the_rest() {
    for seed in 0..10 {
        let (store, rng) = (store(), SeededRng::new(seed));
        let there = left_behind(&store).await;
        let bodies = damage(&store, BODY, &rng).await;
        let entries = damage(&store, LOG, &rng).await;
        assert!(there.len() == 60 && !bodies.is_empty() && !entries.is_empty(), "seed {seed}");
        let lost: BTreeSet<_> = bodies.iter().map(id).collect();

        let world = start(&store);
        carry_on(&world).await;
        let delivered: BTreeSet<_> = world.target.ids().into_iter().collect();
        let expected: BTreeSet<_> = there.difference(&lost).cloned().collect();
        assert_eq!(delivered, expected, "seed {seed}: all but those whose very rows are lost");
        for prefix in [BODY, LOG] {
            assert_eq!(rows(&store, prefix).await, [], "seed {seed}: nothing is left in the way");
        }
        let aside = world.outbox.put_aside(1_000).await.unwrap();
        assert!(aside.len() >= lost.len(), "seed {seed}");
        assert!(bodies.iter().all(|key| aside.iter().any(|one| one.key == *key)), "seed {seed}");
        assert!(world.outbox.unreadable() >= lost.len() as u64, "seed {seed}");
        world.crash().await;
    }
}

#[tokio::test]
async fn a_damaged_entry_keeps_its_place_in_the_order() {
    let store = store();
    let world = start(&store);
    world.target.plan("a", &[retry()]);
    world.enqueue([ordered("a", "k"), ordered("b", "k"), ordered("c", "k")]).await;
    world.settle().await;
    world.crash().await;
    for (key, _) in rows(&store, LOG).await {
        put(&store, key, Bytes::from_static(b"\x09")).await;
    }
    let world = start(&store);
    world.settle().await;
    world.pass(SECOND).await;
    assert_eq!(world.target.ids(), ["a", "b", "c"]);
    assert_eq!(world.outbox.unreadable(), 3);
}

#[tokio::test]
async fn a_damaged_head_does_not_block_those_behind_it() {
    let store = store();
    let world = start(&store);
    world.target.plan("a", &[retry()]);
    world.enqueue([ordered("a", "k"), ordered("b", "k")]).await;
    world.settle().await;
    let (key, _) = rows(&store, BODY).await.into_iter().find(|(key, _)| id(key) == "a").unwrap();
    put(&store, key, Bytes::from_static(b"\x02")).await;
    world.pass(SECOND).await;
    assert_eq!(world.target.ids(), ["a", "b"]);

    put(&store, rows_key("c"), Bytes::from_static(b"")).await;
    world.enqueue([ordered("c", "k")]).await;
    world.settle().await;
    assert_eq!(world.target.ids(), ["a", "b", "c"], "its id is free");
}

fn rows_key(id: &str) -> Bytes {
    [BODY, b"\x02", id.as_bytes(), b"\0"].concat().into()
}
