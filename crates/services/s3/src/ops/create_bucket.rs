//! `CreateBucket`: gives a name to a bucket, which nobody else in the installation can have then.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    AccessControlPolicy, BucketCannedACL, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, Grant,
    PublicAccessBlockConfiguration, Tagging,
};
use updraft_kernel::{AwsError, Ctx, Region, RngExt};
use updraft_store::StoreExt;

use crate::config::{self, Kind};
use crate::errors::{
    acl_against_ownership, already_exists, already_owned_by_you, illegal_location, invalid_argument,
    invalid_bucket_name, invalid_location, public_acl_blocked, wrong_region,
};
use crate::model::acl::{self, Whose};
use crate::model::bucket::{Bucket, Ownership, Versioning};
use crate::model::name::is_legal;
use crate::model::owner::canonical_id;
use crate::model::tags::{self, BUCKET_MOST};
use crate::objects::acl::acl_of;
use crate::{S3, table};

pub(crate) async fn create_bucket(
    svc: &S3,
    cx: &Ctx,
    input: CreateBucketInput,
) -> Result<CreateBucketOutput, AwsError> {
    if !is_legal(&input.bucket) {
        return Err(invalid_bucket_name(&input.bucket));
    }
    let ownership = ownership(&input)?;
    let grants = granted(&input, &canonical_id(&cx.account))?;
    let configuration = input.create_bucket_configuration.unwrap_or_default();
    let constraint = configuration.location_constraint.filter(|given| !given.as_str().is_empty());
    let region = region_of(&cx.region, constraint.as_ref())?;
    let tags = configuration.tags.filter(|tags| !tags.is_empty());
    tags::check(tags.as_deref().unwrap_or_default(), BUCKET_MOST)?;
    let locked = input.object_lock_enabled_for_bucket == Some(true);
    let mut bucket = Bucket {
        number: cx.rng.u64(),
        name: input.bucket,
        account: cx.account.clone(),
        region,
        location: constraint.map(|given| given.as_str().to_owned()),
        created: cx.now(),
        versioning: if locked { Versioning::Enabled } else { Versioning::Never },
        object_lock: locked,
        ownership: Some(ownership),
        configured: 0,
    };
    let mut tx = svc.parts.store.write().await?;
    if let Some(there) = table::named(&mut tx, &bucket.name).await? {
        return made_again(cx, &there);
    }
    table::put_bucket(&mut tx, &bucket)?;
    if let Some(tags) = tags {
        let tag_set = Some(tags);
        config::put(&mut tx, &mut bucket, (Kind::Tagging, &shapes::Tagging), Tagging { tag_set })?;
    }
    if let Some(grants) = grants {
        let kept = AccessControlPolicy { grants: Some(grants), owner: None };
        config::put(&mut tx, &mut bucket, (Kind::Acl, &shapes::AccessControlPolicy), kept)?;
    }
    // AWS: nothing in a new bucket can be made public before its owner says so.
    let blocked = PublicAccessBlockConfiguration {
        block_public_acls: Some(true),
        ignore_public_acls: Some(true),
        block_public_policy: Some(true),
        restrict_public_buckets: Some(true),
    };
    let what = (Kind::PublicAccessBlock, &shapes::PublicAccessBlockConfiguration);
    config::put(&mut tx, &mut bucket, what, blocked)?;
    tx.commit().await?;
    Ok(made(&bucket))
}

/// The ACL that is asked for.
fn granted(input: &CreateBucketInput, owner: &str) -> Result<Option<Vec<Grant>>, AwsError> {
    let mut asked = acl_of!(input);
    asked.headers.push(("x-amz-grant-write", input.grant_write.as_deref()));
    if asked.is_empty() {
        return Ok(None);
    }
    let grants = acl::grants(asked, Whose { owner, bucket: None })?;
    if acl::is_public(&grants) { Err(public_acl_blocked()) } else { Ok(Some(grants)) }
}

