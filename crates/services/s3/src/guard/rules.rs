//! What a bucket says of who may do what: its policy, its ACL, and the public access that is blocked.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{AccessControlPolicy, Grant, PublicAccessBlockConfiguration};
use updraft_kernel::{AccountId, AwsError, Ctx, Principal};
use updraft_policy::{Context, Outcome, Policy, Request, Sides, Spoken, Who, decide};
use updraft_store::Tx;

use super::actions::Ask;
use super::grants::{self, Grantees};
use crate::config::{self, Kind};
use crate::model::bucket::Bucket;
use crate::model::owner::canonical_id;
use crate::model::policy::is_public;
use crate::objects::acl;
use crate::objects::table::{self as versions, Found};

/// The policy.
#[derive(Debug)]
enum Said {
    Nothing,
    Policy(Policy),
    /// It was kept by a version that looked less closely, and can't be read: then nobody is let in by it.
    Unreadable,
}

#[derive(Debug)]
pub(crate) struct Rules {
    said: Said,
    /// It speaks of tags of objects that are there.
    tags: bool,
    grants: Vec<Grant>,
    block: PublicAccessBlockConfiguration,
}

/// What is asked, and all that is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) ask: &'a Ask,
    pub(crate) arn: &'a str,
    pub(crate) context: &'a Context,
    pub(crate) own: bool,
    /// Of the object that it is about, where its ACL has a say.
    pub(crate) object: Option<&'a Owned>,
}

/// Whose an object is, and what its ACL grants.
#[derive(Clone, Debug)]
pub(crate) struct Owned {
    /// If it is somebody else's than the bucket's owner's.
    owner: Option<AccountId>,
    grants: Vec<Grant>,
}

impl Rules {
    /// Whether the bucket could deny something to those of its own account.
    pub(crate) fn may_deny(bucket: &Bucket) -> bool {
        bucket.has(Kind::Policy) || has_foreign(bucket)
    }

    pub(crate) async fn read(tx: &mut Tx, bucket: &Bucket) -> Result<Self, AwsError> {
        let text = config::get_text(tx, bucket, Kind::Policy, "").await?;
        let what = (Kind::PublicAccessBlock, &shapes::PublicAccessBlockConfiguration);
        let block: Option<PublicAccessBlockConfiguration> = config::get(tx, bucket, what).await?;
        let acl = match bucket.owner_enforced() {
            true => None,
            false => config::get::<AccessControlPolicy>(tx, bucket, (Kind::Acl, &shapes::AccessControlPolicy)).await?,
        };
        let said = text
            .as_deref()
            .map(Policy::parse)
            .map_or(Said::Nothing, |parsed| parsed.map_or(Said::Unreadable, Said::Policy));
        let tags = text.is_some_and(|text| text.to_ascii_lowercase().contains("s3:existingobjecttag"));
        let grants = acl.and_then(|acl| acl.grants).unwrap_or_default();
        Ok(Self { said, tags, grants, block: block.unwrap_or_default() })
    }

    pub(crate) fn asks_for_tags(&self) -> bool {
        self.tags
    }

    pub(crate) fn decide(&self, cx: &Ctx, bucket: &Bucket, asked: Asked<'_>) -> Outcome {
        if asked.own && is_last_resort(cx, asked.ask) {
            return Outcome::Allowed;
        }
        let canonical = canonical_id(&cx.identity.account);
        let who = Who { identity: &cx.identity, partition: bucket.region.partition(), canonical: Some(&canonical) };
        let other = asked.object.and_then(|object| object.owner.as_ref());
        let said = match (self.policy(who, asked), other) {
            // AWS: a bucket's policy can't let anybody at what isn't its owner's.
            (Spoken::Allow, Some(_)) => Spoken::Nothing,
            (said, _) => said,
        };
        let own = match other {
            Some(owner) => cx.identity.principal != Principal::Anonymous && cx.identity.account == *owner,
            None => asked.own,
        };
        // Nobody has policies of its own yet.
        decide(Sides { own, identity: Spoken::Allow, resource: said.or(self.acl(who, asked)), ceilings: &[] })
    }

    fn policy(&self, who: Who<'_>, asked: Asked<'_>) -> Spoken {
        let policy = match &self.said {
            Said::Policy(policy) => policy,
            Said::Nothing => return Spoken::Nothing,
            Said::Unreadable if asked.own => return Spoken::Nothing,
            Said::Unreadable => return Spoken::Deny,
        };
        let request = Request { who, action: &asked.ask.action, resource: asked.arn, context: asked.context };
        match policy.evaluate(request).into() {
            // AWS: a policy that lets everybody in then lets in only those of the account.
            Spoken::Allow if self.restricts() && !asked.own && is_public(policy) => Spoken::Nothing,
            said => said,
        }
    }

    fn acl(&self, who: Who<'_>, asked: Asked<'_>) -> Spoken {
        let grantees = Grantees { who, public: self.block.ignore_public_acls != Some(true) };
        let action = asked.ask.action.as_str();
        let object = asked.object.is_some_and(|object| grants::of_object(&object.grants, action, grantees));
        if object || grants::of_bucket(&self.grants, action, grantees) { Spoken::Allow } else { Spoken::Nothing }
    }

    fn restricts(&self) -> bool {
        self.block.restrict_public_buckets == Some(true)
    }
}

/// AWS: an owner's root can always put right what a policy has locked.
fn is_last_resort(cx: &Ctx, ask: &Ask) -> bool {
    let about_policy =
        matches!(ask.action.as_str(), "s3:GetBucketPolicy" | "s3:PutBucketPolicy" | "s3:DeleteBucketPolicy");
    about_policy && cx.identity.principal == Principal::Root
}

fn has_foreign(bucket: &Bucket) -> bool {
    bucket.has(Kind::Foreign) && !bucket.owner_enforced()
}

/// What the ACL of the object says that something is asked of; `None` where it has no say. `own`: the caller is of the
/// account that owns the bucket.
///
/// # Errors
/// If the store fails.
pub(crate) async fn owned(tx: &mut Tx, bucket: &Bucket, ask: &Ask, own: bool) -> Result<Option<Owned>, AwsError> {
    let asked = !bucket.owner_enforced() && (!own || has_foreign(bucket));
    if !asked || grants::needed_of_object(&ask.action).is_none() {
        return Ok(None);
    }
    let found = found(tx, bucket, ask).await?.and_then(|found| found.version.object);
    Ok(found.map(|object| Owned { owner: acl::owner_of(bucket, &object), grants: acl::grants(bucket, &object) }))
}

async fn found(tx: &mut Tx, bucket: &Bucket, ask: &Ask) -> Result<Option<Found>, AwsError> {
    let Some(key) = &ask.key else { return Ok(None) };
    match ask.version.as_deref() {
        // Ids that are none are for the operation to refuse.
        Some(version) => Ok(versions::by_id(tx, bucket, key, version).await.ok().flatten()),
        None => versions::latest(tx, bucket, key).await,
    }
}

/// The tags of the object that is there.
///
/// # Errors
/// If the store fails.
pub(crate) async fn put_tags(tx: &mut Tx, bucket: &Bucket, ask: &Ask, context: &mut Context) -> Result<(), AwsError> {
    let tags = found(tx, bucket, ask)
        .await?
        .and_then(|found| found.version.object)
        .map(|object| object.about.tags)
        .unwrap_or_default();
    for (name, value) in tags {
        context.put(&format!("s3:ExistingObjectTag/{name}"), value);
    }
    Ok(())
}
