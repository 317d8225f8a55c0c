//! Handing events to the targets of the rules that they match.
//!
//! A `PutEvents` lies in the outbox once for each bus. One attempt hands its events to everybody; what a target can't take
//! is split off into a delivery of its own (`retry`), so that nobody waits for anybody, and what is given up goes to the
//! target's dead-letter queue (`dead`).

mod dead;
mod hand_out;
mod replay;
mod retry;

use std::sync::{Arc, Weak};
use std::time::Duration;

use updraft_delivery::{Attempt, Backoff, Delivery, RetryPolicy, Target, Verdict};
use updraft_kernel::{AwsError, BoxFuture};
use updraft_store::{StoreError, decode_row, encode_row, run};

pub(crate) use self::replay::step;
use crate::EventBridge;
use crate::model::event::id_of;
use crate::model::publication::Publication;

/// The kinds of deliveries.
const PUBLISH: &str = "events.publish";
const RETRY: &str = "events.retry";
const DEAD: &str = "events.dead";
const REPLAY: &str = "events.replay";

#[derive(Clone, Copy, Debug)]
enum Stage {
    Publish,
    Retry,
    Dead,
    Replay,
}

/// Knows the service weakly, for the service owns the outbox that owns this.
#[derive(Debug)]
struct Carrier {
    service: Weak<EventBridge>,
    stage: Stage,
}

pub(crate) fn register(service: &Arc<EventBridge>) {
    let stages = [Stage::Publish, Stage::Retry, Stage::Dead, Stage::Replay];
    for (kind, stage) in [PUBLISH, RETRY, DEAD, REPLAY].into_iter().zip(stages) {
        let service_of = Arc::downgrade(service);
        service.parts.outbox.register(kind, Arc::new(Carrier { service: service_of, stage }));
    }
}

/// Of events, for one bus.
///
/// # Errors
/// If they can't be encoded.
pub(crate) fn delivery(publication: &Publication) -> Result<Delivery, AwsError> {
    let bus = publication.bus_id().arn().to_string();
    let first = publication.events.first();
    let (event, replay) =
        first.map_or(("", ""), |event| (event.id.as_str(), event.replay.as_deref().unwrap_or_default()));
    Ok(Delivery {
        id: format!("events/{}", id_of(event, &format!("{bus}/{replay}"))),
        kind: PUBLISH.to_owned(),
        target: bus,
        ordering_key: None,
        payload: encode_row(publication)?.to_vec(),
        policy: until_done(Duration::from_millis(100), Duration::from_secs(30)),
        dead_letter: None,
        failure: None,
        dedup_for: None,
    })
}

/// When it is enough isn't the outbox's to say.
fn until_done(min: Duration, max: Duration) -> RetryPolicy {
    let backoff = Backoff::Exponential { min, max, jitter_percent: 25 };
    RetryPolicy { max_attempts: u32::MAX, max_age: Duration::MAX, backoff }
}

impl EventBridge {
    /// By itself. One that is there already, or was delivered lately, isn't put in again.
    pub(crate) async fn enqueue(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let outbox = &self.parts.outbox;
        run(&*self.parts.store, |mut tx| async move {
            outbox.enqueue(&mut tx, delivery.clone()).await?;
            tx.commit().await.map(drop)
        })
        .await
    }
}

impl Target for Carrier {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, attempt: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(service) = self.service.upgrade() else {
                return told(Err(AwsError::unavailable("the platform is stopping")));
            };
            told(self.carry(&service, delivery, attempt).await)
        })
    }

    fn concurrency(&self) -> usize {
        match self.stage {
            Stage::Publish => 64,
            Stage::Retry | Stage::Dead | Stage::Replay => 16,
        }
    }
}

impl Carrier {
    async fn carry(&self, service: &EventBridge, delivery: &Delivery, attempt: Attempt) -> Result<Verdict, AwsError> {
        let (id, payload) = (delivery.id.as_bytes(), &delivery.payload);
        match self.stage {
            Stage::Publish => match decode_row::<Publication>(id, payload) {
                Ok(publication) => service.hand_out(&publication).await,
                Err(error) => Ok(Verdict::Fail(error.to_string())),
            },
            Stage::Replay => match decode_row(id, payload) {
                Ok(step) => service.play_again(&step).await,
                Err(error) => Ok(Verdict::Fail(error.to_string())),
            },
            Stage::Retry | Stage::Dead => match decode_row(id, payload) {
                Ok(parcel) if matches!(self.stage, Stage::Retry) => service.hand_again(&parcel, attempt).await,
                Ok(parcel) => service.bury(&parcel).await,
                Err(error) => Ok(Verdict::Fail(error.to_string())),
            },
        }
    }
}

/// Whatever is broken here isn't the target's fault, and won't be for long.
fn told(answer: Result<Verdict, AwsError>) -> Verdict {
    answer.unwrap_or_else(|error| {
        let after = if error.is_conflict() { Duration::from_millis(50) } else { Duration::from_secs(1) };
        Verdict::Retry { reason: error.to_string(), after: Some(after) }
    })
}
