//! What everybody may do with a bucket, whoever they are.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{AccessControlPolicy, Permission, PublicAccessBlockConfiguration};
use updraft_kernel::{AwsError, Ctx};
use updraft_policy::{Context, Facts, Policy, Request, Verdict, Who};
use updraft_store::Tx;

use crate::config::{self, Kind};
use crate::model::acl::EVERYBODY;
use crate::model::bucket::Bucket;

/// Somebody who didn't say who they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker<'a> {
    pub(crate) cx: &'a Ctx,
    pub(crate) user_agent: Option<&'a str>,
    pub(crate) referer: Option<&'a str>,
}

/// Whether the bucket's policy or its list of grants lets them. `key`: of an object; `None`: the bucket.
///
/// # Errors
/// If the store fails.
pub(crate) async fn may(
    asker: Asker<'_>,
    (tx, bucket): (&mut Tx, &Bucket),
    action: &str,
    key: Option<&str>,
) -> Result<bool, AwsError> {
    let what = (Kind::PublicAccessBlock, &shapes::PublicAccessBlockConfiguration);
    let block = config::get::<PublicAccessBlockConfiguration>(tx, bucket, what).await?.unwrap_or_default();
    if block.restrict_public_buckets == Some(true) {
        return Ok(false);
    }
    let policy = config::get_text(tx, bucket, Kind::Policy, "").await?;
    let policy = policy.and_then(|text| Policy::parse(&text).ok());
    let resource = key.map_or_else(|| bucket.arn().to_string(), |key| format!("{}/{key}", bucket.arn()));
    let partition = bucket.region.partition();
    let who = Who { identity: &asker.cx.identity, partition, canonical: None };
    let context = context(asker, bucket);
    let request = Request { who, action, resource: &resource, context: &context };
    match policy.as_ref().map_or(Verdict::Nothing, |policy| policy.evaluate(request)) {
        Verdict::Allow(_) => Ok(true),
        Verdict::Deny(_) => Ok(false),
        Verdict::Nothing => {
            let counts = !bucket.owner_enforced() && block.ignore_public_acls != Some(true);
            Ok(counts && action == "s3:ListBucket" && is_listed(tx, bucket).await?)
        }
    }
}

fn context(asker: Asker<'_>, bucket: &Bucket) -> Context {
    Context::of(Facts {
        identity: &asker.cx.identity,
        region: &bucket.region,
        now: asker.cx.now(),
        source_ip: asker.cx.source_ip,
        secure: false,
        user_agent: asker.user_agent,
        referer: asker.referer,
    })
}

/// Whether the bucket's grants let everybody list it.
async fn is_listed(tx: &mut Tx, bucket: &Bucket) -> Result<bool, AwsError> {
    let what = (Kind::Acl, &shapes::AccessControlPolicy);
    let acl = config::get::<AccessControlPolicy>(tx, bucket, what).await?;
    let grants = acl.and_then(|acl| acl.grants).unwrap_or_default();
    Ok(grants.iter().any(|grant| {
        let everybody = grant.grantee.as_ref().is_some_and(|grantee| grantee.uri.as_deref() == Some(EVERYBODY));
        everybody && matches!(grant.permission, Some(Permission::Read | Permission::FullControl))
    }))
}
