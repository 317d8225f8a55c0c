//! What PostgreSQL can take from a client written for nothing else: many puts in one statement, several connections.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::{Client, NoTls};

use crate::load::Took;

/// Connections of the client, each with one statement under way.
const CONNECTIONS: usize = 4;
/// Rows in a statement at most.
const BATCH: usize = 512;

type Put = (Vec<u8>, oneshot::Sender<()>);

/// A table of keys and values, and callers whose puts are gathered while the statements before are under way.
pub(crate) struct BatchClient {
    runtime: Runtime,
    puts: mpsc::UnboundedSender<Put>,
}

impl BatchClient {
    /// # Errors
    /// If the database can't be used.
    pub(crate) fn open(url: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let (puts, queue) = mpsc::unbounded_channel();
        let queue = Arc::new(tokio::sync::Mutex::new(queue));
        runtime.block_on(async {
            let table = "CREATE TABLE bare (key bytea PRIMARY KEY, value bytea NOT NULL)";
            connect(url).await?.batch_execute(table).await?;
            for _ in 0..CONNECTIONS {
                let (client, queue) = (connect(url).await?, Arc::clone(&queue));
                tokio::spawn(async move {
                    if let Err(err) = work(client, queue).await {
                        eprintln!("  the batch client failed: {err:#}");
                    }
                });
            }
            anyhow::Ok(())
        })?;
        Ok(Self { runtime, puts })
    }

    /// Durable puts of 1 KiB, answered when their statement is.
    ///
    /// # Errors
    /// If a statement fails.
    pub(crate) fn put(&self, callers: u32, each: u32) -> Result<Took> {
        self.runtime.block_on(async {
            let begun = Instant::now();
            let callers: Vec<_> = (0..callers).map(|n| tokio::spawn(call(self.puts.clone(), n, each))).collect();
            let mut took = Vec::new();
            for caller in callers {
                took.extend(caller.await??);
            }
            Ok(Took { each: took, wall: begun.elapsed() })
        })
    }
}

async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(async move {
        if let Err(err) = connection.await {
            eprintln!("  the batch client's connection ended: {err}");
        }
    });
    Ok(client)
}

async fn call(puts: mpsc::UnboundedSender<Put>, caller: u32, each: u32) -> Result<Vec<std::time::Duration>> {
    let mut took = Vec::new();
    for n in 0..each {
        let started = Instant::now();
        let (answer, done) = oneshot::channel();
        let key = [caller.to_be_bytes(), n.to_be_bytes()].concat();
        puts.send((key, answer)).ok().context("the batch client has ended")?;
        done.await.context("a statement failed")?;
        took.push(started.elapsed());
    }
    Ok(took)
}

async fn work(client: Client, queue: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Put>>>) -> Result<()> {
    let upsert = "INSERT INTO bare SELECT * FROM unnest($1::bytea[], $2::bytea[]) \
                  ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    let upsert = client.prepare(upsert).await?;
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        if queue.lock().await.recv_many(&mut batch, BATCH).await == 0 {
            return Ok(());
        }
        // In order of their keys, so that two statements can't wait for each other.
        batch.sort_by(|a, b| a.0.cmp(&b.0));
        let (keys, answers): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let values = vec![&[7_u8; 1024][..]; keys.len()];
        client.execute(&upsert, &[&keys, &values]).await?;
        for answer in answers {
            answer.send(()).map_err(|()| anyhow::anyhow!("a caller has gone"))?;
        }
    }
}
