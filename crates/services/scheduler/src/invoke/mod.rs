//! Calling what schedules are for: each occurrence is a delivery of the outbox, tried again as its target says, and given up
//! to the target's queue for dead letters.

mod call;
mod dead;
mod input;

use std::sync::{Arc, Weak};
use std::time::Duration;

use updraft_delivery::{Attempt, Backoff, DeadLetter, Delivery, RetryPolicy, Target as Deliverer, Verdict};
use updraft_kernel::error::code;
use updraft_kernel::{AwsError, BoxFuture, RngExt, UnixMillis};
use updraft_store::{Tx, decode_row, encode_row};

use crate::model::name::ScheduleId;
use crate::model::occasion::Occasion;
use crate::model::schedule::Schedule;
use crate::model::target;
use crate::{Scheduler, measure};

/// The kinds of deliveries.
const INVOKE: &str = "scheduler.invoke";
const DEAD: &str = "scheduler.dead";

#[derive(Clone, Copy, Debug)]
enum Stage {
    Invoke,
    Dead,
}

/// Knows the service weakly, for the service owns the outbox that owns this.
#[derive(Debug)]
struct Carrier {
    service: Weak<Scheduler>,
    stage: Stage,
}

pub(crate) fn register(service: &Arc<Scheduler>) {
    for (kind, stage) in [(INVOKE, Stage::Invoke), (DEAD, Stage::Dead)] {
        service.parts.outbox.register(kind, Arc::new(Carrier { service: Arc::downgrade(service), stage }));
    }
}

/// Called when, and only when, `tx` commits.
pub(crate) async fn enqueue(
    svc: &Scheduler,
    tx: &mut Tx,
    id: &ScheduleId,
    schedule: &Schedule,
    scheduled: UnixMillis,
) -> Result<(), AwsError> {
    let occasion = Occasion {
        account: id.group.account.clone(),
        region: id.group.region.clone(),
        group: id.group.name.clone(),
        name: id.name.clone(),
        scheduled,
        id: svc.parts.rng.uuid(),
        execution: format!("{:016x}", svc.parts.rng.u64()),
        target: schedule.settings.target.clone(),
    };
    let called = target::read(&occasion.target)?;
    let (max_attempts, seconds) = target::patience(&called);
    let backoff =
        Backoff::Exponential { min: Duration::from_secs(1), max: Duration::from_secs(600), jitter_percent: 25 };
    // What is given up is counted, whether or not a queue wants it.
    let dead_letter = DeadLetter { kind: DEAD.to_owned(), target: called.arn.clone() };
    let delivery = Delivery {
        id: format!("scheduler/{:016x}/{}", schedule.number, scheduled.0),
        kind: INVOKE.to_owned(),
        target: called.arn,
        ordering_key: None,
        payload: encode_row(&occasion)?.to_vec(),
        policy: RetryPolicy { max_attempts, max_age: Duration::from_secs(seconds), backoff },
        dead_letter: Some(dead_letter),
        failure: None,
        dedup_for: None,
    };
    svc.parts.outbox.enqueue(tx, delivery).await?;
    Ok(())
}

impl Deliverer for Carrier {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, attempt: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(service) = self.service.upgrade() else {
                return Verdict::Retry { reason: "the platform is stopping".to_owned(), after: None };
            };
            let occasion: Occasion = match decode_row(delivery.id.as_bytes(), &delivery.payload) {
                Ok(occasion) => occasion,
                Err(why) => return Verdict::Fail(why.to_string()),
            };
            match self.stage {
                Stage::Invoke => service.invoke(&occasion, attempt).await,
                Stage::Dead => service.bury(&occasion, delivery.failure.as_ref()).await,
            }
        })
    }
}

impl Scheduler {
    async fn invoke(&self, occasion: &Occasion, attempt: Attempt) -> Verdict {
        let answer = self.call(occasion, attempt.number).await;
        measure::attempted(self, occasion, answer.as_ref().err());
        match answer {
            Ok(()) => Verdict::Done,
            Err(error) if may_go_well_later(&error) => Verdict::Retry { reason: error.to_string(), after: None },
            Err(error) => Verdict::Fail(error.to_string()),
        }
    }
}

fn may_go_well_later(error: &AwsError) -> bool {
    let status = error.code().status;
    (status == 429 || status >= 500) && error.code().name != code::NOT_IMPLEMENTED.name
}
