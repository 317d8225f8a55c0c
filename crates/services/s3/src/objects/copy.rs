//! Bytes of objects as the source of others.

use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use super::about::Source;
use super::checksum::Algorithm;
use super::conditions::OfRead;
use super::encryption::{CustomerKey, Opener, Seal, check};
use super::errors::no_such_key;
use super::range::Span;
use super::read::shown_id;
use super::receive::{Claimed, Claims, Keep, Received, receive};
use super::row::Object;
use super::send::send;
use super::table as versions;
use super::{archive, aside};
use crate::errors::invalid_request;
use crate::keys::{Numbered, ObjectVersionKey};
use crate::model::bucket::Bucket;
use crate::{S3, table};

/// The object that is copied.
#[derive(Debug)]
pub(crate) struct Copied {
    bucket: Bucket,
    order: u64,
    customer: Option<CustomerKey>,
    pub(crate) object: Object,
    /// As answers have it.
    pub(crate) version_id: Option<String>,
}

/// # Errors
/// If it isn't there, or a condition doesn't hold.
pub(crate) async fn find(
    cx: &Ctx,
    tx: &mut Tx,
    (source, owner): (&Source, Option<&str>),
    conditions: OfRead<'_>,
    customer: Option<CustomerKey>,
) -> Result<Copied, AwsError> {
    let bucket = table::bucket_of_anybody(tx, &source.bucket, owner).await?;
    let found = versions::find(tx, &bucket, &source.key, source.version.as_deref()).await?;
    let found = found.ok_or_else(|| no_such_key(&source.key))?;
    let version_id = shown_id(&bucket, &found);
    let (order, at) = (found.order, found.version.at);
    let Some(object) = found.version.object else {
        return Err(match source.version {
            None => no_such_key(&source.key),
            Some(_) => invalid_request(
                "The source of a copy request may not specifically refer to a delete marker by version id.",
            ),
        });
    };
    check(object.encryption, customer.as_ref())?;
    conditions.check_source(&object, (at, cx.now()))?;
    archive::readable(&aside::of(tx, &bucket, (&source.key, order)).await?, &object, cx.now())?;
    Ok(Copied { bucket, order, customer, object, version_id })
}

/// Reads the span and keeps it anew: neither is held as a whole.
///
/// # Errors
/// If it can't be read or kept.
pub(crate) async fn copy(
    svc: &S3,
    tx: &mut Tx,
    (source, from): (&Source, &Copied),
    span: Span,
    (algorithm, keep, seal): (Option<Algorithm>, Keep, Seal),
) -> Result<Received, AwsError> {
    let at = ObjectVersionKey { bucket: Numbered::of(&from.bucket), key: &source.key, version: from.order };
    let opener = Opener::of(svc, from.object.encryption, from.customer.as_ref()).await?;
    let body = send(svc, tx, (at, &from.object), span, opener).await?;
    let checksum = algorithm.map(|algorithm| Claimed { algorithm, value: None, in_trailer: false });
    receive(svc, &body, Claims { checksum, ..Claims::default() }, (keep, seal)).await
}
