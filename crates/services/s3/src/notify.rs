//! Telling others of what happens to objects, in the transaction in which it does.
//!
//! A change is one row of the outbox for each destination that is to know of it, written by whoever makes the change.
//! What it says is composed then and there; `letters` carries it out.

mod event;
mod letters;
#[cfg(test)]
mod tests;

use updraft_api_s3::shapes;
use updraft_api_s3::types::NotificationConfiguration;
use updraft_kernel::{Arn, AwsError, Ctx};
use updraft_store::Tx;

use crate::S3;
use crate::config::{self, Kind};
use crate::model::bucket::Bucket;
use crate::model::notification::{Destination, Wish, wishes};

#[cfg(test)]
pub(crate) use letters::Letter;
pub(crate) use letters::register;

/// What happened to an object, as notifications call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    CreatedPut,
    CreatedPost,
    CreatedCopy,
    CreatedCompleteMultipartUpload,
    RemovedDelete,
    RemovedDeleteMarkerCreated,
    TaggingPut,
    TaggingDelete,
    AclPut,
    ExpiredDelete,
    ExpiredDeleteMarkerCreated,
    Transitioned,
    RestorePost,
    RestoreCompleted,
    RestoreDelete,
}

/// A change of one object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    pub(crate) what: Happening,
    /// As clients know it: not encoded.
    pub(crate) key: &'a str,
    /// Where the bucket is versioned.
    pub(crate) version: Option<&'a str>,
    /// Of what was created; `None` where there is nothing any more.
    pub(crate) size: Option<u64>,
    /// Without quotes.
    pub(crate) etag: Option<&'a str>,
    /// Grows with each change of the same key.
    pub(crate) sequencer: u64,
}

/// To be called for every change, in the transaction that makes it: who is told, is told if and only if it commits.
/// `cx` is the request's; who asked, from where and under which id is taken from it.
///
/// # Errors
/// If the store fails.
pub(crate) async fn happened(
    svc: &S3,
    cx: &Ctx,
    tx: &mut Tx,
    bucket: &Bucket,
    change: &Change<'_>,
) -> Result<(), AwsError> {
    let what = (Kind::Notification, &shapes::NotificationConfiguration);
    let Some(told) = config::get::<NotificationConfiguration>(tx, bucket, what).await? else { return Ok(()) };
    for wish in wishes(&told).filter(|wish| wish.wants(change.what.name(), change.key)) {
        let body = event::records(cx, bucket, wish.id.unwrap_or_default(), change)?;
        letters::enqueue(svc, cx, tx, (bucket, wish.arn, None), body).await?;
    }
    if let Some(detail_type) = change.what.detail_type().filter(|_| told.event_bridge_configuration.is_some()) {
        let bus = Arn::new("events", &bucket.region, &bucket.account, "event-bus/default").to_string();
        let body = event::detail(cx, bucket, change)?;
        letters::enqueue(svc, cx, tx, (bucket, &bus, Some(detail_type)), body).await?;
    }
    Ok(())
}

/// Tells a queue or a topic that it will be told.
///
/// # Errors
/// If the store fails.
pub(crate) async fn begins(
    svc: &S3,
    cx: &Ctx,
    tx: &mut Tx,
    (bucket, wish): (&Bucket, &Wish<'_>),
) -> Result<(), AwsError> {
    // AWS: functions aren't tried.
    if wish.destination == Destination::Function {
        return Ok(());
    }
    letters::enqueue(svc, cx, tx, (bucket, wish.arn, None), event::test(cx, bucket)?).await
}