fn ownership(input: &CreateBucketInput) -> Result<Ownership, AwsError> {
    const HEADER: &str = "x-amz-object-ownership";
    let given = input.object_ownership.as_ref().map_or("BucketOwnerEnforced", |given| given.as_str());
    let wrong = || invalid_argument(HEADER, format!("Invalid {HEADER} header: {given}"));
    let ownership = Ownership::parse(given).ok_or_else(wrong)?;
    let private = input.acl.as_ref().is_none_or(|acl| *acl == BucketCannedACL::Private);
    let grants = [
        &input.grant_full_control,
        &input.grant_read,
        &input.grant_read_acp,
        &input.grant_write,
        &input.grant_write_acp,
    ];
    let granted = grants.into_iter().any(Option::is_some);
    if ownership == Ownership::BucketOwnerEnforced && (!private || granted) {
        return Err(acl_against_ownership());
    }
    Ok(ownership)
}

/// AWS: by the endpoint in `us-east-1` buckets are made everywhere, by others only where they are. `us-east-1` itself is
/// asked for by saying nothing.
fn region_of(here: &Region, constraint: Option<&BucketLocationConstraint>) -> Result<Region, AwsError> {
    // AWS: clients name a region so that has no endpoint, and sign for `us-east-1`; who signs for it is wrong.
    if here.as_str() == "aws-global" {
        return Err(wrong_region(here.as_str(), Region::default_region().as_str()));
    }
    let is_default = *here == Region::default_region();
    match constraint {
        None if is_default => Ok(here.clone()),
        None => Err(illegal_location(None)),
        Some(BucketLocationConstraint::Eu) if is_default || here.as_str() == "eu-west-1" => {
            Region::parse("eu-west-1").map_err(AwsError::internal)
        }
        Some(BucketLocationConstraint::Unknown(given)) if is_default => Err(invalid_location(given)),
        Some(given) if is_default || given.as_str() == here.as_str() => {
            Region::parse(given.as_str()).map_err(|_| invalid_location(given.as_str()))
        }
        Some(given) => Err(illegal_location(Some(given.as_str()))),
    }
}

fn made_again(cx: &Ctx, there: &Bucket) -> Result<CreateBucketOutput, AwsError> {
    if there.account != cx.account {
        return Err(already_exists(&there.name));
    }
    // AWS: in `us-east-1` it is as if it had been made now.
    let default = Region::default_region();
    if there.region == default && cx.region == default {
        return Ok(made(there));
    }
    Err(already_owned_by_you(&there.name))
}

fn made(bucket: &Bucket) -> CreateBucketOutput {
    let name = &bucket.name;
    let location = match bucket.location {
        None => format!("/{name}"),
        Some(_) => format!("http://{name}.s3.amazonaws.com/"),
    };
    CreateBucketOutput { location: Some(location), bucket_arn: Some(bucket.arn().to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(here: &str, given: Option<&str>, expected: &str) {
        let given = given.map(BucketLocationConstraint::from);
        let told = match region_of(&Region::parse(here).unwrap(), given.as_ref()) {
            Ok(region) => region.to_string(),
            Err(error) => error.code().name.to_owned(),
        };
        assert_eq!(told, expected, "{here} {given:?}");
    }

    #[test]
    fn where_a_bucket_is() {
        check("us-east-1", None, "us-east-1");
        check("us-east-1", Some("eu-west-1"), "eu-west-1");
        check("us-east-1", Some("EU"), "eu-west-1");
        check("us-east-1", Some("us-east-1"), "InvalidLocationConstraint");
        check("us-east-1", Some("foo"), "InvalidLocationConstraint");
        check("eu-west-1", None, "IllegalLocationConstraintException");
        check("eu-west-1", Some("eu-west-1"), "eu-west-1");
        check("eu-west-1", Some("EU"), "eu-west-1");
        check("eu-west-1", Some("us-west-1"), "IllegalLocationConstraintException");
        check("eu-west-1", Some("bar"), "IllegalLocationConstraintException");
        check("us-west-1", Some("EU"), "IllegalLocationConstraintException");
    }
}
