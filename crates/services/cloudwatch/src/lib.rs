//! CloudWatch: metrics, kept at AWS's resolutions and for as long, and read again in periods.
//!
//! It must never know who measures, and never make a service that does wait for the disk: those go through
//! [`MetricsPort`], what clients put is on the disk before they are answered. Start reading at `model::level` and
//! `model::summary` for what is kept, `keys` for where, `recorder` for how it comes there, then any file of `ops`.

mod background;
mod data;
mod errors;
#[doc(hidden)]
pub mod fuzz;
mod keys;
mod model;
mod ops;
mod recorder;
mod table;

use std::sync::Arc;

use updraft_kernel::ports::{LogBatch, MetricsPort};
use updraft_kernel::{AccountId, AwsError, Clock, Rng, RngExt, Tasks};
use updraft_store::Store;
use updraft_timers::Timers;

use crate::background::{MOVED, OWNER, Wakes};
use crate::model::embedded;
use crate::model::series::Scope;
use crate::recorder::Recorder;

/// The service.
#[derive(Debug)]
pub struct CloudWatch {
    store: Arc<dyn Store>,
    timers: Timers,
    recorder: Arc<Recorder>,
    /// Whose rows this process adds to.
    shard: u8,
}

impl CloudWatch {
    /// Registers itself with the timers, so: before they start.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, timers: &Timers, rng: &dyn Rng) -> Arc<Self> {
        let shard = u8::try_from(rng.below(MOVED.into())).unwrap_or(0);
        timers.register(OWNER, Arc::new(Wakes { timers: timers.clone() }));
        let recorder = Arc::new(Recorder::new(Arc::clone(&store), timers.clone(), shard));
        Arc::new(Self { store, timers: timers.clone(), recorder, shard })
    }

    /// Writes what services measure, until shutdown and what is left then. To be called once.
    pub fn start(&self, clock: Arc<dyn Clock>, tasks: &Tasks) {
        tasks.spawn("metrics writer", Arc::clone(&self.recorder).work(clock, tasks.shutdown()));
    }

    /// Where services tell what they measure.
    #[must_use]
    pub fn port(&self) -> Arc<dyn MetricsPort> {
        Arc::clone(&self.recorder) as Arc<dyn MetricsPort>
    }

    /// Takes the metrics that lines are said to hold, in CloudWatch's embedded metric format: as soon, and as safe, as
    /// what services measure.
    pub fn look_through(&self, batch: &LogBatch) {
        let samples: Vec<_> = batch.lines.iter().flat_map(|line| embedded::samples(&batch.group, line)).collect();
        if !samples.is_empty() {
            let scope = Scope { account: batch.account.clone(), region: batch.region.clone() };
            self.recorder.add(&scope, samples);
        }
    }

    /// Forgets what isn't written yet, of an account or of all: what is there is deleted by whoever calls.
    pub fn forget(&self, account: Option<&AccountId>) {
        self.recorder.forget(account);
    }

    /// What this process was told so far is read too.
    async fn settled(&self) -> Result<(), AwsError> {
        Ok(self.recorder.flush().await?)
    }
}

updraft_api_cloudwatch::delegate!(CloudWatch, ops);
