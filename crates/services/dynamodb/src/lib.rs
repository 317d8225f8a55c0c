//! DynamoDB: tables, items, secondary indexes, transactions.
//!
//! It must never know the wire's bytes, an engine or another service. Start reading at `model::table` for what there
//! is, `keys` for where it lies, `table::apply` for how an item changes, then any file of `ops`.

mod background;
mod errors;
mod keys;
mod model;
mod ops;
mod reads;
mod table;

use std::sync::Arc;

use updraft_kernel::{AwsError, Tasks};
use updraft_store::Store;

/// The service.
#[derive(Debug)]
pub struct DynamoDb {
    store: Arc<dyn Store>,
    tasks: Tasks,
}

impl DynamoDb {
    /// `tasks` run what outlives a request: emptying deleted tables, filling new indexes.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, tasks: Tasks) -> Self {
        Self { store, tasks }
    }

    /// Takes up what a stop or a crash has left undone. To be called once, after a start.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn resume(&self) -> Result<(), AwsError> {
        for job in background::unfinished(&*self.store).await? {
            background::start(&self.store, &self.tasks, job);
        }
        Ok(())
    }
}

updraft_api_dynamodb::delegate!(DynamoDb, ops);
