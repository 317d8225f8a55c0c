//! Where records go, if that lets them in.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{AccessControlPolicy, Grant, LoggingEnabled, Permission};
use updraft_kernel::{AwsError, Identity};
use updraft_policy::{Context, Facts, Policy, Request, Spoken, Who};
use updraft_store::Tx;

use crate::config::{self, Kind};
use crate::model::acl::LOG_DELIVERY;
use crate::model::bucket::Bucket;
use crate::objects::encryption::By;
use crate::{S3, table};

/// Who delivers.
pub(super) const SERVICE: &str = "logging.s3.amazonaws.com";

/// The bucket, or why there is no delivering to it.
///
/// # Errors
/// If the store fails.
pub(super) async fn of(
    svc: &S3,
    tx: &mut Tx,
    source: &Bucket,
    logging: &LoggingEnabled,
) -> Result<Result<Bucket, &'static str>, AwsError> {
    let Some(target) = table::named(tx, &logging.target_bucket).await? else {
        return Ok(Err("there is no such bucket"));
    };
    if target.account != source.account {
        return Ok(Err("it is another account's"));
    }
    if By::chosen(tx, &target, None).await.is_err() {
        return Ok(Err("it is to be encrypted by what isn't here"));
    }
    let resource = format!("{}/{}", target.arn(), logging.target_prefix);
    let said = policy(svc, tx, source, (&target, &resource)).await?;
    let granted = !target.owner_enforced() && is_granted(tx, &target).await?;
    Ok(match said {
        Spoken::Deny => Err("its policy denies it"),
        Spoken::Allow => Ok(target),
        Spoken::Nothing if granted => Ok(target),
        Spoken::Nothing => Err("neither its policy nor its ACL allows it"),
    })
}

/// What the target's policy says to the service that delivers.
async fn policy(
    svc: &S3,
    tx: &mut Tx,
    source: &Bucket,
    (target, resource): (&Bucket, &str),
) -> Result<Spoken, AwsError> {
    let text = config::get_text(tx, target, Kind::Policy, "").await?;
    let Some(Ok(policy)) = text.as_deref().map(Policy::parse) else { return Ok(Spoken::Nothing) };
    let identity = Identity::service(source.account.clone(), SERVICE);
    let facts = Facts::within(&identity, &target.region, svc.parts.clock.now());
    let mut context = Context::of(facts);
    context.put("aws:SourceArn", source.arn().to_string());
    context.put("aws:SourceAccount", source.account.as_str());
    let who = Who { identity: &identity, partition: target.region.partition(), canonical: None };
    Ok(policy.evaluate(Request { who, action: "s3:PutObject", resource, context: &context }).into())
}

/// Whether the ACL lets the group in that delivers.
async fn is_granted(tx: &mut Tx, target: &Bucket) -> Result<bool, AwsError> {
    let acl: Option<AccessControlPolicy> = config::get(tx, target, (Kind::Acl, &shapes::AccessControlPolicy)).await?;
    Ok(acl.and_then(|acl| acl.grants).unwrap_or_default().iter().any(lets_write))
}

fn lets_write(grant: &Grant) -> bool {
    let group = grant.grantee.as_ref().and_then(|grantee| grantee.uri.as_deref()) == Some(LOG_DELIVERY);
    group && matches!(grant.permission, Some(Permission::Write | Permission::FullControl))
}
