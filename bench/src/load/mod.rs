//! The client: raw sockets, keep-alive, requests made ready before; one thread, so that it takes as little of the
//! machine as it can.

mod connection;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;

pub(crate) use connection::{Answer, Connection};

/// What a run of requests took.
pub(crate) struct Took {
    pub(crate) each: Vec<Duration>,
    pub(crate) wall: Duration,
}

impl Took {
    /// Requests in a second.
    pub(crate) fn rate(&self) -> f64 {
        rate(self.each.len(), self.wall)
    }
}

/// How many in a second.
pub(crate) fn rate(count: usize, wall: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / wall.as_secs_f64()
}

/// Sends every request once over that many connections; each must be answered with 2xx.
///
/// # Errors
/// If a connection breaks or an answer is an error.
pub(crate) fn run(to: SocketAddr, requests: &Arc<Vec<Bytes>>, connections: usize) -> Result<Took> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let next = Arc::new(AtomicUsize::new(0));
        let started = Instant::now();
        let workers: Vec<_> =
            (0..connections).map(|_| tokio::spawn(worker(to, Arc::clone(requests), Arc::clone(&next)))).collect();
        let mut each = Vec::with_capacity(requests.len());
        for worker in workers {
            each.extend(worker.await??);
        }
        Ok(Took { each, wall: started.elapsed() })
    })
}

async fn worker(to: SocketAddr, requests: Arc<Vec<Bytes>>, next: Arc<AtomicUsize>) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(to).await?;
    let mut took = Vec::new();
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let started = Instant::now();
        connection.send(request).await?.fine()?;
        took.push(started.elapsed());
    }
    Ok(took)
}

/// One request on a connection of its own.
///
/// # Errors
/// If nothing answers there.
pub(crate) fn once(to: SocketAddr, request: &Bytes) -> Result<Answer> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async { Connection::open(to).await?.send(request).await })
}
