//! The keys of conditions that S3 knows.

use updraft_kernel::{Ctx, Principal, SignedBy};
use updraft_policy::Context;
use updraft_wire::{Operation, Value};

use super::input::Input;
use crate::model::bucket::Bucket;
use crate::objects::about::tags_of_header;

/// Members of inputs that are keys.
const MEMBERS: [(&str, &str); 20] = [
    ("ACL", "s3:x-amz-acl"),
    ("CopySource", "s3:x-amz-copy-source"),
    ("Delimiter", "s3:delimiter"),
    ("GrantFullControl", "s3:x-amz-grant-full-control"),
    ("GrantRead", "s3:x-amz-grant-read"),
    ("GrantReadACP", "s3:x-amz-grant-read-acp"),
    ("GrantWrite", "s3:x-amz-grant-write"),
    ("GrantWriteACP", "s3:x-amz-grant-write-acp"),
    ("IfMatch", "s3:if-match"),
    ("IfNoneMatch", "s3:if-none-match"),
    ("MetadataDirective", "s3:x-amz-metadata-directive"),
    ("ObjectLockLegalHoldStatus", "s3:object-lock-legal-hold"),
    ("ObjectLockMode", "s3:object-lock-mode"),
    ("ObjectOwnership", "s3:x-amz-object-ownership"),
    ("Prefix", "s3:prefix"),
    ("SSECustomerAlgorithm", "s3:x-amz-server-side-encryption-customer-algorithm"),
    ("SSEKMSKeyId", "s3:x-amz-server-side-encryption-aws-kms-key-id"),
    ("ServerSideEncryption", "s3:x-amz-server-side-encryption"),
    ("StorageClass", "s3:x-amz-storage-class"),
    ("VersionId", "s3:VersionId"),
];

/// What is known of a request to a bucket.
pub(crate) fn context(cx: &Ctx, bucket: &Bucket, op: &Operation, input: &Value) -> Context {
    let mut context = Context::of_request(cx);
    for key in ["aws:ResourceAccount", "s3:ResourceAccount"] {
        context.put(key, bucket.account.as_str());
    }
    signature(cx, &mut context);
    members(Input::new(op, input), &mut context);
    context
}

fn signature(cx: &Ctx, context: &mut Context) {
    let Some(via) = cx.via.as_deref() else { return };
    let Some(signed) = via.signed else { return };
    if cx.identity.principal != Principal::Anonymous {
        context.put("s3:signatureversion", "AWS4-HMAC-SHA256");
    }
    let kind = match signed {
        SignedBy::Header => "REST-HEADER",
        SignedBy::Query => "REST-QUERY-STRING",
        SignedBy::Form => "POST",
    };
    context.put("s3:authType", kind);
    if let Some(at) = via.signed_at {
        let age = cx.clock.real_now().0.saturating_sub(at.0).max(0);
        context.put("s3:signatureAge", age.to_string());
    }
}

fn members(input: Input<'_>, context: &mut Context) {
    for (member, key) in MEMBERS {
        if let Some(text) = input.text(member) {
            context.put(key, text);
        }
    }
    if let Some(number) = input.number("MaxKeys") {
        context.put("s3:max-keys", number.to_string());
    }
    if let Some(until) = input.moment("ObjectLockRetainUntilDate") {
        context.put("s3:object-lock-retain-until-date", until.0.div_euclid(1000).to_string());
    }
    // Tags that are wrong are for the operation to refuse.
    let tags = tags_of_header(input.text("Tagging")).unwrap_or_default();
    if !tags.is_empty() {
        for (name, value) in &tags {
            context.put(&format!("s3:RequestObjectTag/{name}"), value.as_str());
        }
        context.put_all("s3:RequestObjectTagKeys", tags.into_iter().map(|(name, _)| name).collect());
    }
}
