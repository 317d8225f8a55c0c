//! A data folder of format 1, as an older updraft left it: every kind of row is where it was.
//!
//! What a platform makes of it is tested with real clients in `tests/clients/test_golden.py`; how such a folder is
//! written is in `tests/golden/write.py`.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use updraft_blob::{Blobs, BlobsExt, ByteRange};
use updraft_blob_fs::FsBlobs;
use updraft_kernel::{SeededRng, SystemClock};
use updraft_store::{KeyRange, ScanOptions, Store, StoreExt, tags};
use updraft_store_fjall::FjallOptions;

fn unpacked() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/data-1.zip");
    #[expect(clippy::disallowed_methods, reason = "a file of the repository")]
    let file = File::open(path).unwrap();
    zip::ZipArchive::new(file).unwrap().extract(folder.path()).unwrap();
    folder
}

/// How many rows each tag has, and a checksum (FNV-1a) of their keys and values.
async fn census(store: &dyn Store) -> BTreeMap<u8, (usize, u64)> {
    let all = KeyRange::new(vec![tags::META + 1], vec![0xFF]);
    let options = ScanOptions::limit(usize::MAX).max_bytes(usize::MAX);
    let rows = store.read().await.unwrap().raw().scan(all, options).await.unwrap().rows;
    let mut census = BTreeMap::new();
    for (key, value) in rows {
        let (count, sum) = census.entry(*key.first().unwrap()).or_insert((0, 0xCBF2_9CE4_8422_2325));
        *count += 1;
        *sum = key.iter().chain(&value).fold(*sum, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3));
    }
    census
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_of_a_folder_of_format_1_is_read_as_it_was_written() {
    let folder = unpacked();
    let store = updraft_store_fjall::open(&folder.path().join("store"), FjallOptions::default()).unwrap();
    let found = census(&*store).await;
    let written = [
        (tags::TIMERS, (2, 0x9099_ADF2_41CD_5E8D)),
        (tags::DELIVERY, (1, 0x1346_88C9_DB9A_AD71)),
        (tags::DYNAMODB, (108, 0x37DF_C212_275E_CAA4)),
        (tags::LAMBDA, (9, 0xD689_7338_F422_CFE3)),
        (tags::APIGATEWAYV2, (6, 0xD4A0_A65F_6A67_09C0)),
        (tags::LOGS, (3, 0x660F_7E49_620F_67F6)),
    ];
    assert_eq!(found, BTreeMap::from(written));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_blob_of_a_folder_of_format_1_is_a_package() {
    let folder = unpacked();
    let (rng, clock) = (SeededRng::new(1), SystemClock::new());
    let blobs =
        FsBlobs::open(folder.path().join("blobs"), std::sync::Arc::new(rng), std::sync::Arc::new(clock)).unwrap();
    let listed = blobs.list(None, 10).await.unwrap();
    assert_eq!(listed.len(), 2);
    for blob in listed {
        assert!(blobs.get_bytes(&blob.id, ByteRange::ALL).await.unwrap().starts_with(b"PK"));
    }
}
