//! Messages through a queue: sent, received and deleted by as many connections as there are.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result};
use bytes::Bytes;
use serde_json::{Value, json};

use super::calls;
use crate::aws;
use crate::load::{self, Connection};
use crate::platform::Server;

/// Half of them send, the other half receive and delete.
const SIDE: usize = 16;

/// How many messages go through in a second, `batch` (1 or 10) with each call.
pub(crate) fn rate(server: &Server, queue: &str, batch: usize, count: usize) -> Result<f64> {
    let sends = if batch == 1 { calls::sends(server, queue, count) } else { calls::batches(server, queue, count) };
    let receiver = Receiver {
        address: server.address,
        host: server.host(),
        queue: queue.to_owned(),
        receive: calls::receive(server, queue, batch, 1),
        batch,
        left: Arc::new(AtomicUsize::new(sends.len() * batch)),
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let (started, next) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
        let mut work = tokio::task::JoinSet::new();
        for _ in 0..SIDE {
            work.spawn(send(server.address, Arc::clone(&sends), Arc::clone(&next)));
            work.spawn(receiver.clone().run());
        }
        while let Some(done) = work.join_next().await {
            done??;
        }
        Ok(load::rate(sends.len() * batch, started.elapsed()))
    })
}

async fn send(to: SocketAddr, sends: Arc<Vec<Bytes>>, next: Arc<AtomicUsize>) -> Result<()> {
    let mut connection = Connection::open(to).await?;
    while let Some(request) = sends.get(next.fetch_add(1, Ordering::Relaxed)) {
        connection.send(request).await?.fine()?;
    }
    Ok(())
}

#[derive(Clone)]
struct Receiver {
    address: SocketAddr,
    host: String,
    queue: String,
    receive: Bytes,
    batch: usize,
    /// Messages that nobody has deleted yet.
    left: Arc<AtomicUsize>,
}

impl Receiver {
    async fn run(self) -> Result<()> {
        let mut connection = Connection::open(self.address).await?;
        while self.left.load(Ordering::Relaxed) > 0 {
            let received: Value = serde_json::from_slice(&connection.send(&self.receive).await?.fine()?)?;
            let handles: Vec<&str> = received
                .get("Messages")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|message| message.get("ReceiptHandle")?.as_str())
                .collect();
            if !handles.is_empty() {
                connection.send(&self.delete(&handles)?).await?.fine()?;
                self.left.fetch_sub(handles.len(), Ordering::Relaxed);
            }
        }
        Ok(())
    }

    fn delete(&self, handles: &[&str]) -> Result<Bytes> {
        if self.batch == 1 {
            let handle = handles.first().context("nothing to delete")?;
            let input = json!({ "QueueUrl": self.queue, "ReceiptHandle": handle });
            return Ok(aws::sqs(&self.host, "DeleteMessage", &input));
        }
        let entry = |(n, handle): (usize, &&str)| json!({ "Id": n.to_string(), "ReceiptHandle": handle });
        let entries: Vec<Value> = handles.iter().enumerate().map(entry).collect();
        Ok(aws::sqs(&self.host, "DeleteMessageBatch", &json!({ "QueueUrl": self.queue, "Entries": entries })))
    }
}
