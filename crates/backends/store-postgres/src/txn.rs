//! One transaction.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio_postgres::Row;
use updraft_kernel::{BoxFuture, Clock};
use updraft_store::buffer::{Merged, Write, Writes, added, page};
use updraft_store::{CommitVersion, Durability, KeyRange, Page, Result, ScanOptions, StoreError, Topic, Txn, TxnKind};

use crate::apply::Batch;
use crate::commit::{BEGIN, Commit};
use crate::errors::Failure;
use crate::lanes::Blind;
use crate::pool::{Held, Within};
use crate::reads::{self, Chunk, GET, GET_MANY};
use crate::session::Params;
use crate::shared::{Shared, is_relaxed};

const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY";

/// Waits for a moment from which it can't conflict.
const BEGIN_READING_SAFELY: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE";

/// After so many failures a reader waits rather than hopes.
const HOPES: u32 = 3;

/// How often a transaction's first read is tried: again it finds another snapshot, or another connection.
const FIRST_READS: u32 = 10;

/// Its reads are a transaction of the database, begun by the first of them; its writes stay here until it commits.
#[derive(Debug)]
pub(crate) struct PostgresTxn {
    shared: Arc<Shared>,
    kind: TxnKind,
    began: Duration,
    at: At,
    writes: Writes,
    touches: Vec<Topic>,
}

/// How far it has got.
#[derive(Debug)]
enum At {
    /// Nothing was read.
    Blind,
    Reading(Box<Held>),
    /// A read failed: nothing of this can be committed any more.
    Broken,
}

impl PostgresTxn {
    pub(crate) fn begin(shared: Arc<Shared>, kind: TxnKind) -> Self {
        let began = shared.clock.monotonic();
        Self { shared, kind, began, at: At::Blind, writes: Writes::default(), touches: Vec::new() }
    }

    async fn rows(&mut self, sql: &str, params: &Params<'_>) -> Result<Vec<Row>> {
        self.shared.check_open()?;
        let asked = match std::mem::replace(&mut self.at, At::Broken) {
            At::Broken => return Err(StoreError::Conflict),
            At::Blind => self.first_read(sql, params).await,
            At::Reading(held) => next_read(*held, sql, params).await,
        };
        if let Err(StoreError::Conflict) = &asked {
            self.shared.heat.lost(&self.shared.clock).await;
        }
        let (held, rows) = asked?;
        self.at = At::Reading(Box::new(held));
        Ok(rows)
    }

    /// Begins and reads in one round trip. Nobody has seen anything yet, so a failure that may pass is tried again.
    async fn first_read(&self, sql: &str, params: &Params<'_>) -> Result<(Held, Vec<Row>)> {
        let mut tries = 1;
        loop {
            let mut held = self.shared.pool.acquire().await?;
            let begin = match self.kind {
                TxnKind::ReadWrite => BEGIN,
                TxnKind::ReadOnly if tries <= HOPES => BEGIN_READING,
                TxnKind::ReadOnly | TxnKind::LongRead => BEGIN_READING_SAFELY,
            };
            match begin_and_read(&mut held, begin, sql, params).await? {
                Ok(rows) => return Ok((held, rows)),
                Err(Failure::Conflict) if tries < FIRST_READS => {
                    drop(held);
                    self.shared.heat.lost(&self.shared.clock).await;
                }
                Err(Failure::Lost(_)) if tries < FIRST_READS => {
                    held.give_up();
                    self.shared.pool.forget_idle();
                }
                Err(err) => return Err(err.harmless()),
            }
            tries += 1;
        }
    }

    async fn read(&mut self, key: &[u8]) -> Result<Option<Bytes>> {
        match self.writes.pending(key) {
            Some(Write::Put(value)) => Ok(Some(value)),
            Some(Write::Delete) => Ok(None),
            Some(Write::Add(delta)) => {
                let before = self.below(key).await?;
                added(key, before.as_ref(), delta).map(Some)
            }
            None => self.below(key).await,
        }
    }

