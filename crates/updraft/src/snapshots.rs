//! Snapshots of the running platform, as the admin surface gives them out.

use std::fmt;
use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{BoxStream, StreamExt, try_unfold};
use tokio::io::{AsyncReadExt, DuplexStream};
use tokio::sync::oneshot;
use updraft_gateway::admin::Snapshots;
use updraft_kernel::Tasks;
use updraft_snapshot::{Source, write_snapshot};

/// Bytes that are written ahead of the client.
const AHEAD: usize = 256 << 10;
const PIECE: usize = 64 << 10;

/// One source, of which any number of snapshots may be taken at once.
pub(crate) struct StateSnapshots {
    source: Source,
    tasks: Tasks,
}

impl StateSnapshots {
    pub(crate) fn new(source: Source, tasks: Tasks) -> Self {
        Self { source, tasks }
    }

    /// Writes until it is whole, its reader is gone, or the platform stops.
    fn start(&self, sink: DuplexStream, whole: oneshot::Sender<()>) {
        let (source, mut shutdown) = (self.source.clone(), self.tasks.shutdown());
        self.tasks.spawn("snapshot", async move {
            let written = tokio::select! {
                written = write_snapshot(&source, sink) => written,
                () = shutdown.requested() => return,
            };
            match written {
                Ok(info) => {
                    tracing::info!(rows = info.totals.rows, blobs = info.totals.blobs, "a snapshot was taken");
                    if whole.send(()).is_err() {
                        tracing::debug!("the client has gone away before the snapshot's end");
                    }
                }
                Err(err) => tracing::warn!(error = %err, source = ?err, "a snapshot broke off"),
            }
        });
    }
}

impl Snapshots for StateSnapshots {
    fn take(&self) -> BoxStream<'static, io::Result<Bytes>> {
        let (sink, outlet) = tokio::io::duplex(AHEAD);
        let (whole, ended) = oneshot::channel();
        self.start(sink, whole);
        pieces(outlet, ended).boxed()
    }
}

/// What comes out, and an error at the end unless `ended` says that it was whole.
fn pieces(outlet: DuplexStream, ended: oneshot::Receiver<()>) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    try_unfold((outlet, ended), |(mut outlet, ended)| async move {
        let mut piece = BytesMut::with_capacity(PIECE);
        if outlet.read_buf(&mut piece).await? > 0 {
            return Ok(Some((piece.freeze(), (outlet, ended))));
        }
        ended.await.map(|()| None).map_err(|_| io::Error::other("the snapshot broke off; the log says why"))
    })
}

impl fmt::Debug for StateSnapshots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateSnapshots").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::TryStreamExt;
    use updraft_blob::MemBlobs;
    use updraft_kernel::{SeededRng, SystemClock};
    use updraft_store::Store;

    use super::*;

    fn snapshots(store: Arc<dyn Store>) -> StateSnapshots {
        let (clock, rng) = (Arc::new(SystemClock::new()), Arc::new(SeededRng::new(1)));
        let blobs = Arc::new(MemBlobs::new(rng.clone(), clock.clone()));
        let source = Source { store, blobs, clock, rng, name: "memory".to_owned(), passing: Vec::new() };
        StateSnapshots::new(source, Tasks::new())
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_streamed_is_a_whole_snapshot() {
        let snapshots = snapshots(updraft_store_mem::open().unwrap());
        let file: Vec<Bytes> = snapshots.take().try_collect().await.unwrap();
        updraft_snapshot::verify(&file.concat()[..], &mut |_| {}).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_snapshot_that_breaks_off_ends_with_an_error() {
        let store = updraft_store_mem::open().unwrap();
        store.close().await.unwrap();
        let taken: io::Result<Vec<Bytes>> = snapshots(store).take().try_collect().await;
        assert!(taken.unwrap_err().to_string().contains("broke off"));
    }
}
