//! The store.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::ready;
use updraft_kernel::{BoxFuture, Tasks, UnixMillis};
use updraft_store::{CommitVersion, Limits, Result, Store, StoreError, Topic, Txn, TxnKind, Watch};

use crate::apply::Locking;
use crate::connect::{Connector, Use};
use crate::errors::Failure;
use crate::marks::{self, Marks};
use crate::options::PostgresOptions;
use crate::reads::column;
use crate::session::Session;
use crate::shared::{Parts, Shared, base_of};
use crate::txn::PostgresTxn;
use crate::url::Address;
use crate::{keeper, lanes, schema, wakes};

/// A [`Store`] in a PostgreSQL database, which other processes may have open too. Dropping it lets what was sent to it
/// be carried out.
#[derive(Debug)]
pub struct PostgresStore {
    shared: Arc<Shared>,
}

impl PostgresStore {
    pub(crate) async fn open(url: &str, options: PostgresOptions) -> Result<Arc<Self>> {
        check_name(&options.schema)?;
        let connector = Arc::new(Connector::new(&Address::parse(url)?, &options, Tasks::new())?);
        let session = connector.connect(Use::Statements).await?;
        schema::migrate(&session, &options.schema).await?;
        schema::admit(&session).await?;
        let locking = locking(&session).await?;
        let marks = Marks::new(marks::now(&session).await?);
        let shared = Arc::new(Shared::new(Parts { options, connector, marks, locking, tasks: Tasks::new() }));
        let tasks = &shared.tasks;
        for _ in 0..shared.options.lanes.max(1) {
            tasks.spawn("group commit", lanes::run(Arc::clone(&shared)));
        }
        let ear = wakes::Ear::new(&shared).await;
        tasks.spawn("notifications", wakes::run(Arc::clone(&shared), tasks.shutdown(), ear));
        tasks.spawn("tidying the database", keeper::run(Arc::clone(&shared), tasks.shutdown()));
        Ok(Arc::new(Self { shared: Arc::clone(&shared) }))
    }

    /// Asks anew if the connection turns out to have died while it was idle.
    async fn time(&self) -> Result<UnixMillis> {
        self.shared.check_open()?;
        let held = self.shared.pool.acquire().await?;
        match marks::now(held.session()?).await {
            Err(StoreError::Unavailable(_)) => {
                held.give_up();
                self.shared.pool.forget_idle();
                marks::now(self.shared.pool.acquire().await?.session()?).await
            }
            told => told,
        }
    }

    /// Takes a number from the sequence, and sets that to where it must go on. Others may take numbers in between; the
    /// leap is wider than they can come.
    async fn raise(&self, to: CommitVersion) -> Result<CommitVersion> {
        const ROOM: i64 = 1024;
        let session = self.shared.connector.connect(Use::Statements).await?;
        let rows = session.ask("SELECT nextval('version')", &[]).await.map_err(Failure::harmless)?;
        let last = base_of(&rows)? + (ROOM - 1);
        let to =
            i64::try_from(to.0).map_err(|_| StoreError::engine("the version is beyond what a database counts to"))?;
        if to <= last {
            return Ok(CommitVersion(last.cast_unsigned()));
        }
        let to = to.saturating_add(1_000 * ROOM);
        // Never back, however long this was held up behind its own number.
        let leap = "SELECT setval('version', greatest($1, (SELECT last_value FROM version)))";
        session.ask(leap, &[&to]).await.map_err(Failure::harmless)?;
        Ok(CommitVersion(to.cast_unsigned()))
    }

    async fn stop(&self) -> Result<()> {
        if !self.shared.shut() {
            return Err(StoreError::Closed);
        }
        self.shared.tasks.stop().await;
        self.shared.pool.close();
        if self.shared.take_relaxed() {
            self.sync().await?;
        }
        Ok(())
    }

    /// A durable commit takes everything before it to the disk.
    async fn sync(&self) -> Result<()> {
        let session = self.shared.connector.connect(Use::Statements).await?;
        let mark = self.shared.marks.next();
        session.ask("INSERT INTO commits (id) VALUES ($1)", &[&&mark[..]]).await.map(drop).map_err(Failure::harmless)
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.shared.shut();
        self.shared.pool.close();
        // Asked to stop, not waited for.
        let asked = self.shared.tasks.stop().now_or_never();
        tracing::trace!(ended = asked.is_some(), "the store was dropped");
    }
}

/// A schema's name goes into statements as it is.
fn check_name(schema: &str) -> Result<()> {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if schema.is_empty() || schema.len() > 50 || !schema.chars().all(legal) {
        return Err(StoreError::engine(format!(
            "{schema:?} is no name for a schema: a-z, 0-9 and _, up to 50 of them"
        )));
    }
    Ok(())
}

/// By what the server says it is. Says aloud when it is set up to lose data.
async fn locking(session: &Session) -> Result<Locking> {
    let rows = session.ask("SELECT version(), current_setting('fsync', true)", &[]).await.map_err(Failure::harmless)?;
    let Some(row) = rows.first() else { return Ok(Locking::Rows) };
    if column::<Option<&str>>(row, 1)? == Some("off") {
        tracing::warn!("the database runs with fsync off: it loses what it acknowledged when power fails");
    }
    let version = column::<&str>(row, 0)?;
    let other = ["CockroachDB", "-YB-"].iter().any(|name| version.contains(name));
    Ok(if other { Locking::Rows } else { Locking::Advisory })
}

impl Store for PostgresStore {
    fn begin(&self, kind: TxnKind) -> BoxFuture<'_, Result<Box<dyn Txn>>> {
        let begin = |()| Box::new(PostgresTxn::begin(Arc::clone(&self.shared), kind)) as Box<dyn Txn>;
        Box::pin(ready(self.shared.check_open().map(begin)))
    }

    fn watch(&self, topic: Topic) -> Watch {
        self.shared.wakes.watch(topic)
    }

    fn limits(&self) -> Limits {
        self.shared.limits
    }

    fn now(&self) -> BoxFuture<'_, Result<UnixMillis>> {
        Box::pin(self.time())
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn raise_version(&self, to: CommitVersion) -> BoxFuture<'_, Result<CommitVersion>> {
        Box::pin(self.raise(to))
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.stop())
    }
}
