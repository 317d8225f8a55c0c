//! Who may do what: through the guard, as requests come.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use updraft_api_s3::types::{
    AccessControlPolicy, BucketCannedACL, CopyObjectInput, CreateBucketInput, Delete, DeleteObjectsInput,
    DeleteObjectsOutput, GetObjectInput, ListObjectsV2Input, ObjectIdentifier, ObjectOwnership,
    PublicAccessBlockConfiguration, PutBucketAclInput, PutBucketPolicyInput, PutObjectInput, PutPublicAccessBlockInput,
};
use updraft_kernel::{Ctx, SignedBy, Via};
use updraft_wire::{ByteStream, FromValue as _};

use crate::guarded::{DENIED, Guarded, OTHER};
use crate::support::Cloud;

impl Guarded {
    /// With a bucket `bbb` and an object `k` in it, tagged `team=red`.
    async fn with_one() -> Self {
        let guard = Self::over(Cloud::new());
        guard.cloud.bucket("bbb").await;
        let owner = guard.cloud.cx();
        guard.call(&owner, "PutObject", PutObjectInput { tagging: Some("team=red".into()), ..put("k") }).await.unwrap();
        guard
    }

    async fn reads_it(&self, cx: &Ctx) -> String {
        self.says(cx, "GetObject", get("k")).await
    }

    /// Puts a policy of these statements, as the owner.
    async fn policy(&self, statements: &Json) -> String {
        let policy = Some(json!({ "Version": "2012-10-17", "Statement": statements }).to_string());
        let input = PutBucketPolicyInput { bucket: "bbb".into(), policy, ..Default::default() };
        self.says(&self.owner(), "PutBucketPolicy", input).await
    }

    async fn block(&self, set: fn(&mut PublicAccessBlockConfiguration)) {
        let mut configuration = PublicAccessBlockConfiguration::default();
        set(&mut configuration);
        let public_access_block_configuration = configuration;
        let input =
            PutPublicAccessBlockInput { bucket: "bbb".into(), public_access_block_configuration, ..Default::default() };
        self.call(&self.owner(), "PutPublicAccessBlock", input).await.unwrap();
    }
}

fn put(key: &str) -> PutObjectInput {
    let body = Some(ByteStream::whole("bytes".into()));
    PutObjectInput { bucket: "bbb".into(), key: key.into(), body, ..Default::default() }
}

fn get(key: &str) -> GetObjectInput {
    GetObjectInput { bucket: "bbb".into(), key: key.into(), ..Default::default() }
}

fn list(prefix: &str) -> ListObjectsV2Input {
    ListObjectsV2Input { bucket: "bbb".into(), prefix: Some(prefix.into()), ..Default::default() }
}

