//! The suite, on a real folder.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use tempfile::TempDir;
use updraft_blob::{Blobs, BlobsExt, ByteRange};
use updraft_blob_fs::FsBlobs;
use updraft_kernel::{Clock, SeededRng, SystemClock};

async fn make(clock: Arc<dyn Clock>) -> (Arc<dyn Blobs>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (open(&folder, clock, 1), folder)
}

fn open(folder: &TempDir, clock: Arc<dyn Clock>, seed: u64) -> Arc<dyn Blobs> {
    Arc::new(FsBlobs::open(folder.path(), Arc::new(SeededRng::new(seed)), clock).unwrap())
}

updraft_blob::blob_suite!(make);

#[tokio::test]
async fn blobs_are_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let clock = || Arc::new(SystemClock::new());
    let id = open(&folder, clock(), 1).put_bytes("body".into()).await.unwrap().id;
    let again = open(&folder, clock(), 2);
    assert_eq!(again.get_bytes(&id, ByteRange::ALL).await.unwrap(), "body");
    assert_eq!(again.list(None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_id_that_is_taken_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let clock = || Arc::new(SystemClock::new());
    let id = open(&folder, clock(), 1).put_bytes("first".into()).await.unwrap().id;
    let same_ids = open(&folder, clock(), 1);
    assert!(same_ids.put_bytes("second".into()).await.is_err());
    assert_eq!(same_ids.get_bytes(&id, ByteRange::ALL).await.unwrap(), "first");
}
