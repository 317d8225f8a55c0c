//! Work on many rows, done in small transactions behind the request that caused it: by the node that has the lease, and
//! by another one if that dies.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use updraft_kernel::{AwsError, BoxFuture, Clock, Shutdown};
use updraft_nodes::Lease;
use updraft_store::{KeyRange, ScanOptions, Store, StoreError, StoreExt, Topic, Tx, run};

use crate::keys::{Counter, Job, JobKey, Rows, TableKey};
use crate::model::codec;
use crate::model::table::{Index, Table};
use crate::table::{count, decode, entries, items, schedule};

/// Rows handled in one transaction.
const BATCH: usize = 500;

/// How long (in real time) to leave a store that fails.
const BROKEN_PAUSE: Duration = Duration::from_secs(1);

/// Touched by every transaction that leaves a job behind.
pub(crate) fn topic() -> Topic {
    Topic::of(&[b"dynamodb", b"jobs"])
}

/// Does the jobs of all tables, a step of each in turn.
pub(crate) struct Worker {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    /// So that two nodes don't do the same. It isn't fenced: a step that is done twice changes nothing.
    pub(crate) lease: Lease,
    /// The last item that each backfill has handled. Without it, one begins anew.
    pub(crate) cursors: HashMap<JobKey, Bytes>,
}

impl Worker {
    /// Works until shutdown.
    pub(crate) async fn run(mut self, mut shutdown: Shutdown) {
        let mut touched = self.store.watch(topic());
        while !shutdown.is_requested() {
            let pause = self.work(&shutdown).await;
            tokio::select! {
                () = shutdown.requested() => {}
                () = touched.changed() => {}
                () = self.lease.changed() => {}
                () = pause => {}
            }
        }
    }

    /// Goes on while there are jobs that are this node's; the pause after which to look again.
    async fn work(&mut self, shutdown: &Shutdown) -> BoxFuture<'static, ()> {
        while !shutdown.is_requested() && self.lease.held().is_some() {
            match self.round().await {
                Ok(true) => {}
                Ok(false) => return Box::pin(std::future::pending()),
                Err(err) => {
                    tracing::error!(error = ?err, "jobs on tables can't go on; trying again");
                    return self.clock.pause(BROKEN_PAUSE);
                }
            }
        }
        self.cursors.clear();
        self.lease.release();
        Box::pin(std::future::pending())
    }

    /// A step of each job; whether there was any.
    async fn round(&mut self) -> Result<bool, AwsError> {
        let jobs = unfinished(&*self.store).await?;
        for key in &jobs {
            self.step(key).await?;
        }
        Ok(!jobs.is_empty())
    }

    /// One transaction.
    async fn step(&mut self, key: &JobKey) -> Result<(), AwsError> {
        let cursor = self.cursors.get(key);
        match run(&*self.store, |tx| part(tx, key, cursor)).await? {
            Next::Done => drop(self.cursors.remove(key)),
            Next::Again => {}
            Next::Behind(cursor) => drop(self.cursors.insert(key.clone(), cursor)),
        }
        Ok(())
    }
}

/// The keys of all jobs that are not done.
async fn unfinished(store: &dyn Store) -> Result<Vec<JobKey>, AwsError> {
    let mut tx = store.read().await?;
    let page = tx.rows::<JobKey>(JobKey::all(), ScanOptions::limit(usize::MAX)).await?;
    Ok(page.rows.iter().map(|(key, _)| JobKey::parse(key)).collect::<Result<_, _>>()?)
}