    async fn below(&mut self, key: &[u8]) -> Result<Option<Bytes>> {
        let (head, rest) = reads::key_params(key);
        let rows = self.rows(GET, &[&head, &rest]).await?;
        rows.first().map(|row| reads::got(row, key)).transpose()
    }

    async fn read_many(&mut self, keys: &[Bytes]) -> Result<Vec<Option<Bytes>>> {
        let unknown = |key: &&Bytes| !matches!(self.writes.pending(key), Some(Write::Put(_) | Write::Delete));
        let asked: Vec<Bytes> = keys.iter().filter(unknown).cloned().collect();
        let mut below = if asked.is_empty() { Vec::new() } else { self.below_many(&asked).await? }.into_iter();
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            found.push(match self.writes.pending(key) {
                Some(Write::Put(value)) => Some(value),
                Some(Write::Delete) => None,
                Some(Write::Add(delta)) => Some(added(key, below.next().flatten().as_ref(), delta)?),
                None => below.next().flatten(),
            });
        }
        Ok(found)
    }

    async fn below_many(&mut self, keys: &[Bytes]) -> Result<Vec<Option<Bytes>>> {
        let columns = reads::columns(keys);
        let rows = self.rows(GET_MANY, &[&columns.heads, &columns.rests]).await?;
        reads::got_many(&rows, keys)
    }

    /// Reads on below until its own writes laid over what was found make a page.
    async fn read_range(&mut self, range: KeyRange, options: ScanOptions) -> Result<Page> {
        if range.is_empty() {
            return Ok(Page::default());
        }
        let mut below = Vec::new();
        let mut rest = range.clone();
        loop {
            let chunk = self.chunk(rest.clone(), options);
            let rows = self.scan_below(&chunk).await?;
            let cut = chunk.was_cut(&rows);
            below.extend(rows);
            let last = below.last().map(|(key, _)| key.clone()).filter(|_| cut);
            let known = match &last {
                Some(last) if options.reverse => range.clone().from(last.clone()),
                Some(last) => range.clone().before([&last[..], &[0]].concat()),
                None => range.clone(),
            };
            let rows = Box::new(below.clone().into_iter().map(Ok));
            let page = page(Merged::new(rows, &self.writes, &known, options.reverse), options)?;
            let Some(last) = last.filter(|_| !page.more) else { return Ok(page) };
            rest = if options.reverse { rest.before(last) } else { rest.after(&last) };
        }
    }

    /// One more row than is needed, to know whether there is more; and as many as its own writes may hide.
    fn chunk(&self, range: KeyRange, options: ScanOptions) -> Chunk {
        let own = self.writes.in_range(&range).count();
        let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let rows = whole(options.limit.saturating_add(own).saturating_add(1));
        Chunk { range, reverse: options.reverse, rows, bytes: whole(options.max_bytes), long: false }
    }

    async fn scan_below(&mut self, chunk: &Chunk) -> Result<Vec<(Bytes, Bytes)>> {
        let rows = self.ask(chunk).await?;
        if reads::has_long_keys(&rows)? {
            let long = Chunk { long: true, ..chunk.clone() };
            return reads::scanned(&self.ask(&long).await?);
        }
        reads::scanned(&rows)
    }

    async fn ask(&mut self, chunk: &Chunk) -> Result<Vec<Row>> {
        let params = chunk.params();
        let params: Vec<_> =
            params.iter().map(|param| &**param as &(dyn tokio_postgres::types::ToSql + Sync)).collect();
        self.rows(chunk.sql(), &params).await
    }

    /// The writes, unless this transaction may have none.
    fn writes(&mut self) -> &mut Writes {
        if self.kind != TxnKind::ReadWrite {
            self.writes.refuse(StoreError::ReadOnly);
        }
        &mut self.writes
    }

    /// What is open for too long conflicts even if it has read nothing: others rely on that no insertion turns up later.
    async fn finish(mut self, durability: Durability) -> Result<CommitVersion> {
        self.shared.check_open()?;
        if self.kind == TxnKind::ReadWrite && self.shared.is_too_old(self.began) {
            return Err(StoreError::Conflict);
        }
        self.writes.check(&self.shared.limits)?;
        let Self { shared, at, mut writes, touches, began, .. } = self;
        let held = match at {
            At::Broken => return Err(StoreError::Conflict),
            At::Reading(held) => Some(*held),
            At::Blind => None,
        };
        if writes.is_empty() {
            end_reading(held).await?;
            shared.wakes.touch(touches);
            return Ok(shared.last_version());
        }
        if held.is_none() && writes.cleared.is_empty() {
            let (answer, answered) = oneshot::channel();
            shared.lanes.submit(Blind { writes, touches, durability, began, answer })?;
            return answered.await.unwrap_or_else(|_| Err(StoreError::unknown("the group committer is gone")));
        }
        let cleared = std::mem::take(&mut writes.cleared);
        let batch = Batch::of(writes, is_relaxed(durability));
        Commit { batch, cleared, touches }.run(&shared, held).await
    }
}

