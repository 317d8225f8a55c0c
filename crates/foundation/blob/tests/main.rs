//! The suite, in memory.

use std::sync::Arc;

use updraft_blob::{Blobs, MemBlobs};
use updraft_kernel::{Clock, SeededRng};

async fn make(clock: Arc<dyn Clock>) -> (Arc<dyn Blobs>, ()) {
    (Arc::new(MemBlobs::new(Arc::new(SeededRng::new(1)), clock)), ())
}

updraft_blob::blob_suite!(make);
