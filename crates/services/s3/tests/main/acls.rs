//! ACLs of objects: whose objects are, and who may read them, through the guard.

use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    CompleteMultipartUploadInput, CompletedMultipartUpload, CompletedPart, CreateBucketInput,
    CreateMultipartUploadInput, GetObjectAclInput, GetObjectAclOutput, GetObjectInput, ListObjectsInput,
    ListObjectsOutput, ObjectCannedACL, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PutBucketOwnershipControlsInput, PutBucketPolicyInput, PutObjectAclInput, PutObjectInput, UploadPartInput,
};
use updraft_kernel::Ctx;
use updraft_wire::{ByteStream, FromValue as _};

use crate::guarded::{DENIED, Guarded, OTHER};
use crate::support::Cloud;

const NOT_SUPPORTED: &str = "AccessControlListNotSupported: The bucket does not allow ACLs";

impl Guarded {
    /// With a bucket `bbb`, into which another account may put objects.
    async fn shared(ownership: ObjectOwnership) -> Self {
        let shared = Self::over(Cloud::new());
        let bucket =
            CreateBucketInput { bucket: "bbb".into(), object_ownership: Some(ownership), ..Default::default() };
        shared.call(&shared.owner(), "CreateBucket", bucket).await.unwrap();
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{OTHER}"}},
            "Action":["s3:PutObject","s3:PutObjectAcl"],"Resource":"arn:aws:s3:::bbb/*"}}]}}"#
        );
        let input = PutBucketPolicyInput { bucket: "bbb".into(), policy: Some(policy), ..Default::default() };
        shared.call(&shared.owner(), "PutBucketPolicy", input).await.unwrap();
        shared
    }

    async fn puts(&self, cx: &Ctx, key: &str, acl: Option<&str>) -> String {
        let input = PutObjectInput {
            bucket: "bbb".into(),
            key: key.into(),
            body: Some(ByteStream::whole("bytes".into())),
            acl: acl.map(ObjectCannedACL::from),
            ..Default::default()
        };
        self.says(cx, "PutObject", input).await
    }

    async fn reads(&self, cx: &Ctx, key: &str) -> String {
        let input = GetObjectInput { bucket: "bbb".into(), key: key.into(), ..Default::default() };
        self.says(cx, "GetObject", input).await
    }

    async fn shares(&self, cx: &Ctx, key: &str, acl: &str) -> String {
        let (bucket, key, acl) = ("bbb".into(), key.into(), Some(ObjectCannedACL::from(acl)));
        self.says(cx, "PutObjectAcl", PutObjectAclInput { bucket, key, acl, ..Default::default() }).await
    }

    /// Permissions by what they are given to, in their order; whose it is stands as `owner`.
    async fn acl(&self, cx: &Ctx, key: &str) -> String {
        let input = GetObjectAclInput { bucket: "bbb".into(), key: key.into(), ..Default::default() };
        let told = GetObjectAclOutput::from_value(self.call(cx, "GetObjectAcl", input).await.unwrap());
        let owner = told.owner.and_then(|owner| owner.id);
        let one = |grant: updraft_api_s3::types::Grant| {
            let grantee = grant.grantee.unwrap();
            let to = match (grantee.id, grantee.uri) {
                (Some(id), _) if Some(&id) == owner.as_ref() => "owner".to_owned(),
                (Some(_), _) => "user".to_owned(),
                (None, uri) => uri.unwrap().rsplit('/').next().unwrap().to_owned(),
            };
            format!("{to} {}", grant.permission.unwrap())
        };
        told.grants.unwrap().into_iter().map(one).collect::<Vec<_>>().join(", ")
    }

    async fn owns(&self, ownership: ObjectOwnership) {
        let rules = vec![OwnershipControlsRule { object_ownership: ownership }];
        let input = PutBucketOwnershipControlsInput {
            bucket: "bbb".into(),
            ownership_controls: OwnershipControls { rules },
            ..Default::default()
        };
        self.call(&self.owner(), "PutBucketOwnershipControls", input).await.unwrap();
    }
}

#[tokio::test]
async fn where_the_owner_is_enforced_acls_mean_nothing() {
    let shared = Guarded::shared(ObjectOwnership::BucketOwnerEnforced).await;
    for (acl, expected) in
        [("bucket-owner-full-control", "fine"), ("private", NOT_SUPPORTED), ("public-read", NOT_SUPPORTED)]
    {
        assert_eq!(shared.puts(&shared.other(), "k", Some(acl)).await, expected, "{acl}");
    }
    assert_eq!(shared.acl(&shared.owner(), "k").await, "owner FULL_CONTROL");
    assert_eq!(shared.reads(&shared.owner(), "k").await, "fine");
    assert_eq!(shared.reads(&shared.other(), "k").await, DENIED, "who wrote it doesn't own it");
    assert_eq!(shared.shares(&shared.owner(), "k", "bucket-owner-full-control").await, NOT_SUPPORTED);
}

