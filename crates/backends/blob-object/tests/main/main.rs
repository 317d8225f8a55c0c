//! The suite, over objects in memory and in a folder.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use tempfile::TempDir;
use updraft_blob::{BlobError, Blobs, BlobsExt, GRACE, Swept, sweep};
use updraft_blob_object::ObjectBlobs;
use updraft_kernel::{Clock, SeededRng, SystemClock, UnixMillis, VirtualClock};

fn over(objects: Arc<dyn ObjectStore>) -> Arc<dyn Blobs> {
    Arc::new(ObjectBlobs::new(objects, Path::from("some/prefix"), Arc::new(SeededRng::new(1))))
}

mod memory {
    use super::*;

    async fn make(_: Arc<dyn Clock>) -> (Arc<dyn Blobs>, ()) {
        (over(Arc::new(InMemory::new())), ())
    }

    // Object stores date by their own clock: what is swept is checked below.
    updraft_blob::blob_suite!(make, dated_by_itself);
}

mod folder {
    use super::*;

    async fn make(_: Arc<dyn Clock>) -> (Arc<dyn Blobs>, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let objects = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
        (over(Arc::new(objects)), folder)
    }

    // Object stores date by their own clock: what is swept is checked below.
    updraft_blob::blob_suite!(make, dated_by_itself);
}

#[tokio::test]
async fn the_sweeper_takes_old_unnamed_blobs_only() {
    let blobs = over(Arc::new(InMemory::new()));
    let named = blobs.put_bytes("named".into()).await.unwrap().id;
    let unnamed = blobs.put_bytes("unnamed".into()).await.unwrap().id;
    let is_named = |id| std::future::ready(Ok::<_, BlobError>(id == named));
    let young = sweep(&*blobs, &SystemClock::new(), is_named).await.unwrap();
    assert_eq!(young, Swept { seen: 2, deleted: 0 });
    let later = Later(SystemClock::new());
    assert_eq!(sweep(&*blobs, &later, is_named).await.unwrap(), Swept { seen: 2, deleted: 1 });
    assert!(blobs.exists(&named).await.unwrap() && !blobs.exists(&unnamed).await.unwrap());
}

/// The machine's time, an hour and more ahead.
#[derive(Debug)]
struct Later(SystemClock);

impl Clock for Later {
    fn now(&self) -> UnixMillis {
        self.real_now()
    }
    fn sleep_until(&self, at: UnixMillis) -> updraft_kernel::BoxFuture<'static, ()> {
        VirtualClock::new(0, UnixMillis(0)).sleep_until(at)
    }
    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
    fn pause(&self, span: Duration) -> updraft_kernel::BoxFuture<'static, ()> {
        self.0.pause(span)
    }
    fn real_now(&self) -> UnixMillis {
        self.0.real_now().plus(GRACE + Duration::from_mins(1))
    }
}