fn allow(principal: Json, action: &str, resource: &str) -> Json {
    let resource = format!("arn:aws:s3:::{resource}");
    json!({ "Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource })
}

fn under(mut statement: Json, condition: Json) -> Json {
    if let Some(members) = statement.as_object_mut() {
        members.insert("Condition".into(), condition);
    }
    statement
}

#[tokio::test]
async fn only_the_owners_account_without_a_policy() {
    let guard = Guarded::with_one().await;
    assert_eq!(guard.reads_it(&guard.owner()).await, "fine");
    for cx in [guard.other(), guard.nobody()] {
        assert_eq!(guard.reads_it(&cx).await, DENIED);
        assert_eq!(guard.says(&cx, "GetObject", get("none")).await, DENIED);
        assert_eq!(guard.says(&cx, "PutObject", put("new")).await, DENIED);
        assert_eq!(guard.says(&cx, "ListObjectsV2", list("")).await, DENIED);
    }
    let missing = GetObjectInput { bucket: "nothing".into(), ..get("k") };
    assert_eq!(guard.says(&guard.nobody(), "GetObject", missing).await.split(':').next(), Some("NoSuchBucket"));
    let bucket = CreateBucketInput { bucket: "nobodys".into(), ..Default::default() };
    assert_eq!(guard.says(&guard.nobody(), "CreateBucket", bucket).await, DENIED);
}

#[tokio::test]
async fn whom_a_policy_lets_in() {
    let guard = Guarded::with_one().await;
    assert_eq!(guard.policy(&json!([allow(json!({ "AWS": OTHER }), "s3:GetObject", "bbb/*")])).await, "fine");
    assert_eq!(guard.reads_it(&guard.other()).await, "fine");
    assert_eq!(guard.reads_it(&guard.nobody()).await, DENIED);
    assert_eq!(guard.says(&guard.other(), "PutObject", put("new")).await, DENIED);
    // Who may not list isn't told what isn't there.
    assert_eq!(guard.says(&guard.other(), "GetObject", get("none")).await, DENIED);
    let lists = allow(json!("*"), "s3:ListBucket", "bbb");
    assert_eq!(guard.policy(&json!([lists])).await.split(':').next(), Some("AccessDenied"), "of a new bucket");
    guard.cloud.unblock("bbb").await;
    guard.policy(&json!([allow(json!("*"), "s3:GetObject", "bbb/*"), lists])).await;
    assert_eq!(guard.reads_it(&guard.nobody()).await, "fine");
    let missing = guard.says(&guard.nobody(), "GetObject", get("none")).await;
    assert_eq!(missing, "NoSuchKey: The specified key does not exist.");
    guard.policy(&json!([allow(json!("*"), "s3:PutObject", "bbb/in/*")])).await;
    assert_eq!(guard.says(&guard.nobody(), "PutObject", put("in/new")).await, "fine");
    assert_eq!(guard.says(&guard.nobody(), "PutObject", put("out")).await, DENIED);
}

#[tokio::test]
async fn what_is_denied_is_denied_to_owners_too() {
    let guard = Guarded::with_one().await;
    let mut deny = allow(json!("*"), "s3:*", "bbb*");
    deny["Effect"] = json!("Deny");
    guard.policy(&json!([deny])).await;
    let told = guard.reads_it(&guard.owner()).await;
    assert_eq!(
        told,
        "AccessDenied: User: arn:aws:iam::000000000000:root is not authorized to perform: s3:GetObject on resource: \
         \"arn:aws:s3:::bbb/k\" with an explicit deny in a resource-based policy"
    );
    assert_eq!(guard.reads_it(&guard.other()).await, DENIED);
    // The owner's root can put that right.
    assert_eq!(guard.policy(&json!([allow(json!({ "AWS": OTHER }), "s3:GetObject", "bbb/*")])).await, "fine");
    assert_eq!(guard.reads_it(&guard.owner()).await, "fine");
}

#[tokio::test]
async fn conditions_know_the_request() {
    let guard = Guarded::with_one().await;
    let read = || allow(json!({ "AWS": OTHER }), "s3:GetObject", "bbb/*");
    let ip = |ip: &str| Ctx { source_ip: Some(ip.parse::<IpAddr>().unwrap()), ..guard.other() };
    guard.policy(&json!([under(read(), json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } }))])).await;
    assert_eq!(guard.reads_it(&ip("10.1.2.3")).await, "fine");
    assert_eq!(guard.reads_it(&ip("11.1.2.3")).await, DENIED);
    let via = |via: Via| Ctx { via: Some(Arc::new(via)), ..guard.other() };
    guard.policy(&json!([under(read(), json!({ "StringLike": { "aws:Referer": "http://a.example/*" } }))])).await;
    let from = |page: &str| via(Via { referer: Some(page.into()), ..Via::default() });
    assert_eq!(guard.reads_it(&from("http://a.example/x")).await, "fine");
    assert_eq!(guard.reads_it(&from("http://b.example/x")).await, DENIED);
    guard.policy(&json!([under(read(), json!({ "StringEquals": { "s3:authType": "REST-QUERY-STRING" } }))])).await;
    assert_eq!(guard.reads_it(&via(Via { signed: Some(SignedBy::Query), ..Via::default() })).await, "fine");
    assert_eq!(guard.reads_it(&via(Via { signed: Some(SignedBy::Header), ..Via::default() })).await, DENIED);
    guard.policy(&json!([under(read(), json!({ "Bool": { "aws:SecureTransport": "true" } }))])).await;
    assert_eq!(guard.reads_it(&via(Via { secure: true, ..Via::default() })).await, "fine");
    assert_eq!(guard.reads_it(&via(Via::default())).await, DENIED);
    for (team, expected) in [("red", "fine"), ("blue", DENIED)] {
        guard.policy(&json!([under(read(), json!({ "StringEquals": { "s3:ExistingObjectTag/team": team } }))])).await;
        assert_eq!(guard.reads_it(&guard.other()).await, expected, "{team}");
    }
    let lists = allow(json!({ "AWS": OTHER }), "s3:ListBucket", "bbb");
    guard.policy(&json!([under(lists, json!({ "StringEquals": { "s3:prefix": ["", "home/"] } }))])).await;
    assert_eq!(guard.says(&guard.other(), "ListObjectsV2", list("home/")).await, "fine");
    assert_eq!(guard.says(&guard.other(), "ListObjectsV2", list("else/")).await, DENIED);
}

#[tokio::test]
async fn public_access_can_be_blocked() {
    let guard = Guarded::with_one().await;
    let everybody = json!([allow(json!("*"), "s3:GetObject", "bbb/*")]);
    guard.block(|block| block.block_public_policy = Some(true)).await;
    assert_eq!(guard.policy(&everybody).await, DENIED);
    assert_eq!(guard.policy(&json!([allow(json!({ "AWS": OTHER }), "s3:GetObject", "bbb/*")])).await, "fine");
    guard.block(|_| {}).await;
    assert_eq!(guard.policy(&everybody).await, "fine");
    assert_eq!(guard.reads_it(&guard.nobody()).await, "fine");
    guard.block(|block| block.restrict_public_buckets = Some(true)).await;
    for cx in [guard.nobody(), guard.other()] {
        assert_eq!(guard.reads_it(&cx).await, DENIED);
    }
    assert_eq!(guard.reads_it(&guard.owner()).await, "fine");
}

