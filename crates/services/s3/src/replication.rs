//! Replication: versions are copied into other buckets, with their ids.
//!
//! What changes is written into the outbox by the transaction that changes it, one delivery for each bucket that it goes
//! to; [`carry`] copies. A replica's row, and that the source says `COMPLETED`, are one transaction. Replicas aren't
//! replicated on, so there are no loops.

mod carry;
mod place;

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_api_s3::shapes;
use updraft_api_s3::types::ReplicationConfiguration;
use updraft_delivery::{Attempt, Backoff, DeadLetter, Delivery, RetryPolicy, Target, Verdict};
use updraft_kernel::{AccountId, AwsError, BoxFuture, Ctx, RngExt as _};
use updraft_store::{Row, Tx, decode_row, encode_row};

use crate::S3;
use crate::config::{self, Kind};
use crate::model::bucket::{Bucket, Versioning};
use crate::model::replication::{Facts, destinations};
use crate::objects::aside::{self, Replication, State, Way};
use crate::objects::row::Version;

/// The kinds of deliveries: of what is copied, and of what could not be.
const KIND: &str = "s3.replication";
const FAILED: &str = "s3.replication-failed";

/// A version, and where it is to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Errand {
    /// Whose the bucket is, what it is called, and its number.
    pub(crate) account: AccountId,
    pub(crate) bucket: String,
    pub(crate) number: u64,
    pub(crate) key: String,
    pub(crate) order: u64,
    /// A bucket's name.
    pub(crate) to: String,
    /// What replicas are to have; `None`: the version's own.
    pub(crate) class: Option<String>,
}

impl Row for Errand {
    const VERSION: u8 = 1;
}

/// To be called for every version that comes, and when its tags change, in the transaction that does it.
///
/// # Errors
/// If the store fails.
pub(crate) async fn changed(
    svc: &S3,
    cx: &Ctx,
    (tx, bucket): (&mut Tx, &Bucket),
    (key, order, version): (&str, u64, &Version),
) -> Result<(), AwsError> {
    if !bucket.has(Kind::Replication) || bucket.versioning != Versioning::Enabled {
        return Ok(());
    }
    let what = (Kind::Replication, &shapes::ReplicationConfiguration);
    let Some(rules) = config::get::<ReplicationConfiguration>(tx, bucket, what).await? else { return Ok(()) };
    let tags = version.object.as_ref().map(|object| object.about.tags.as_slice());
    let mut known = aside::of(tx, bucket, (key, order)).await?;
    let goes = destinations(&rules, Facts { key, tags });
    if goes.is_empty() || known.replication == Some(Replication::Replica) {
        return Ok(());
    }
    let ways = goes.iter().map(|one| Way { to: one.bucket.clone(), state: State::Pending }).collect();
    known.replication = Some(Replication::To(ways));
    aside::put(tx, bucket, (key, order), &known).await?;
    for one in goes {
        let errand = Errand {
            account: bucket.account.clone(),
            bucket: bucket.name.clone(),
            number: bucket.number,
            key: key.to_owned(),
            order,
            to: one.bucket,
            class: one.class,
        };
        svc.parts.outbox.enqueue(tx, delivery(cx, &errand)?).await?;
    }
    Ok(())
}

/// What is said of one key arrives in its order.
fn delivery(cx: &Ctx, errand: &Errand) -> Result<Delivery, AwsError> {
    let target = format!("{}/{}", errand.bucket, errand.to);
    Ok(Delivery {
        id: format!("{KIND}/{}", cx.rng.uuid()),
        kind: KIND.to_owned(),
        target: target.clone(),
        ordering_key: Some(errand.key.clone()),
        payload: encode_row(errand)?.to_vec(),
        policy: policy(),
        dead_letter: Some(DeadLetter { kind: FAILED.to_owned(), target }),
        failure: None,
        dedup_for: None,
    })
}

/// AWS says of most that they take 15 minutes, and of none how long it tries; a day is what it is for others.
fn policy() -> RetryPolicy {
    let backoff =
        Backoff::Exponential { min: Duration::from_secs(1), max: Duration::from_secs(300), jitter_percent: 25 };
    RetryPolicy { max_attempts: u32::MAX, max_age: Duration::from_secs(24 * 3600), backoff }
}

/// Who carries errands out. Knows the service weakly, for the service owns the outbox that owns this.
#[derive(Debug)]
struct Errands {
    service: Weak<S3>,
    /// They could not be, and that is all that is left to say.
    failed: bool,
}

pub(crate) fn register(service: &Arc<S3>) {
    for (kind, failed) in [(KIND, false), (FAILED, true)] {
        let errands = Errands { service: Arc::downgrade(service), failed };
        service.parts.outbox.register(kind, Arc::new(errands));
    }
}

impl Target for Errands {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, _: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(service) = self.service.upgrade() else { return later("the platform is stopping".to_owned()) };
            let errand = match decode_row::<Errand>(delivery.id.as_bytes(), &delivery.payload) {
                Ok(errand) => errand,
                Err(error) => return Verdict::Fail(error.to_string()),
            };
            let done = match self.failed {
                true => carry::give_up(&service, &errand).await,
                false => carry::carry(&service, &errand).await,
            };
            match done {
                Ok(()) => Verdict::Done,
                Err(error) if error.is_conflict() || matches!(error.code().status, 429 | 500..) => {
                    later(error.to_string())
                }
                Err(error) => {
                    tracing::warn!(bucket = errand.bucket, to = errand.to, source = ?error, "not replicated");
                    Verdict::Fail(error.to_string())
                }
            }
        })
    }

    /// Large objects take their time.
    fn patience(&self) -> Duration {
        Duration::from_secs(6 * 3600)
    }
}

fn later(reason: String) -> Verdict {
    Verdict::Retry { reason, after: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::golden;

    #[test]
    fn golden_errands() {
        let errand = Errand {
            account: AccountId::local(),
            bucket: "b".into(),
            number: 300,
            key: "k".into(),
            order: 7,
            to: "c".into(),
            class: Some("s".into()),
        };
        golden(&errand, r"\x01\x0c000000000000\x01b\xac\x02\x01k\x07\x01c\x01\x01s");
    }
}
