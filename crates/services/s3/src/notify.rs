//! Telling others of what happens to objects, in the transaction in which it does.

use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use crate::S3;
use crate::config::Kind;
use crate::model::bucket::Bucket;

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
    _svc: &S3,
    _cx: &Ctx,
    _tx: &mut Tx,
    bucket: &Bucket,
    _change: &Change<'_>,
) -> Result<(), AwsError> {
    if !bucket.has(Kind::Notification) {
        return Ok(());
    }
    Err(AwsError::internal("a bucket has notifications, which can't be configured yet"))
}
