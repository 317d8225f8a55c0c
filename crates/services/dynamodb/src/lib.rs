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

use std::collections::HashMap;
use std::sync::Arc;

use updraft_kernel::{Clock, Tasks};
use updraft_nodes::Nodes;
use updraft_store::Store;

use crate::background::Worker;

/// The service.
#[derive(Debug)]
pub struct DynamoDb {
    store: Arc<dyn Store>,
}

impl DynamoDb {
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Does what outlives a request, on one of the nodes: emptying deleted tables, filling new indexes; what a stop or
    /// a crash has left undone first. To be called once.
    pub fn start(&self, clock: Arc<dyn Clock>, nodes: &Nodes, tasks: &Tasks) {
        let (store, lease) = (Arc::clone(&self.store), nodes.lease("dynamodb/jobs"));
        let worker = Worker { store, clock, lease, cursors: HashMap::new() };
        tasks.spawn("dynamodb jobs", worker.run(tasks.shutdown()));
    }
}

updraft_api_dynamodb::delegate!(DynamoDb, ops);
