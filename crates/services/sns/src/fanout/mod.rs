//! Handing what was published to the subscriptions.
//!
//! A publish lies in the outbox once, however many subscriptions there are. One attempt hands it to all of them, page by
//! page; what one of them can't take is split off into a delivery of its own (`retry`), so that nobody waits for anybody,
//! and what is given up goes to the subscription's dead-letter queue (`dead`). In topics that are first-in-first-out, a
//! message of a group isn't handed to a subscription before those of the group that wait for it: see `behind`.

mod behind;
mod dead;
mod page;
mod replay;
mod retry;
mod sheet;

use std::sync::{Arc, Weak};
use std::time::Duration;

use updraft_delivery::{Attempt, Delivery, Target, Verdict};
use updraft_kernel::{AwsError, BoxFuture};
use updraft_store::{StoreError, decode_row};

#[cfg(test)]
pub(crate) use self::replay::Replay;
pub(crate) use self::replay::replay_later;
pub(crate) use self::sheet::Sheet;
use crate::Sns;
use crate::model::name::SubscriptionId;
use crate::model::publication::Publication;
use crate::model::subscription::Subscription;

/// The kinds of deliveries.
pub(crate) const PUBLISH: &str = "sns.publish";
pub(crate) const RETRY: &str = "sns.retry";
pub(crate) const DEAD: &str = "sns.dead";
pub(crate) const REPLAY: &str = "sns.replay";

/// Messages for one subscription.
#[derive(Debug)]
pub(crate) struct Parcel<'a> {
    pub(crate) sheet: &'a Sheet<'a>,
    /// The UUID at the ARN's end.
    pub(crate) id: String,
    pub(crate) row: Subscription,
    /// Which of the publication's.
    pub(crate) messages: Vec<usize>,
}

impl Parcel<'_> {
    pub(crate) fn arn(&self) -> String {
        SubscriptionId { topic: self.sheet.topic.clone(), id: self.id.clone() }.arn()
    }
}

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
    service: Weak<Sns>,
    stage: Stage,
}

pub(crate) fn register(service: &Arc<Sns>) {
    for (kind, stage) in
        [(PUBLISH, Stage::Publish), (RETRY, Stage::Retry), (DEAD, Stage::Dead), (REPLAY, Stage::Replay)]
    {
        let service_of = Arc::downgrade(service);
        service.parts.outbox.register(kind, Arc::new(Carrier { service: service_of, stage }));
    }
}

impl Target for Carrier {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, attempt: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(service) = self.service.upgrade() else {
                return told(Err(AwsError::unavailable("the platform is stopping")));
            };
            self.carry(&service, delivery, attempt).await.unwrap_or_else(|why| Verdict::Fail(why.to_string()))
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
    /// # Errors
    /// If what is to be carried out can't be read.
    async fn carry(&self, service: &Sns, delivery: &Delivery, attempt: Attempt) -> Result<Verdict, StoreError> {
        let id = delivery.id.as_bytes();
        if matches!(self.stage, Stage::Replay) {
            return Ok(told(service.play_again(&decode_row(id, &delivery.payload)?).await));
        }
        let publication: Publication = decode_row(id, &delivery.payload)?;
        Ok(told(match self.stage {
            Stage::Publish => service.hand_out(&publication).await,
            Stage::Retry => service.hand_again(&publication, attempt).await,
            Stage::Dead | Stage::Replay => service.bury(&publication, delivery.failure.as_ref()).await,
        }))
    }
}

/// Whatever is broken here isn't the subscription's fault, and won't be for long.
fn told(answer: Result<Verdict, AwsError>) -> Verdict {
    answer.unwrap_or_else(|error| {
        let after = if error.is_conflict() { Duration::from_millis(50) } else { Duration::from_secs(1) };
        Verdict::Retry { reason: error.to_string(), after: Some(after) }
    })
}
