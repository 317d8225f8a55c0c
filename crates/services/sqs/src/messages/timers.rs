//! The timers of a queue that is used: set by whoever sends to it first in this process, and again now and then.

use std::time::Duration;

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Tx;

use super::desk::LIVELY;
use super::place::Spot;
use crate::Sqs;
use crate::background::{Job, schedule};

/// AWS: how often CloudWatch is told how full a queue is.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
/// AWS goes on to tell of a queue for six hours after it was used. Here it is this long if there is something in it.
pub(crate) const LONGER: Duration = Duration::from_secs(55 * 60);

/// One that was set before this process began is put off by so much at most.
const PUT_OFF: Duration = Duration::from_secs(3600);

impl Sqs {
    /// Sets what isn't known to be set; whether anything was, which is to be remembered once the transaction is through.
    pub(super) async fn set_timers(&self, tx: &mut Tx, spot: &Spot, now: UnixMillis) -> Result<bool, AwsError> {
        let (name, known) = (&spot.name, self.desks.timers(spot.rows.number));
        if known.is_none() {
            let due = spot.next_tending(now, None).min(now.plus(PUT_OFF));
            let tend = schedule(&name.account, &name.region, Job::Tend(name.name.clone()), due)?;
            self.parts.timers.schedule(tx, tend).await?;
        }
        if known.is_some_and(|until| now < until) {
            return Ok(false);
        }
        let gauge = Job::Gauge { queue: name.name.clone(), until: now.plus(LIVELY) };
        let gauge = schedule(&name.account, &name.region, gauge, now.plus(MINUTE))?;
        self.parts.timers.schedule(tx, gauge).await?;
        Ok(true)
    }
}
