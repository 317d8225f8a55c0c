//! One connection to the database.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use crate::errors::Failure;

type Outcome<T> = std::result::Result<T, Failure>;

/// What a statement is given.
pub(crate) type Params<'a> = [&'a (dyn ToSql + Sync)];

/// A connection and the statements that were prepared on it.
#[derive(Debug)]
pub(crate) struct Session {
    client: Client,
    prepared: Mutex<HashMap<String, Statement>>,
}

impl Session {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, prepared: Mutex::default() }
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
        let made = self.client.prepare(sql).await?;
        self.prepared.lock().insert(sql.to_owned(), made.clone());
        Ok(made)
    }

    /// Sent when first polled: requests that are polled one after the other are one round trip, in that order.
    pub(crate) async fn query(&self, statement: &Statement, params: &Params<'_>) -> Outcome<Vec<Row>> {
        Ok(self.client.query(statement, params).await?)
    }

    /// Prepares and asks.
    pub(crate) async fn ask(&self, sql: &str, params: &Params<'_>) -> Outcome<Vec<Row>> {
        self.query(&self.prepared(sql).await?, params).await
    }

    /// Statements without parameters; sent when first polled.
    pub(crate) async fn run(&self, sql: &str) -> Outcome<()> {
        Ok(self.client.batch_execute(sql).await?)
    }
}
