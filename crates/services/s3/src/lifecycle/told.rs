//! What answers say of rules.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{StoreExt as _, Tx};

use super::rules;
use crate::S3;
use crate::config::Kind;
use crate::model::bucket::{Bucket, Versioning};
use crate::model::expiry::{Facts, Place};
use crate::objects::read::date;
use crate::objects::row::Object;
use crate::objects::table::latest;

/// `x-amz-expiration`: when the object expires, and by which rule. `made`: its order, and when it was made.
///
/// # Errors
/// If the store fails.
pub(crate) async fn expiration(
    svc: &S3,
    (bucket, key): (&Bucket, &str),
    (order, at): (u64, UnixMillis),
    object: &Object,
) -> Result<Option<String>, AwsError> {
    if !bucket.has(Kind::Lifecycle) {
        return Ok(None);
    }
    let mut tx = svc.parts.store.read().await?;
    let Some(rules) = rules(&mut tx, bucket).await? else { return Ok(None) };
    let facts = Facts {
        key,
        size: Some(object.size),
        tags: &object.about.tags,
        class: object.about.storage_class.as_deref(),
        at,
        place: Place::Newest,
    };
    let Some((at, rule)) = rules.expiry(facts) else { return Ok(None) };
    // AWS: nothing is said of versions that aren't the newest.
    let newest = match bucket.versioning {
        Versioning::Never => true,
        _ => latest(&mut tx, bucket, key).await?.is_some_and(|latest| latest.order == order),
    };
    let text = || format!("expiry-date=\"{}\", rule-id=\"{}\"", date(at), utf8_percent_encode(rule, NON_ALPHANUMERIC));
    Ok(newest.then(text))
}

/// When an upload is given up that isn't completed, and by which rule.
///
/// # Errors
/// If the store fails.
pub(crate) async fn abort(
    tx: &mut Tx,
    (bucket, key): (&Bucket, &str),
    begun: UnixMillis,
) -> Result<Option<(UnixMillis, String)>, AwsError> {
    if !bucket.has(Kind::Lifecycle) {
        return Ok(None);
    }
    let Some(rules) = rules(tx, bucket).await? else { return Ok(None) };
    Ok(rules.abort(key, begun).map(|(at, rule)| (at, rule.to_owned())))
}
