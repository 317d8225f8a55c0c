//! What has a record though it is no request: the single keys of a request for many, and what rules did.
//!
//! Their records are written in the transaction that does it, so they are there if and only if it was done.

use std::time::Duration;

use updraft_access::{Access, AccessSignature};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use super::rows;
use crate::S3;
use crate::config::Kind;
use crate::model::bucket::Bucket;

/// Deleted by `DeleteObjects`.
pub(crate) const BATCH_DELETE: &str = "BATCH.DELETE.OBJECT";

/// One of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Act {
    /// As records call it.
    pub(crate) operation: &'static str,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
    pub(crate) size: Option<u64>,
    /// 0: it has none.
    pub(crate) status: u16,
    pub(crate) error: Option<&'static str>,
}

/// Whether there are records of what is done with the bucket.
pub(crate) fn are_kept(bucket: &Bucket) -> bool {
    bucket.has(Kind::Logging)
}

/// All of one transaction: written down if that commits, and if the bucket has a log. `cx`: of whoever does it.
///
/// # Errors
/// If the store fails.
pub(crate) async fn done(svc: &S3, cx: &Ctx, (tx, bucket): (&mut Tx, &Bucket), acts: Vec<Act>) -> Result<(), AwsError> {
    if acts.is_empty() || !are_kept(bucket) {
        return Ok(());
    }
    let accesses: Vec<Access> = acts.into_iter().map(|act| access(cx, bucket, act)).collect();
    rows::write(svc, tx, bucket, (&accesses, rows::Of::Acts)).await
}

fn access(cx: &Ctx, bucket: &Bucket, act: Act) -> Access {
    let Act { operation, key, version, size, status, error } = act;
    let signed = cx.via.as_ref().and_then(|via| via.signed);
    let host = cx.endpoint.split_once("://").map(|(_, host)| host.to_owned());
    Access {
        bucket: bucket.name.clone(),
        key: Some(key),
        request_id: cx.request_id.as_str().to_owned(),
        operation,
        method: String::new(),
        target: String::new(),
        host: host.filter(|_| cx.via.is_some()),
        referer: None,
        user_agent: None,
        copied_from: None,
        at: cx.now(),
        source_ip: cx.source_ip,
        requester: Some((*cx.identity).clone()),
        signed: signed.map(|by| AccessSignature { version: 4, by }),
        status,
        error: error.map(Into::into),
        sent: 0,
        size,
        version_id: version,
        took: Duration::ZERO,
        turned: Duration::ZERO,
    }
}
