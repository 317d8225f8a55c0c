//! Snapshots of a platform that goes on working.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, DuplexStream};
use updraft_blob::{BlobId, GRACE, Swept, sweep};
use updraft_kernel::{Rng, RngExt, SeededRng};
use updraft_snapshot::{Info, SnapshotError, Source, blobs_are_held, write_snapshot};
use updraft_store::{Store, StoreError, StoreExt, run};
use updraft_testkit::postgres::FreshDatabase;

use crate::support::{Place, key, row, verified};

const ACCOUNTS: u64 = 400;
const EACH: i64 = 1_000;

fn account(n: u64) -> bytes::Bytes {
    key(&format!("account {n:03}"))
}

fn balance(value: &[u8]) -> i64 {
    i64::from_le_bytes(value.try_into().unwrap())
}

async fn transfer(store: &dyn Store, rng: &dyn Rng) -> Result<(), StoreError> {
    let (from, to, amount) = (account(rng.below(ACCOUNTS)), account(rng.below(ACCOUNTS)), rng.below(50));
    let amount = i64::try_from(amount).unwrap();
    let (from, to) = (&from, &to);
    run(store, |mut tx| async move {
        tx.raw().add_i64(from.clone(), -amount);
        tx.raw().add_i64(to.clone(), amount);
        tx.commit().await.map(drop)
    })
    .await
}

/// Takes snapshots while money moves; each must have all of it.
async fn no_money_is_lost(place: Place) {
    let rows: Vec<_> = (0..ACCOUNTS).map(|n| (account(n), EACH.to_le_bytes().to_vec().into())).collect();
    place.put(&rows).await;
    // So that a snapshot takes many pages.
    let filler: Vec<_> = (0..20).map(|n| row(&format!("account {:03} filler", n * 20), vec![7; 300_000])).collect();
    place.put(&filler).await;
    let stop = Arc::new(AtomicBool::new(false));
    let workers = (0..4).map(|seed| {
        let (store, stop) = (Arc::clone(&place.store), Arc::clone(&stop));
        async move {
            let rng = SeededRng::new(seed);
            let mut done = 0;
            while !stop.load(Ordering::SeqCst) {
                transfer(&*store, &rng).await.unwrap();
                // A commit may be done without waiting, and then nobody else would ever have a turn.
                tokio::task::yield_now().await;
                done += 1;
            }
            done
        }
    });
    let snapshots = async {
        let mut sums = Vec::new();
        for _ in 0..5 {
            let there = Place::mem();
            there.restore(&place.snapshot().await).await.unwrap();
            let rows = there.listing().await.0;
            let balances = rows.iter().filter(|(_, value)| value.len() == 8).map(|(_, value)| balance(value));
            sums.push(balances.sum::<i64>());
        }
        stop.store(true, Ordering::SeqCst);
        sums
    };
    let (done, sums) = tokio::join!(futures_util::future::join_all(workers), snapshots);
    let all = EACH * i64::try_from(ACCOUNTS).unwrap();
    assert_eq!(sums, [all; 5], "{done:?} transfers");
    assert!(done.iter().all(|done| *done > 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_of_memory_is_one_moment_however_much_is_written() {
    no_money_is_lost(Place::mem()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_of_fjall_is_one_moment_however_much_is_written() {
    let folder = tempfile::tempdir().unwrap();
    no_money_is_lost(Place::fjall(folder.path())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_of_redb_is_one_moment_however_much_is_written() {
    let folder = tempfile::tempdir().unwrap();
    no_money_is_lost(Place::redb(folder.path())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_of_postgresql_is_one_moment_however_much_is_written() {
    let database = FreshDatabase::new().unwrap();
    no_money_is_lost(Place::postgres(&database).await).await;
}

type Taking = tokio::task::JoinHandle<Result<Info, SnapshotError>>;

/// A snapshot that stands still after its first bytes, because nobody takes more; and those bytes.
async fn stalled(source: Source) -> (Taking, DuplexStream, Vec<u8>) {
    let (sink, mut outlet) = tokio::io::duplex(64);
    #[expect(clippy::disallowed_methods, reason = "a test's own task")]
    let taking = tokio::spawn(async move { write_snapshot(&source, sink).await });
    let mut file = vec![0; 32];
    outlet.read_exact(&mut file).await.unwrap();
    (taking, outlet, file)
}

fn name_of(id: &BlobId) -> bytes::Bytes {
    key(&format!("names {id}"))
}

/// As the platform sweeps: what a row names stays, and everything while something holds blobs.
async fn swept(place: &Place) -> Swept {
    let named = |id: BlobId| async move {
        let named = place.store.read().await?.raw().get(&name_of(&id)).await?.is_some();
        Ok::<_, SnapshotError>(named || blobs_are_held(&*place.store).await?)
    };
    sweep(&*place.blobs, &*place.clock, named).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blobs_named_when_a_snapshot_began_are_in_it_whatever_is_deleted_meanwhile() {
    let place = Place::mem();
    let mut ids = Vec::new();
    for n in 0..20 {
        let id = place.keep(format!("body {n}")).await;
        place.put(&[(name_of(&id), "".into())]).await;
        ids.push(id);
    }
    place.clock.advance(GRACE + Duration::from_secs(1));
    let (taking, mut outlet, mut file) = stalled(place.source()).await;
    let mut tx = place.store.write().await.unwrap();
    ids.iter().for_each(|id| tx.raw().delete(name_of(id)));
    tx.commit().await.unwrap();
    assert_eq!(swept(&place).await, Swept { seen: 20, deleted: 0 }, "held");
    outlet.read_to_end(&mut file).await.unwrap();
    taking.await.unwrap().unwrap();
    assert_eq!(swept(&place).await, Swept { seen: 20, deleted: 20 }, "let go");

    let there = Place::mem();
    there.restore(&file).await.unwrap();
    let (rows, blobs) = there.listing().await;
    assert_eq!(rows.len(), 20, "no hold is restored");
    ids.sort();
    assert_eq!(blobs.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), ids);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_whose_hold_was_lost_is_none() {
    let place = Place::mem();
    place.keep("body").await;
    let (taking, mut outlet, mut file) = stalled(place.source()).await;
    let mut tx = place.store.write().await.unwrap();
    tx.raw().delete_range(updraft_store::KeyBuilder::new(updraft_store::tags::PLATFORM).str("snapshot").prefix_range());
    tx.commit().await.unwrap();
    outlet.read_to_end(&mut file).await.unwrap();
    let err = taking.await.unwrap().unwrap_err();
    assert!(matches!(err, SnapshotError::HoldLost), "{err}");
    assert!(verified(&file).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_ends_the_snapshot_and_its_hold() {
    let place = Place::mem();
    place.keep(vec![1; 100_000]).await;
    let (taking, outlet, _) = stalled(place.source()).await;
    assert!(blobs_are_held(&*place.store).await.unwrap());
    drop(outlet);
    assert!(matches!(taking.await.unwrap(), Err(SnapshotError::Io(_))));
    assert!(!blobs_are_held(&*place.store).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_snapshots_at_once_dont_disturb_each_other() {
    let place = Place::mem();
    place.put(&[row("a", "1")]).await;
    let (taking, mut outlet, mut file) = stalled(place.source()).await;
    place.snapshot().await;
    assert!(blobs_are_held(&*place.store).await.unwrap(), "the other's");
    outlet.read_to_end(&mut file).await.unwrap();
    taking.await.unwrap().unwrap();
    verified(&file).await.unwrap();
}
