//! Lifecycle rules, applied: at each midnight all that has had its time goes or moves, a portion in one transaction.
//!
//! A run is one timer of the bucket. Each time it fires it looks at a portion and says how far it came, in the transaction
//! that changes things; so a run goes on where it stopped, and no two nodes do the same.

mod apply;
mod told;
mod walk;

use serde::{Deserialize, Serialize};
use updraft_api_s3::shapes;
use updraft_api_s3::types::{BucketLifecycleConfiguration, TransitionDefaultMinimumObjectSize};
use updraft_kernel::{AccountId, AwsError, UnixMillis};
use updraft_store::Tx;

use crate::acting::SERVICE;
use crate::background::Task;
use crate::config::{self, Kind};
use crate::keys::BucketKey;
use crate::model::bucket::Bucket;
use crate::model::expiry::{Rules, midnight};
use crate::{S3, background};

pub(crate) use told::{abort, expiration};

/// Under which id the size lies that a header says, beside the rules.
pub(crate) const SIZE: &str = "TransitionDefaultMinimumObjectSize";

/// How far a bucket has been looked through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Uploads are done, and versions are looked at.
    pub(crate) uploads_done: bool,
    /// The row that was looked at last; empty: none yet.
    pub(crate) after: Vec<u8>,
    /// The key of the version that was looked at last.
    pub(crate) key: Option<String>,
    /// When that was made.
    pub(crate) at: UnixMillis,
    /// How many versions of the key before the next aren't its newest.
    pub(crate) behind: i32,
}

/// A bucket that has rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Whose {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) number: u64,
}

impl Whose {
    pub(crate) fn of(bucket: &Bucket) -> Self {
        Self { account: bucket.account.clone(), name: bucket.name.clone(), number: bucket.number }
    }
}

/// Begins at the next midnight, when the transaction commits; a run that is under way begins anew.
///
/// # Errors
/// If the store fails.
pub(crate) async fn begin(svc: &S3, tx: &mut Tx, bucket: &Bucket) -> Result<(), AwsError> {
    let task = Task::Lifecycle { whose: Whose::of(bucket), progress: Progress::default() };
    background::later(&svc.parts.timers, tx, &task, midnight(svc.parts.clock.now())).await
}

/// There is nothing to look after any more.
///
/// # Errors
/// If the store fails.
pub(crate) async fn end(svc: &S3, tx: &mut Tx, bucket: &Bucket) -> Result<(), AwsError> {
    let task = Task::Lifecycle { whose: Whose::of(bucket), progress: Progress::default() };
    background::never(&svc.parts.timers, tx, &task).await
}

/// The rules of a bucket that are enabled; `None`: it has none at all.
///
/// # Errors
/// If the store fails.
async fn rules(tx: &mut Tx, bucket: &Bucket) -> Result<Option<Rules>, AwsError> {
    let what = (Kind::Lifecycle, &shapes::BucketLifecycleConfiguration);
    let Some(found) = config::get::<BucketLifecycleConfiguration>(tx, bucket, what).await? else { return Ok(None) };
    let size = config::get_text(tx, bucket, Kind::Lifecycle, SIZE).await?;
    let small = size.as_deref() == Some(TransitionDefaultMinimumObjectSize::VariesByStorageClass.as_str());
    Ok(Some(Rules::new(found, small)))
}

/// Looks at the next portion of a bucket. When to go on and from where; `None`: there is nothing more to look after.
///
/// # Errors
/// If the store fails.
pub(crate) async fn run(
    svc: &S3,
    tx: &mut Tx,
    (whose, from): (&Whose, &Progress),
    now: UnixMillis,
) -> Result<Option<(UnixMillis, Progress)>, AwsError> {
    let Whose { account, name, number } = whose;
    let bucket = tx.row(&BucketKey { account, name }).await?.filter(|bucket| bucket.number == *number);
    let Some(bucket) = bucket else { return Ok(None) };
    let Some(rules) = rules(tx, &bucket).await? else { return Ok(None) };
    let seen = walk::look(tx, (&bucket, &rules), from, now).await?;
    let acting = apply::Acting { svc, cx: svc.acting(&bucket, SERVICE), bucket: &bucket, now, acts: Vec::new() };
    acting.apply(tx, seen.todo).await?;
    Ok(Some(seen.rest.map_or_else(|| (midnight(now), Progress::default()), |rest| (now, rest))))
}
