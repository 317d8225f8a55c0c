//! What goes in comes out, on whatever backend.

use bytes::Bytes;
use updraft_snapshot::SnapshotError;
use updraft_store::{CommitVersion, KeyBuilder, StoreExt, tags};
use updraft_testkit::postgres::FreshDatabase;

use crate::stub::{StubBlobs, noise};
use crate::support::{Place, key, passing, row, verified};

async fn fill(place: &Place) {
    let rows: Vec<_> = (0..3_000).map(|n| row(&format!("row {n}"), format!("value {n}").repeat(n % 40))).collect();
    place.put(&rows).await;
    let limits = place.store.limits();
    // A tag, a type byte and an end.
    let longest = KeyBuilder::new(tags::TEST).bytes(&vec![7; limits.key_bytes - 3]).build();
    assert_eq!(longest.len(), limits.key_bytes);
    place.put(&[(longest, noise(limits.value_bytes)), row("nothing", "")]).await;
    for n in 0..100 {
        place.keep(vec![0; n]).await;
    }
    place.keep(noise(5_000_000)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_goes_around_all_backends_unchanged() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let first = Place::mem();
    fill(&first).await;
    let (rows, blobs) = first.listing().await;
    assert_eq!((rows.len(), blobs.len()), (3_002, 101));
    let mut file = first.snapshot().await;
    let info = verified(&file).await.unwrap();
    assert_eq!((info.totals.rows, info.totals.blobs), (3_002, 101));
    assert_eq!(info.totals.blob_bytes, 5_000_000 + 99 * 100 / 2);
    let database = FreshDatabase::new().unwrap();
    let postgres = Place::postgres(&database).await;
    for next in [Place::fjall(folders[0].path()), postgres, Place::redb(folders[1].path()), Place::mem()] {
        assert_eq!(next.restore(&file).await.unwrap().totals, info.totals);
        assert_eq!(next.listing().await, (rows.clone(), blobs.clone()));
        file = next.snapshot().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_state_is_a_state() {
    let file = Place::mem().snapshot().await;
    let there = Place::mem();
    there.restore(&file).await.unwrap();
    assert_eq!(there.listing().await, (Vec::new(), Vec::new()));
    updraft_snapshot::refuse_half_restored(&*there.store).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_restored_is_there_after_reopening() {
    let from = Place::mem();
    from.put(&[row("a", "1")]).await;
    let id = from.keep("blob").await;
    let file = from.snapshot().await;
    let folder = tempfile::tempdir().unwrap();
    let there = Place::fjall(folder.path());
    there.restore(&file).await.unwrap();
    drop(there);
    let (rows, blobs) = Place::fjall(folder.path()).listing().await;
    assert_eq!((rows, blobs), (vec![row("a", "1")], vec![(id, "blob".into())]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_behind_a_restore_sort_behind_what_was_restored() {
    appends_sort_behind(Place::mem(), Place::mem()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_sort_behind_on_the_way_to_postgresql_and_back() {
    let (one, other) = (FreshDatabase::new().unwrap(), FreshDatabase::new().unwrap());
    appends_sort_behind(Place::mem(), Place::postgres(&one).await).await;
    appends_sort_behind(Place::postgres(&other).await, Place::mem()).await;
}

async fn appends_sort_behind(from: Place, there: Place) {
    let append = async |place: &Place, value: &'static str| {
        let mut tx = place.store.write().await.unwrap();
        tx.raw().put_versioned(KeyBuilder::new(tags::TEST).str("log").build(), Bytes::new(), value.into());
        tx.commit().await.unwrap()
    };
    from.store.raise_version(CommitVersion(1 << 33)).await.unwrap();
    append(&from, "first").await;
    let last = append(&from, "second").await;
    there.restore(&from.snapshot().await).await.unwrap();
    assert!(append(&there, "third").await > last);
    let values: Vec<_> = there.listing().await.0.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, ["first", "second", "third"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_processes_stay_behind() {
    let from = Place::mem();
    let of_a_node = KeyBuilder::new(tags::PLATFORM).str("node").u64(1).build();
    assert!(passing().contains(&of_a_node));
    let setting = KeyBuilder::new(tags::PLATFORM).str("clock").build();
    from.put(&[(of_a_node, "beat".into()), (setting.clone(), "moved".into()), row("a", "1")]).await;
    let there = Place::mem();
    there.restore(&from.snapshot().await).await.unwrap();
    assert_eq!(there.listing().await.0, [(setting, "moved".into()), row("a", "1")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_empty_is_restored_into_and_nothing_else_is_touched() {
    let from = Place::mem();
    from.put(&[row("a", "new")]).await;
    let file = from.snapshot().await;

    let with_rows = Place::mem();
    with_rows.put(&[row("a", "old")]).await;
    let err = with_rows.restore(&file).await.unwrap_err();
    assert!(err.to_string().contains("the store already; restore into an empty one"), "{err}");
    assert_eq!(with_rows.listing().await.0, [row("a", "old")]);

    let with_blobs = Place::mem();
    with_blobs.keep("old").await;
    let err = with_blobs.restore(&file).await.unwrap_err();
    assert!(matches!(err, SnapshotError::NotEmpty("the place for blobs")), "{err}");
    assert!(with_blobs.listing().await.0.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_of_a_restore_is_never_taken_for_the_whole() {
    let from = Place::mem();
    from.put(&[row("a", "1")]).await;
    from.keep("blob").await;
    let file = from.snapshot().await;
    let folder = tempfile::tempdir().unwrap();
    let mut there = Place::fjall(folder.path());
    there.blobs = std::sync::Arc::new(StubBlobs::broken());
    there.restore(&file).await.unwrap_err();
    drop(there);

    let again = Place::fjall(folder.path());
    let refused = updraft_snapshot::refuse_half_restored(&*again.store).await.unwrap_err();
    assert!(refused.to_string().contains("begun and not finished"), "{refused}");
    assert!(matches!(again.restore(&file).await, Err(SnapshotError::HalfRestored)));
    assert_eq!(again.store.read().await.unwrap().raw().get(&key("a")).await.unwrap(), Some("1".into()));
}
