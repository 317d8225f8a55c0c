//! The timers of a queue that is used: set by whoever sends to it first in this process, and again now and then.

use std::sync::atomic::Ordering;
use std::time::Duration;

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Tx;

use super::desk::{Desk, LIVELY};
use super::place::Spot;
use crate::Sqs;
use crate::background::{Job, schedule};

/// AWS: how often CloudWatch is told how full a queue is.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

impl Sqs {
    /// Sets what isn't known to be set. Whether it has, so that [`Self::timers_are_set`] is told of the commit.
    pub(super) async fn set_timers(
        &self,
        tx: &mut Tx,
        spot: &Spot,
        desk: &Desk,
        now: UnixMillis,
    ) -> Result<(), AwsError> {
        let name = &spot.name;
        if !desk.tended.load(Ordering::Relaxed) {
            // One that was set before this process began is put off by an hour at most.
            let due = spot.next_tending(now, None).min(now.plus(Duration::from_secs(3600)));
            let tend = schedule(&name.account, &name.region, Job::Tend(name.name.clone()), due)?;
            self.parts.timers.schedule(tx, tend).await?;
        }
        if desk.gauged.load(Ordering::Relaxed) <= now.0 {
            let gauge = Job::Gauge { queue: name.name.clone(), until: now.plus(LIVELY) };
            let gauge = schedule(&name.account, &name.region, gauge, now.plus(MINUTE))?;
            self.parts.timers.schedule(tx, gauge).await?;
        }
        Ok(())
    }

    /// The transaction is through.
    pub(super) fn timers_are_set(desk: &Desk, now: UnixMillis) {
        desk.tended.store(true, Ordering::Relaxed);
        if desk.gauged.load(Ordering::Relaxed) <= now.0 {
            // Set again before it ends.
            desk.gauged.store(now.plus(LIVELY / 2).0, Ordering::Relaxed);
        }
    }
}
