//! Server access logs: who asked a bucket for what, as its owner wants it kept in another bucket.
//!
//! The edge tells of every request that is over ([`AccessPort`]). What is told waits in memory for a moment, since nobody
//! is to wait for a log, and is written as rows beside the bucket, if that has a log; so it survives whatever comes. Every
//! few minutes a timer makes objects of the rows. AWS promises no more: that most records arrive, some hours late.

mod acts;
mod deliver;
mod line;
mod names;
mod queue;
mod rows;
mod target;
mod unlogged;

use std::sync::{Arc, Weak};

use updraft_access::{Access, AccessPort};
use updraft_kernel::{BoxFuture, Tasks};
use updraft_timers::Settles;

pub(crate) use self::acts::{Act, BATCH_DELETE, are_kept, done};
pub(crate) use self::deliver::{begin, register};
pub(crate) use self::queue::Queue;
pub(crate) use self::unlogged::Unlogged;
use crate::S3;

impl AccessPort for S3 {
    fn wants(&self, bucket: &str) -> bool {
        !self.unlogged.has(bucket, self.parts.clock.monotonic())
    }

    fn over(&self, access: Access) {
        self.accesses.push(access);
    }
}

/// What is told has been written down.
#[derive(Debug)]
struct Written(Weak<S3>);

impl Settles for Written {
    fn settle(&self) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            match self.0.upgrade() {
                Some(service) => service.accesses.settled().await,
                None => false,
            }
        })
    }
}

impl S3 {
    /// Writes down what it is told of requests, until shutdown; then what is left.
    pub fn keep_accesses(self: &Arc<Self>, tasks: &Tasks) {
        let (service, shutdown) = (Arc::clone(self), tasks.shutdown());
        tasks.spawn("S3 access logs", async move { queue::write(&service, shutdown).await });
    }

    /// What must be done before time moves, so that what was asked before is in the logs of then.
    #[must_use]
    pub fn accesses_written(self: &Arc<Self>) -> Arc<dyn Settles> {
        Arc::new(Written(Arc::downgrade(self)))
    }
}