async fn begin_and_read(
    held: &mut Held,
    begin: &str,
    sql: &str,
    params: &Params<'_>,
) -> Result<std::result::Result<Vec<Row>, Failure>> {
    let prepared = match held.session()?.prepared(sql).await {
        Ok(prepared) => prepared,
        Err(err) => return Ok(Err(err)),
    };
    held.within = Within::Reads;
    let session = held.session()?;
    let (begun, rows) = tokio::join!(session.run(begin), session.query(&prepared, params));
    Ok(begun.and(rows))
}

async fn next_read(held: Held, sql: &str, params: &Params<'_>) -> Result<(Held, Vec<Row>)> {
    match held.session()?.ask(sql, params).await {
        Ok(rows) => Ok((held, rows)),
        Err(err) => {
            if matches!(err, Failure::Lost(_)) {
                held.give_up();
            }
            Err(err.harmless())
        }
    }
}

/// What was read holds only once the database has said so.
async fn end_reading(held: Option<Held>) -> Result<()> {
    let Some(mut held) = held else { return Ok(()) };
    let ended = held.session()?.run("COMMIT").await;
    held.within = Within::Nothing;
    ended.map_err(Failure::harmless)
}

impl Txn for PostgresTxn {
    fn get<'a>(&'a mut self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Bytes>>> {
        Box::pin(self.read(key))
    }

    fn get_many<'a>(&'a mut self, keys: &'a [Bytes]) -> BoxFuture<'a, Result<Vec<Option<Bytes>>>> {
        Box::pin(self.read_many(keys))
    }

    fn scan<'a>(&'a mut self, range: KeyRange, options: ScanOptions) -> BoxFuture<'a, Result<Page>> {
        Box::pin(self.read_range(range, options))
    }

    fn put(&mut self, key: Bytes, value: Bytes) {
        let limits = self.shared.limits;
        self.writes().put(key, value, &limits);
    }

    fn delete(&mut self, key: Bytes) {
        let limits = self.shared.limits;
        self.writes().delete(key, &limits);
    }

    fn delete_range(&mut self, range: KeyRange) {
        self.writes().delete_range(range);
    }

    fn add_i64(&mut self, key: Bytes, delta: i64) {
        let limits = self.shared.limits;
        self.writes().add(key, delta, &limits);
    }

    fn put_versioned(&mut self, prefix: Bytes, suffix: Bytes, value: Bytes) {
        let limits = self.shared.limits;
        self.writes().put_versioned(prefix, suffix, value, &limits);
    }

    fn touch(&mut self, topic: Topic) {
        self.touches.push(topic);
    }

    fn commit(self: Box<Self>, durability: Durability) -> BoxFuture<'static, Result<CommitVersion>> {
        Box::pin(self.finish(durability))
    }
}
