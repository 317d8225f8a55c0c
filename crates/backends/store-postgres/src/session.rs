//! One connection to the database.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};
use updraft_kernel::{Clock, SystemClock};

use crate::errors::Failure;

type Outcome<T> = std::result::Result<T, Failure>;

/// What a statement is given.
pub(crate) type Params<'a> = [&'a (dyn ToSql + Sync)];

/// A connection and the statements that were prepared on it.
#[derive(Debug)]
pub(crate) struct Session {
    client: Client,
    prepared: Mutex<HashMap<String, Statement>>,
    silence: Silence,
}

/// What ends a connection on which nothing is answered any more.
#[derive(Clone, Debug)]
pub(crate) struct Silence {
    /// How long it may last.
    pub(crate) most: Duration,
    /// Told to whoever carries the connection's bytes.
    pub(crate) cut: Arc<Notify>,
    pub(crate) clock: SystemClock,
}

impl Session {
    pub(crate) fn new(client: Client, silence: Silence) -> Self {
        Self { client, prepared: Mutex::default(), silence }
    }

    /// Nothing that is asked here will be answered.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// A round trip at the first time, nothing after.
    pub(crate) async fn prepared(&self, sql: &str) -> Outcome<Statement> {
        let known = self.prepared.lock().get(sql).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let made = self.answered(self.client.prepare(sql)).await?;
        self.prepared.lock().insert(sql.to_owned(), made.clone());
        Ok(made)
    }

    /// Sent when first polled: requests that are polled one after the other are one round trip, in that order.
    pub(crate) async fn query(&self, statement: &Statement, params: &Params<'_>) -> Outcome<Vec<Row>> {
        self.answered(self.client.query(statement, params)).await
    }

    /// Prepares and asks.
    pub(crate) async fn ask(&self, sql: &str, params: &Params<'_>) -> Outcome<Vec<Row>> {
        self.query(&self.prepared(sql).await?, params).await
    }

    /// Statements without parameters; sent when first polled.
    pub(crate) async fn run(&self, sql: &str) -> Outcome<()> {
        self.answered(self.client.batch_execute(sql)).await
    }

    /// Waits for an answer; where none comes, for the end of the connection, which fails everything that is asked on it.
    async fn answered<T>(&self, request: impl Future<Output = Result<T, Error>>) -> Outcome<T> {
        let mut request = pin!(request);
        match select(&mut request, self.silence.clock.pause(self.silence.most)).await {
            Either::Left((answer, _)) => Ok(answer?),
            Either::Right(_) => {
                self.silence.cut.notify_one();
                Ok(request.await?)
            }
        }
    }
}
