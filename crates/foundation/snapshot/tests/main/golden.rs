//! A file of format 1, written once and kept: every later updraft must read it.

use bytes::Bytes;
use updraft_blob::BlobId;
use updraft_store::{KeyBuilder, tags};

use crate::support::{Listing, Place, key};

const FILE: &[u8] = include_bytes!("golden-1.updraft");

/// What is in it.
fn listing() -> Listing {
    let rows = vec![
        (KeyBuilder::new(tags::PLATFORM).str("clock").build(), Bytes::from_static(b"\x01\x80\xea\x30\0")),
        (KeyBuilder::new(tags::DYNAMODB).str("000000000000").str("us-east-1").u64(1).build(), "table".into()),
        (key("large"), "0123456789".repeat(500).into()),
        (key("nothing"), "".into()),
    ];
    let id = |digit: &str| BlobId::parse(&digit.repeat(32)).unwrap();
    (rows, vec![(id("0"), "".into()), (id("a"), "a function's package".into())])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_of_format_1_is_restored_as_it_was() {
    let there = Place::mem();
    let info = there.restore(FILE).await.unwrap();
    assert_eq!((info.head.data_format, info.head.highest_version), (1, 1_000_000));
    assert_eq!((info.totals.rows, info.totals.blobs, info.totals.blob_bytes), (4, 2, 20));
    assert_eq!(there.listing().await, listing());
    assert!(there.store.raise_version(updraft_store::CommitVersion(0)).await.unwrap().0 >= 1_000_000);
}

/// Writes the file; for a new format, under a new name, and never again for an old one:
/// `cargo nextest run -p updraft-snapshot --run-ignored only write_the_golden_file`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes the golden file of today's format"]
#[expect(clippy::disallowed_methods, reason = "writes what the other test reads")]
async fn write_the_golden_file() {
    use futures_util::stream::{self, StreamExt};
    let place = Place::mem();
    let (rows, blobs) = listing();
    place.put(&rows).await;
    for (id, body) in blobs {
        place.blobs.put_as(&id, stream::iter([Ok(body)]).boxed()).await.unwrap();
    }
    place.store.raise_version(updraft_store::CommitVersion(1_000_000 - 1)).await.unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/main/golden-new.updraft");
    std::fs::write(path, place.snapshot().await).unwrap();
}