/// One transaction of a job.
async fn part(mut tx: Tx, key: &JobKey, cursor: Option<&Bytes>) -> Result<Next, AwsError> {
    let rows = Rows { scope: &key.scope, table: key.table, index: Some(key.index) };
    let next = match tx.row(key).await? {
        None => return Ok(Next::Done),
        Some(Job::DropTable) => clear(&mut tx, rows.whole_table()).await?,
        Some(Job::DropIndex) => {
            tx.raw().delete(rows.counter(Counter::Items));
            tx.raw().delete(rows.counter(Counter::Bytes));
            clear(&mut tx, rows.all()).await?
        }
        Some(Job::Backfill { table }) => backfill(&mut tx, key, &table, cursor).await?,
        Some(Job::Expiries { table }) => expiries(&mut tx, key, &table, cursor).await?,
        Some(Job::NoExpiries) => clear(&mut tx, rows.expiries()).await?,
    };
    if matches!(next, Next::Done) {
        tx.delete_row(key);
    }
    tx.commit().await?;
    Ok(next)
}

enum Next {
    Done,
    Again,
    Behind(Bytes),
}

async fn clear(tx: &mut Tx, range: KeyRange) -> Result<Next, StoreError> {
    let page = tx.raw().scan(range, ScanOptions::limit(BATCH)).await?;
    for (key, _) in page.rows {
        tx.raw().delete(key);
    }
    Ok(if page.more { Next::Again } else { Next::Done })
}

async fn backfill(tx: &mut Tx, key: &JobKey, name: &str, cursor: Option<&Bytes>) -> Result<Next, StoreError> {
    let found = tx.row(&TableKey(&key.scope, name)).await?.filter(|table| table.id == key.table);
    let Some(mut table) = found else { return Ok(Next::Done) };
    let Some(index) = table.globals.iter().find(|index| index.id == key.index).cloned() else {
        return Ok(Next::Done);
    };
    let all = items(&key.scope, &table).all();
    let range = match cursor {
        Some(cursor) => all.after(cursor),
        None => all,
    };
    let page = tx.raw().scan(range, ScanOptions::limit(BATCH)).await?;
    for (row, value) in &page.rows {
        fill(tx, key, &table, &index, &decode(row, value)?).await?;
    }
    if let Some((last, _)) = page.rows.last().filter(|_| page.more) {
        return Ok(Next::Behind(last.clone()));
    }
    for index in table.globals.iter_mut().filter(|index| index.id == key.index) {
        index.ready = true;
    }
    tx.put_row(&TableKey(&key.scope, name), &table)?;
    Ok(Next::Done)
}

/// When items expire that were there before anybody asked.
async fn expiries(tx: &mut Tx, key: &JobKey, name: &str, cursor: Option<&Bytes>) -> Result<Next, StoreError> {
    let found = tx.row(&TableKey(&key.scope, name)).await?.filter(|table| table.id == key.table);
    let Some(table) = found else { return Ok(Next::Done) };
    let rows = items(&key.scope, &table);
    let range = match cursor {
        Some(cursor) => rows.all().after(cursor),
        None => rows.all(),
    };
    let page = tx.raw().scan(range, ScanOptions::limit(BATCH)).await?;
    for (row, value) in &page.rows {
        let item = decode(row, value)?;
        if let Some(item_key) = table.keys.of_entry(&item) {
            schedule(tx, &rows, &table, &item_key, [None, Some(&item)]);
        }
    }
    let last = page.rows.last().filter(|_| page.more);
    Ok(last.map_or(Next::Done, |(last, _)| Next::Behind(last.clone())))
}

/// Puts one item in, unless a write since the index was made already has.
async fn fill(
    tx: &mut Tx,
    key: &JobKey,
    table: &Table,
    index: &Index,
    item: &updraft_expr::dynamodb::Item,
) -> Result<(), StoreError> {
    let (Some(entry), Some(item_key)) = (index.entry(table, item), table.keys.of_entry(item)) else {
        return Ok(());
    };
    let rows = entries(&key.scope, table, index);
    let row = rows.entry(&entry.key, &item_key);
    if tx.raw().get(&row).await?.is_none() {
        tx.raw().put(row, codec::encode(&entry.item));
        count(tx, &rows, None, Some(&entry.item));
    }
    Ok(())
}
