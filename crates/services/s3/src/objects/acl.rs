//! ACLs of objects: whose an object is, and who else may do what with it.
//!
//! Most objects have none: they are the bucket's owner's, and only its. A bucket in which there are others says so
//! ([`Kind::Foreign`]), so that requests to all other buckets are spared the look.

use serde::{Deserialize, Serialize};
use updraft_api_s3::types::{Grant, Grantee, Permission, TargetGrant, Type};
use updraft_kernel::{AccountId, AwsError, Ctx, Principal};
use updraft_store::Tx;

use super::row::Object;
use crate::config::{self, Kind};
use crate::errors::{access_denied, acls_not_supported};
use crate::model::acl::{self, Asked, Whose};
use crate::model::bucket::{Bucket, Ownership};
use crate::model::owner::canonical_id;
use crate::ops::get_public_access_block::block;

/// As it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Acl {
    /// Whose the object is; `None`: the bucket's owner's.
    pub(crate) owner: Option<String>,
    /// `None`: its owner may do everything, and nobody else anything.
    pub(crate) grants: Option<Vec<Granted>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Granted {
    pub(crate) to: To,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum To {
    /// By its canonical id.
    User(String),
    /// By its URI.
    Group(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    FullControl,
    Read,
    ReadAcp,
    Write,
    WriteAcp,
}

const WHATS: [(What, Permission); 5] = [
    (What::FullControl, Permission::FullControl),
    (What::Read, Permission::Read),
    (What::ReadAcp, Permission::ReadAcp),
    (What::Write, Permission::Write),
    (What::WriteAcp, Permission::WriteAcp),
];

fn kept(grant: Grant) -> Option<Granted> {
    let (grantee, permission) = (grant.grantee?, grant.permission?);
    let (what, _) = WHATS.into_iter().find(|(_, one)| *one == permission)?;
    let to = match grantee.r#type {
        Type::CanonicalUser => To::User(grantee.id?),
        Type::Group => To::Group(grantee.uri?),
        _ => return None,
    };
    Some(Granted { to, what })
}

fn shown(granted: &Granted) -> Grant {
    let permission = WHATS.into_iter().find(|(what, _)| *what == granted.what).map(|(_, permission)| permission);
    let grantee = match &granted.to {
        To::User(id) => Grantee { id: Some(id.clone()), r#type: Type::CanonicalUser, ..Grantee::default() },
        To::Group(uri) => Grantee { uri: Some(uri.clone()), r#type: Type::Group, ..Grantee::default() },
    };
    Grant { grantee: Some(grantee), permission }
}

/// Reads from an input what is said of an ACL in headers.
macro_rules! acl_of {
    ($input:expr) => {
        $crate::model::acl::Asked {
            canned: $input.acl.as_ref().map(|acl| acl.as_str()),
            headers: vec![
                ("x-amz-grant-full-control", $input.grant_full_control.as_deref()),
                ("x-amz-grant-read", $input.grant_read.as_deref()),
                ("x-amz-grant-read-acp", $input.grant_read_acp.as_deref()),
                ("x-amz-grant-write-acp", $input.grant_write_acp.as_deref()),
            ],
            document: None,
        }
    };
}
pub(crate) use acl_of;

/// The ACL of something new in a bucket, by what its writer asks for; `None`: the usual one.
///
/// # Errors
/// If it can't be asked for, or not in this bucket.
pub(crate) async fn chosen(tx: &mut Tx, cx: &Ctx, bucket: &Bucket, asked: Asked<'_>) -> Result<Option<Acl>, AwsError> {
    let writer = writer(cx, bucket);
    let given_up =
        bucket.ownership == Some(Ownership::BucketOwnerPreferred) && asked.canned == Some("bucket-owner-full-control");
    let owner = if given_up { None } else { writer };
    if asked.is_empty() {
        return Ok(owner.map(|owner| Acl { owner: Some(owner.as_str().to_owned()), grants: None }));
    }
    // AWS: what is so anyway may be asked for where ACLs mean nothing, but not by the name `private`.
    let by_name = asked.canned.is_none_or(|name| name == "bucket-owner-full-control");
    match made(tx, bucket, asked, owner.as_ref()).await? {
        None if by_name || !bucket.owner_enforced() => Ok(None),
        Some(acl) if !bucket.owner_enforced() => Ok(Some(acl)),
        _ => Err(acls_not_supported()),
    }
}

/// The ACL of an object of access logs; `None`: the usual one.
pub(crate) fn of_log(bucket: &Bucket, more: Vec<TargetGrant>) -> Option<Acl> {
    if bucket.owner_enforced() || more.is_empty() {
        return None;
    }
    let more = more.into_iter().filter_map(|grant| {
        let permission = Permission::from(grant.permission?.as_str());
        kept(Grant { grantee: grant.grantee, permission: Some(permission) })
    });
    let own = acl::private(&canonical_id(&bucket.account)).into_iter().filter_map(kept);
    Some(Acl { owner: None, grants: Some(own.chain(more).collect()) })
}

/// Another ACL for an object that is there, whose owner stays.
///
/// # Errors
/// As [`chosen`].
pub(crate) async fn instead(
    tx: &mut Tx,
    bucket: &Bucket,
    asked: Asked<'_>,
    object: &Object,
) -> Result<Option<Acl>, AwsError> {
    let owner = owner_of(bucket, object);
    let acl = made(tx, bucket, asked, owner.as_ref()).await?;
    if bucket.owner_enforced() { Err(acls_not_supported()) } else { Ok(acl) }
}

/// Who writes into a bucket, if that is somebody else than its owner and counts.
fn writer(cx: &Ctx, bucket: &Bucket) -> Option<AccountId> {
    let other = cx.identity.principal != Principal::Anonymous && cx.identity.account != bucket.account;
    (other && !bucket.owner_enforced()).then(|| cx.identity.account.clone())
}

async fn made(
    tx: &mut Tx,
    bucket: &Bucket,
    asked: Asked<'_>,
    owner: Option<&AccountId>,
) -> Result<Option<Acl>, AwsError> {
    let buckets = canonical_id(&bucket.account);
    let owners = owner.map_or_else(|| buckets.clone(), canonical_id);
    let grants = acl::grants(asked, Whose { owner: &owners, bucket: Some(&buckets) })?;
    let usual = grants == acl::private(&owners);
    if !bucket.owner_enforced() && acl::is_public(&grants) && block(tx, bucket).await?.block_public_acls == Some(true) {
        return Err(access_denied());
    }
    if usual && owner.is_none() {
        return Ok(None);
    }
    let owner = owner.map(|owner| owner.as_str().to_owned());
    Ok(Some(Acl { owner, grants: (!usual).then(|| grants.into_iter().filter_map(kept).collect()) }))
}

/// Whose an object is, if it is somebody else's than the bucket's owner's.
pub(crate) fn owner_of(bucket: &Bucket, object: &Object) -> Option<AccountId> {
    if bucket.owner_enforced() {
        return None;
    }
    let owner = object.about.acl.as_ref()?.owner.as_deref()?;
    AccountId::parse(owner).ok().filter(|owner| *owner != bucket.account)
}

/// What listings and answers call the owner by.
pub(crate) fn canonical_owner(bucket: &Bucket, object: Option<&Object>) -> String {
    let other = object.and_then(|object| owner_of(bucket, object));
    canonical_id(other.as_ref().unwrap_or(&bucket.account))
}

/// The grants that count.
pub(crate) fn grants(bucket: &Bucket, object: &Object) -> Vec<Grant> {
    let kept = object.about.acl.as_ref().and_then(|acl| acl.grants.as_ref()).filter(|_| !bucket.owner_enforced());
    match kept {
        Some(kept) => kept.iter().map(shown).collect(),
        None => acl::private(&canonical_owner(bucket, Some(object))),
    }
}

/// Says of a bucket that there is an object in it which isn't its owner's.
///
/// # Errors
/// If the store fails.
pub(crate) async fn note_owner(tx: &mut Tx, bucket: &Bucket, object: &Object) -> Result<(), AwsError> {
    match owner_of(bucket, object) {
        Some(_) => config::mark(tx, bucket, Kind::Foreign).await,
        None => Ok(()),
    }
}

/// What a replica in another bucket has: the same grants, by the same owner.
pub(crate) fn of_replica(source: &AccountId, target: &Bucket, acl: Option<Acl>) -> Option<Acl> {
    if *source == target.account {
        return acl;
    }
    let acl = acl.unwrap_or(Acl { owner: None, grants: None });
    Some(Acl { owner: acl.owner.or_else(|| Some(source.as_str().to_owned())), ..acl })
}