#[tokio::test]
async fn a_writer_owns_what_it_wrote() {
    let shared = Guarded::shared(ObjectOwnership::ObjectWriter).await;
    let (owner, other) = (shared.owner(), shared.other());
    assert_eq!(shared.puts(&other, "theirs", None).await, "fine");
    assert_eq!(shared.reads(&other, "theirs").await, "fine");
    assert_eq!(shared.reads(&owner, "theirs").await, DENIED, "it is the bucket's owner only who may not");
    assert_eq!(shared.shares(&owner, "theirs", "bucket-owner-read").await, DENIED);
    assert_eq!(shared.shares(&other, "theirs", "bucket-owner-read").await, "fine");
    assert_eq!(shared.reads(&owner, "theirs").await, "fine");
    assert_eq!(shared.acl(&other, "theirs").await, "owner FULL_CONTROL, user READ");
    assert_eq!(shared.puts(&owner, "ours", None).await, "fine");
    assert_eq!(shared.reads(&other, "ours").await, DENIED);
    let input = ListObjectsInput { bucket: "bbb".into(), ..Default::default() };
    let listed = ListObjectsOutput::from_value(shared.call(&owner, "ListObjects", input).await.unwrap());
    let owners: Vec<_> = listed.contents.unwrap().into_iter().map(|one| one.owner.unwrap().id).collect();
    assert_ne!(owners[0], owners[1]);
    // Once the owner is enforced, all is its.
    shared.owns(ObjectOwnership::BucketOwnerEnforced).await;
    assert_eq!(shared.reads(&other, "theirs").await, DENIED);
    assert_eq!(shared.acl(&owner, "theirs").await, "owner FULL_CONTROL");
}

#[tokio::test]
async fn a_writer_may_give_up_what_it_wrote() {
    let shared = Guarded::shared(ObjectOwnership::BucketOwnerPreferred).await;
    assert_eq!(shared.puts(&shared.other(), "given", Some("bucket-owner-full-control")).await, "fine");
    assert_eq!(shared.reads(&shared.owner(), "given").await, "fine");
    assert_eq!(shared.reads(&shared.other(), "given").await, DENIED);
    assert_eq!(shared.puts(&shared.other(), "kept", None).await, "fine");
    assert_eq!(shared.reads(&shared.owner(), "kept").await, DENIED);
}

#[tokio::test]
async fn everybody_is_let_in_where_that_isnt_blocked() {
    let shared = Guarded::shared(ObjectOwnership::ObjectWriter).await;
    let owner = shared.owner();
    assert_eq!(shared.puts(&owner, "k", Some("public-read")).await, DENIED, "it is blocked in a new bucket");
    shared.cloud.unblock("bbb").await;
    assert_eq!(shared.puts(&owner, "k", Some("public-read")).await, "fine");
    assert_eq!(shared.acl(&owner, "k").await, "owner FULL_CONTROL, AllUsers READ");
    assert_eq!(shared.reads(&shared.nobody(), "k").await, "fine");
    assert_eq!(shared.shares(&shared.nobody(), "k", "private").await, DENIED);
    assert_eq!(shared.shares(&owner, "k", "authenticated-read").await, "fine");
    assert_eq!(shared.reads(&shared.nobody(), "k").await, DENIED);
    assert_eq!(shared.reads(&shared.other(), "k").await, "fine");
    assert_eq!(shared.shares(&owner, "k", "private").await, "fine");
    assert_eq!(shared.reads(&shared.other(), "k").await, DENIED);
}

#[tokio::test]
async fn an_upload_in_parts_keeps_its_acl() {
    let shared = Guarded::shared(ObjectOwnership::ObjectWriter).await;
    shared.cloud.unblock("bbb").await;
    let owner = shared.owner();
    let (bucket, key) = ("bbb".to_owned(), "k".to_owned());
    let begin = CreateMultipartUploadInput {
        bucket: bucket.clone(),
        key: key.clone(),
        acl: Some("public-read".into()),
        ..Default::default()
    };
    let begun = shared.cloud.s3.create_multipart_upload(&owner, begin).await.unwrap();
    let upload_id = begun.upload_id.unwrap();
    let body = Some(ByteStream::whole("bytes".into()));
    let part = UploadPartInput {
        bucket: bucket.clone(),
        key: key.clone(),
        upload_id: upload_id.clone(),
        part_number: 1,
        body,
        ..Default::default()
    };
    let e_tag = shared.cloud.s3.upload_part(&owner, part).await.unwrap().e_tag;
    let parts = Some(vec![CompletedPart { e_tag, part_number: Some(1), ..Default::default() }]);
    let multipart_upload = Some(CompletedMultipartUpload { parts });
    let complete = CompleteMultipartUploadInput { bucket, key, upload_id, multipart_upload, ..Default::default() };
    shared.cloud.s3.complete_multipart_upload(&owner, complete).await.unwrap();
    assert_eq!(shared.reads(&shared.nobody(), "k").await, "fine");
}