#[tokio::test]
async fn acls_let_in_where_they_count() {
    let guard = Guarded::with_one().await;
    let acl =
        || PutBucketAclInput { bucket: "aaa".into(), acl: Some(BucketCannedACL::PublicRead), ..Default::default() };
    let bucket = CreateBucketInput {
        bucket: "aaa".into(),
        object_ownership: Some(ObjectOwnership::BucketOwnerPreferred),
        ..Default::default()
    };
    guard.call(&guard.owner(), "CreateBucket", bucket).await.unwrap();
    guard.cloud.unblock("aaa").await;
    let lists = || ListObjectsV2Input { bucket: "aaa".into(), ..Default::default() };
    assert_eq!(guard.says(&guard.nobody(), "ListObjectsV2", lists()).await, DENIED);
    guard.call(&guard.owner(), "PutBucketAcl", acl()).await.unwrap();
    assert_eq!(guard.says(&guard.nobody(), "ListObjectsV2", lists()).await, "fine");
    let private = PutBucketAclInput { acl: None, access_control_policy: Some(AccessControlPolicy::default()), ..acl() };
    assert_eq!(guard.says(&guard.nobody(), "PutBucketAcl", private).await, DENIED);
    let block = |set: fn(&mut PublicAccessBlockConfiguration)| {
        let mut configuration = PublicAccessBlockConfiguration::default();
        set(&mut configuration);
        PutPublicAccessBlockInput {
            bucket: "aaa".into(),
            public_access_block_configuration: configuration,
            ..Default::default()
        }
    };
    let ignores = block(|block| block.ignore_public_acls = Some(true));
    guard.call(&guard.owner(), "PutPublicAccessBlock", ignores).await.unwrap();
    assert_eq!(guard.says(&guard.nobody(), "ListObjectsV2", lists()).await, DENIED);
    let blocks = block(|block| block.block_public_acls = Some(true));
    guard.call(&guard.owner(), "PutPublicAccessBlock", blocks).await.unwrap();
    assert_eq!(guard.says(&guard.owner(), "PutBucketAcl", acl()).await, DENIED);
    let enforced = PutBucketAclInput { bucket: "bbb".into(), ..acl() };
    assert_eq!(
        guard.says(&guard.owner(), "PutBucketAcl", enforced).await,
        "AccessControlListNotSupported: The bucket does not allow ACLs"
    );
}

#[tokio::test]
async fn of_many_keys_each_is_asked_for() {
    let guard = Guarded::with_one().await;
    for key in ["in/1", "out/1"] {
        guard.call(&guard.owner(), "PutObject", put(key)).await.unwrap();
    }
    guard.policy(&json!([allow(json!({ "AWS": OTHER }), "s3:DeleteObject", "bbb/in/*")])).await;
    let object = |key: &str| ObjectIdentifier { key: key.into(), ..Default::default() };
    let delete = Delete { objects: vec![object("in/1"), object("out/1")], ..Default::default() };
    let input = || DeleteObjectsInput { bucket: "bbb".into(), delete: delete.clone(), ..Default::default() };
    assert_eq!(guard.says(&guard.nobody(), "DeleteObjects", input()).await, DENIED);
    let answer = guard.call(&guard.other(), "DeleteObjects", input()).await.unwrap();
    let answer = DeleteObjectsOutput::from_value(answer);
    let [error] = answer.errors.as_deref().unwrap() else { panic!("one") };
    assert_eq!((error.key.as_deref(), error.code.as_deref()), (Some("out/1"), Some("AccessDenied")));
    let [deleted] = answer.deleted.as_deref().unwrap() else { panic!("one") };
    assert_eq!(deleted.key.as_deref(), Some("in/1"));
    assert_eq!(guard.says(&guard.owner(), "GetObject", get("out/1")).await, "fine");
}

#[tokio::test]
async fn a_copy_asks_for_its_source_too() {
    let guard = Guarded::with_one().await;
    let bucket = CreateBucketInput { bucket: "theirs".into(), ..Default::default() };
    guard.call(&guard.other(), "CreateBucket", bucket).await.unwrap();
    let copy = || CopyObjectInput {
        bucket: "theirs".into(),
        key: "copy".into(),
        copy_source: "bbb/k".into(),
        ..Default::default()
    };
    assert_eq!(guard.says(&guard.other(), "CopyObject", copy()).await, DENIED);
    guard.policy(&json!([allow(json!({ "AWS": OTHER }), "s3:GetObject", "bbb/*")])).await;
    assert_eq!(guard.says(&guard.other(), "CopyObject", copy()).await, "fine");
    assert_eq!(guard.says(&guard.owner(), "CopyObject", copy()).await, DENIED, "the target is another's");
}
