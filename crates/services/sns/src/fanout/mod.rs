//! Handing what was published to the subscriptions.
//!
//! A publish lies in the outbox once, however many subscriptions there are. One attempt hands it to all of them, page by
//! page; what one of them can't take is split off into a delivery of its own (`retry`), so that nobody waits for anybody,
//! and what is given up goes to the subscription's dead-letter queue (`dead`). In topics that are first-in-first-out, a
//! message of a group isn't handed to a subscription before those of the group that wait for it: see `behind`.

mod behind;
mod dead;
mod page;
mod retry;
mod sheet;

use std::sync::{Arc, Weak};
use std::time::Duration;

use updraft_delivery::{Attempt, Delivery, Target, Verdict};
use updraft_kernel::{AwsError, BoxFuture};
use updraft_store::decode_row;

pub(crate) use self::sheet::Sheet;
use crate::Sns;
use crate::model::name::SubscriptionId;
use crate::model::publication::Publication;
use crate::model::subscription::Subscription;

/// The kinds of deliveries.
pub(crate) const PUBLISH: &str = "sns.publish";
pub(crate) const RETRY: &str = "sns.retry";
pub(crate) const DEAD: &str = "sns.dead";

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
}

/// Knows the service weakly, for the service owns the outbox that owns this.
#[derive(Debug)]
struct Carrier {
    service: Weak<Sns>,
    stage: Stage,
}

pub(crate) fn register(service: &Arc<Sns>) {
    for (kind, stage) in [(PUBLISH, Stage::Publish), (RETRY, Stage::Retry), (DEAD, Stage::Dead)] {
        let service_of = Arc::downgrade(service);
        service.parts.outbox.register(kind, Arc::new(Carrier { service: service_of, stage }));
    }
}

impl Target for Carrier {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, _: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(service) = self.service.upgrade() else {
                return again("the platform is stopping");
            };
            let publication = match decode_row::<Publication>(delivery.id.as_bytes(), &delivery.payload) {
                Ok(publication) => publication,
                Err(error) => return Verdict::Fail(error.to_string()),
            };
            let answer = match self.stage {
                Stage::Publish => service.hand_out(&publication).await,
                Stage::Retry => service.hand_again(&publication).await,
                Stage::Dead => service.bury(&publication, delivery.failure.as_ref()).await,
            };
            answer.unwrap_or_else(|error: AwsError| again(&error.to_string()))
        })
    }

    fn concurrency(&self) -> usize {
        match self.stage {
            Stage::Publish => 64,
            Stage::Retry | Stage::Dead => 16,
        }
    }
}

fn again(reason: &str) -> Verdict {
    Verdict::Retry { reason: reason.to_owned(), after: Some(Duration::from_secs(1)) }
}
