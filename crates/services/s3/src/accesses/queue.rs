//! Between a request's end and the store: bounded, and emptied by one task.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use tokio::sync::Notify;
use updraft_access::Access;
use updraft_kernel::Shutdown;

use super::rows;
use crate::S3;
use crate::objects::write::again;

/// What may wait; what comes beyond it is counted and dropped.
const MOST: usize = 64 << 10;
/// Written in one transaction.
const PORTION: usize = 1_000;

#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    filled: Notify,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    accesses: Vec<Access>,
    dropped: usize,
    /// Those that were taken last are being written.
    writing: bool,
}

impl Queue {
    pub(crate) fn push(&self, access: Access) {
        let mut waiting = self.waiting.lock();
        if waiting.accesses.len() >= MOST {
            waiting.dropped += 1;
            return;
        }
        waiting.accesses.push(access);
        drop(waiting);
        self.filled.notify_one();
    }

    fn take(&self) -> Vec<Access> {
        let mut waiting = self.waiting.lock();
        if waiting.dropped > 0 {
            tracing::warn!(dropped = waiting.dropped, "requests came faster than they could be logged");
            waiting.dropped = 0;
        }
        let count = waiting.accesses.len().min(PORTION);
        waiting.writing = count > 0;
        waiting.accesses.drain(..count).collect()
    }

    fn is_empty(&self) -> bool {
        let waiting = self.waiting.lock();
        waiting.accesses.is_empty() && !waiting.writing
    }

    /// Completes when all that was told is written. `true`: there was something.
    pub(super) async fn settled(&self) -> bool {
        let mut any = false;
        loop {
            let emptied = self.emptied.notified();
            if self.is_empty() {
                return any;
            }
            any = true;
            emptied.await;
        }
    }
}

/// Writes what comes, until shutdown; then what is left.
pub(super) async fn write(svc: &S3, mut shutdown: Shutdown) {
    let queue = &svc.accesses;
    loop {
        let accesses = queue.take();
        if !accesses.is_empty() {
            keep(svc, accesses).await;
            continue;
        }
        queue.emptied.notify_waiters();
        if shutdown.is_requested() {
            return;
        }
        tokio::select! {
            () = queue.filled.notified() => {}
            () = shutdown.requested() => {}
        }
    }
}

async fn keep(svc: &S3, accesses: Vec<Access>) {
    let mut of: BTreeMap<String, Vec<Access>> = BTreeMap::new();
    for access in accesses {
        let source = access.copied_from.clone().map(|(bucket, key)| {
            let operation =
                if access.operation == "CopyObject" { "REST.COPY.OBJECT_GET" } else { "REST.COPY.PART_GET" };
            Access { bucket, key: Some(key), operation, ..access.clone() }
        });
        for one in source.into_iter().chain([access]) {
            of.entry(one.bucket.clone()).or_default().push(one);
        }
    }
    for (bucket, accesses) in of {
        if let Err(error) = again(svc, || rows::keep(svc, &bucket, &accesses)).await {
            tracing::error!(error = ?error, bucket, "requests could not be logged");
        }
    }
}
