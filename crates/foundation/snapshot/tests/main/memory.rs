//! That memory doesn't grow with the state. A process of its own: nextest runs each test in one.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use updraft_snapshot::{verify, write_snapshot};

use crate::stub::StubBlobs;
use crate::support::Place;

const BLOB: u64 = 128 << 20;
const ALLOWED_KIB: u64 = 32 << 10;

/// Counts and forgets.
#[derive(Default)]
struct Counting(u64);

impl AsyncWrite for Counting {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.0 += u64::try_from(bytes.len()).unwrap();
        Poll::Ready(Ok(bytes.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The most that this process has ever had in memory.
#[expect(clippy::disallowed_methods, reason = "what the kernel says of this test's process")]
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_state_is_written_and_read_in_little_memory() {
    let mut source = Place::mem().source();
    source.blobs = Arc::new(StubBlobs::of(BLOB));
    let before = peak_kib();
    let mut sink = Counting::default();
    let info = write_snapshot(&source, &mut sink).await.unwrap();
    assert_eq!(info.totals.blob_bytes, BLOB);
    assert!(sink.0 > BLOB, "noise doesn't compress: {}", sink.0);
    let grown = peak_kib() - before;
    assert!(grown < ALLOWED_KIB, "writing took {grown} KiB");

    let file = tempfile::NamedTempFile::new().unwrap();
    write_snapshot(&source, tokio::fs::File::from_std(file.reopen().unwrap())).await.unwrap();
    verify(tokio::fs::File::from_std(file.reopen().unwrap()), &mut |_| {}).await.unwrap();
    let grown = peak_kib() - before;
    assert!(grown < ALLOWED_KIB, "reading took {grown} KiB");
}
