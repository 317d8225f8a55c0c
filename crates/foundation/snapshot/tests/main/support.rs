//! Places with state, snapshots of them, and what is in them.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use updraft_blob::{BlobId, Blobs, BlobsExt, ByteRange, MemBlobs};
use updraft_blob_fs::FsBlobs;
use updraft_kernel::{Clock, Rng, SeededRng};
use updraft_snapshot::{Info, SnapshotError, Source, Target, restore, verify, write_snapshot};
use updraft_store::{KeyBuilder, KeyRange, ScanOptions, Store, StoreExt, tags};
use updraft_testkit::ManualClock;
use updraft_testkit::postgres::FreshDatabase;

/// Rows and blobs of some backends.
pub(crate) struct Place {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) clock: Arc<ManualClock>,
    rng: Arc<dyn Rng>,
}

/// Everything that can be seen of a place: rows but the store's own, and blobs.
pub(crate) type Listing = (Vec<(Bytes, Bytes)>, Vec<(BlobId, Bytes)>);

/// So that no two places draw the same blob ids.
static SEEDS: AtomicU64 = AtomicU64::new(1);

impl Place {
    pub(crate) fn new(store: Arc<dyn Store>, folder: Option<&Path>) -> Self {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(SEEDS.fetch_add(1, Ordering::SeqCst)));
        let clock = Arc::new(ManualClock::default());
        let time: Arc<dyn Clock> = clock.clone();
        let blobs: Arc<dyn Blobs> = match folder {
            Some(folder) => Arc::new(FsBlobs::open(folder.join("blobs"), Arc::clone(&rng), time).unwrap()),
            None => Arc::new(MemBlobs::new(Arc::clone(&rng), time)),
        };
        Self { store, blobs, clock, rng }
    }

    pub(crate) fn mem() -> Self {
        Self::new(updraft_store_mem::open().unwrap(), None)
    }

    pub(crate) fn fjall(folder: &Path) -> Self {
        let store = updraft_store_fjall::open(&folder.join("store"), updraft_store_fjall::FjallOptions::default());
        Self::new(store.unwrap(), Some(folder))
    }

    pub(crate) fn redb(folder: &Path) -> Self {
        let store = updraft_store_redb::open(&folder.join("store"), updraft_store_redb::RedbOptions::default());
        Self::new(store.unwrap(), Some(folder))
    }

    pub(crate) async fn postgres(database: &FreshDatabase) -> Self {
        let options = updraft_store_postgres::PostgresOptions::default();
        Self::new(updraft_store_postgres::open(&database.url(), options).await.unwrap(), None)
    }

    pub(crate) fn source(&self) -> Source {
        Source {
            store: Arc::clone(&self.store),
            blobs: Arc::clone(&self.blobs),
            clock: self.clock.clone(),
            rng: Arc::clone(&self.rng),
            name: "test".to_owned(),
            passing: vec![passing()],
        }
    }

    pub(crate) async fn put(&self, rows: &[(Bytes, Bytes)]) {
        let mut tx = self.store.write().await.unwrap();
        rows.iter().for_each(|(key, value)| tx.raw().put(key.clone(), value.clone()));
        tx.commit().await.unwrap();
    }

    pub(crate) async fn keep(&self, body: impl Into<Bytes>) -> BlobId {
        self.blobs.put_bytes(body.into()).await.unwrap().id
    }

    pub(crate) async fn snapshot(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let written = write_snapshot(&self.source(), Cursor::new(&mut file)).await.unwrap();
        assert_eq!(written, verified(&file).await.unwrap(), "what was written is what is read");
        file
    }

    pub(crate) async fn restore(&self, file: &[u8]) -> Result<Info, SnapshotError> {
        let target = Target { store: &*self.store, blobs: &*self.blobs };
        restore(Cursor::new(file), target, &mut |_| {}).await
    }

    pub(crate) async fn listing(&self) -> Listing {
        let all = KeyRange::new(vec![tags::META + 1], vec![0xFF]);
        let options = ScanOptions::limit(usize::MAX).max_bytes(usize::MAX);
        let rows = self.store.read().await.unwrap().raw().scan(all, options).await.unwrap().rows;
        let mut blobs = Vec::new();
        for blob in self.blobs.list(None, usize::MAX).await.unwrap() {
            let body = self.blobs.get_bytes(&blob.id, ByteRange::ALL).await.unwrap();
            blobs.push((blob.id, body));
        }
        (rows, blobs)
    }
}

pub(crate) async fn verified(file: &[u8]) -> Result<Info, SnapshotError> {
    verify(file, &mut |_| {}).await
}

pub(crate) fn key(name: &str) -> Bytes {
    KeyBuilder::new(tags::TEST).str(name).build()
}

pub(crate) fn row(name: &str, value: impl Into<Bytes>) -> (Bytes, Bytes) {
    (key(name), value.into())
}

/// Rows that belong to processes.
pub(crate) fn passing() -> KeyRange {
    KeyBuilder::new(tags::PLATFORM).str("node").prefix_range()
}
