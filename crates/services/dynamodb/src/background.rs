//! Work on many rows, done in small transactions behind the request that caused it, and again after a restart.

use std::sync::Arc;

use updraft_kernel::{AwsError, Tasks};
use updraft_store::{KeyRange, ScanOptions, Store, StoreError, StoreExt, Tx, run};

use crate::keys::{Counter, Job, JobKey, Rows, TableKey};
use crate::model::codec;
use crate::model::table::{Index, Table};
use crate::table::{count, decode, entries, items};

/// Rows handled in one transaction.
const BATCH: usize = 500;

/// Starts a job whose row is committed.
pub(crate) fn start(store: &Arc<dyn Store>, tasks: &Tasks, key: JobKey) {
    let (store, shutdown) = (Arc::clone(store), tasks.shutdown());
    tasks.spawn("dynamodb.job", async move {
        let mut work = JobRun { store: &*store, key, cursor: None };
        while !shutdown.is_requested() {
            match work.step().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(err) => {
                    tracing::error!(error = ?err, "a job on a table failed; it is taken up at the next start");
                    return;
                }
            }
        }
    });
}

/// The keys of all jobs that are not done.
pub(crate) async fn unfinished(store: &dyn Store) -> Result<Vec<JobKey>, AwsError> {
    let mut tx = store.read().await?;
    let page = tx.rows::<JobKey>(JobKey::all(), ScanOptions::limit(usize::MAX)).await?;
    Ok(page.rows.iter().map(|(key, _)| JobKey::parse(key)).collect::<Result<_, _>>()?)
}

struct JobRun<'a> {
    store: &'a dyn Store,
    key: JobKey,
    /// The last item that a backfill has handled.
    cursor: Option<bytes::Bytes>,
}

impl JobRun<'_> {
    /// One transaction; whether there is more to do.
    async fn step(&mut self) -> Result<bool, AwsError> {
        let (key, cursor) = (&self.key, self.cursor.as_ref());
        let next = run(self.store, |tx| part(tx, key, cursor)).await?;
        match next {
            Next::Done => return Ok(false),
            Next::Again => {}
            Next::Behind(cursor) => self.cursor = Some(cursor),
        }
        Ok(true)
    }
}

/// One transaction of a job.
async fn part(mut tx: Tx, key: &JobKey, cursor: Option<&bytes::Bytes>) -> Result<Next, AwsError> {
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
    Behind(bytes::Bytes),
}

async fn clear(tx: &mut Tx, range: KeyRange) -> Result<Next, StoreError> {
    let page = tx.raw().scan(range, ScanOptions::limit(BATCH)).await?;
    for (key, _) in page.rows {
        tx.raw().delete(key);
    }
    Ok(if page.more { Next::Again } else { Next::Done })
}

async fn backfill(tx: &mut Tx, key: &JobKey, name: &str, cursor: Option<&bytes::Bytes>) -> Result<Next, StoreError> {
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
