//! DynamoDB: tables, items, secondary indexes, transactions, streams.
//!
//! It must never know the wire's bytes, an engine or another service. Start reading at `model::table` for what there
//! is, `keys` for where it lies, `table::apply` for how an item changes, then any file of `ops`. Streams are another service
//! to clients (`stream_ops`), and the same one here: their records are written with the changes that they are of.

mod background;
mod errors;
mod expire;
mod keys;
mod model;
mod ops;
mod reads;
mod stream_ops;
mod streams;
mod table;

use std::collections::HashMap;
use std::sync::Arc;

use updraft_kernel::{Clock, Tasks};
use updraft_nodes::Nodes;
use updraft_store::Store;
use updraft_timers::Timers;

use crate::background::Worker;
pub use crate::streams::polled::PolledStreams;

/// The service.
#[derive(Debug)]
pub struct DynamoDb {
    store: Arc<dyn Store>,
    timers: Timers,
}

impl DynamoDb {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, timers: Timers) -> Self {
        timers.register(streams::trim::OWNER, Arc::new(streams::trim::Wakes(timers.clone())));
        timers.register(expire::OWNER, Arc::new(expire::Wakes(timers.clone())));
        Self { store, timers }
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
updraft_api_dynamodbstreams::delegate!(DynamoDb, stream_ops);
