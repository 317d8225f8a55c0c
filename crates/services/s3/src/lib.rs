//! S3: buckets, how they are configured, and who is told of what happens in them.
//!
//! Names of buckets are global across the installation; what belongs to a bucket is found by its number, which a bucket
//! made again under the same name doesn't share. It must never know what a queue, a topic or a function does with what it
//! is told. Start reading at [`S3`], at `keys` for how everything lies, and at `model::bucket`.

mod accesses;
mod acting;
mod background;
mod codes;
mod config;
mod errors;
#[cfg(test)]
mod golden;
mod guard;
#[allow(dead_code, reason = "objects build on it")]
mod keys;
mod lifecycle;
mod model;
#[allow(dead_code, reason = "objects build on it")]
mod notify;
#[allow(dead_code, reason = "built on by what comes")]
mod objects;
mod ops;
mod public;
mod replication;
mod restores;
mod selects;
mod sharing;
mod table;
mod website;

use std::sync::Arc;

use updraft_blob::Blobs;
use updraft_delivery::Outbox;
use updraft_kernel::ports::{EventTargets, SecretsPort};
use updraft_kernel::{Clock, Rng};
use updraft_store::Store;
use updraft_timers::Timers;

pub use crate::guard::guarded;
use crate::objects::keyring::Keyring;
use crate::objects::readers::Readers;
pub use crate::sharing::Sharing;

/// What it is made of.
#[derive(Debug)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    /// Of objects and parts of uploads.
    pub blobs: Arc<dyn Blobs>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub outbox: Outbox,
    pub timers: Timers,
    /// Who can be told of what happens in buckets.
    pub targets: EventTargets,
    /// Where the keys of objects lie; in backups too, as what they encrypt.
    pub secrets: Arc<dyn SecretsPort>,
}

/// The service: its state is in the store, never here.
#[derive(Debug)]
pub struct S3 {
    parts: Parts,
    keyring: Keyring,
    readers: Readers,
    accesses: Arc<accesses::Queue>,
    unlogged: accesses::Unlogged,
}

impl S3 {
    /// Registers itself with the outbox and the timers, so: before they start.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let keyring = Keyring::new(Arc::clone(&parts.secrets), Arc::clone(&parts.rng));
        let (readers, accesses, unlogged) = Default::default();
        let service = Arc::new(Self { parts, keyring, readers, accesses, unlogged });
        background::register(&service);
        notify::register(&service);
        replication::register(&service);
        accesses::register(&service);
        service
    }
}

updraft_api_s3::delegate!(S3, ops);
