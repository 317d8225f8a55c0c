//! What a request asks to be allowed: most operations one action, some several, some of another name.

use updraft_kernel::{AwsError, Principal};
use updraft_wire::{Operation, Value};

use super::input::Input;
use crate::errors::access_denied;
use crate::objects::about::Source;

/// One thing that must be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    /// `s3:GetObject`.
    pub(crate) action: String,
    pub(crate) bucket: String,
    /// `None`: it is about the bucket itself.
    pub(crate) key: Option<String>,
    pub(crate) version: Option<String>,
}

/// Headers that grant something to others.
const GRANTS: [&str; 6] = ["ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP"];

/// What must be allowed; nothing, where the operation isn't about a bucket.
///
/// # Errors
/// If the source of a copy can't be read.
pub(crate) fn asks(op: &Operation, input: &Value) -> Result<Vec<Ask>, AwsError> {
    let input = Input::new(op, input);
    let Some(bucket) = input.text("Bucket") else { return Ok(Vec::new()) };
    let key = input.text("Key");
    let ask = |action: &str| Ask {
        action: format!("s3:{action}"),
        bucket: bucket.to_owned(),
        key: key.map(str::to_owned),
        version: key.and(input.text("VersionId")).map(str::to_owned),
    };
    let mut all: Vec<Ask> = actions(op.name, input.text("VersionId").is_some()).iter().map(|one| ask(one)).collect();
    if all.is_empty() {
        all.push(ask(op.meta.action.trim_start_matches("s3:")));
    }
    let writes = matches!(op.name, "PutObject" | "CopyObject" | "CreateMultipartUpload");
    if writes && input.text("Tagging").is_some() {
        all.push(ask("PutObjectTagging"));
    }
    if writes && GRANTS.iter().any(|name| input.text(name).is_some()) {
        all.push(ask("PutObjectAcl"));
    }
    if input.is_true("BypassGovernanceRetention") {
        all.push(ask("BypassGovernanceRetention"));
    }
    if let Some(source) = input.text("CopySource") {
        let Source { bucket, key, version, .. } = Source::parse(source)?;
        let action = if version.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
        all.push(Ask { action: action.to_owned(), bucket, key: Some(key), version });
    }
    Ok(all)
}

/// What the operation is called where policies speak of it; empty: as it is. `version`: a version is named.
fn actions(operation: &str, version: bool) -> &'static [&'static str] {
    match operation {
        "GetObject" | "HeadObject" | "SelectObjectContent" => {
            of_version(version, &["GetObject"], &["GetObjectVersion"])
        }
        "GetObjectAttributes" => of_version(
            version,
            &["GetObject", "GetObjectAttributes"],
            &["GetObjectVersion", "GetObjectVersionAttributes"],
        ),
        "GetObjectAcl" => of_version(version, &["GetObjectAcl"], &["GetObjectVersionAcl"]),
        "PutObjectAcl" => of_version(version, &["PutObjectAcl"], &["PutObjectVersionAcl"]),
        "GetObjectTagging" => of_version(version, &["GetObjectTagging"], &["GetObjectVersionTagging"]),
        "PutObjectTagging" => of_version(version, &["PutObjectTagging"], &["PutObjectVersionTagging"]),
        "DeleteObjectTagging" => of_version(version, &["DeleteObjectTagging"], &["DeleteObjectVersionTagging"]),
        "DeleteObject" => of_version(version, &["DeleteObject"], &["DeleteObjectVersion"]),
        "CopyObject" | "CreateMultipartUpload" | "UploadPart" | "UploadPartCopy" | "CompleteMultipartUpload" => {
            &["PutObject"]
        }
        "ListParts" => &["ListMultipartUploadParts"],
        "ListMultipartUploads" => &["ListBucketMultipartUploads"],
        "ListObjects" | "ListObjectsV2" | "HeadBucket" => &["ListBucket"],
        "ListObjectVersions" => &["ListBucketVersions"],
        other => configurations(other),
    }
}

fn of_version(
    version: bool,
    latest: &'static [&'static str],
    named: &'static [&'static str],
) -> &'static [&'static str] {
    if version { named } else { latest }
}

/// Of buckets: who may put a configuration may delete it.
fn configurations(operation: &str) -> &'static [&'static str] {
    match operation {
        "GetBucketAccelerateConfiguration" => &["GetAccelerateConfiguration"],
        "PutBucketAccelerateConfiguration" => &["PutAccelerateConfiguration"],
        "GetBucketCors" => &["GetBucketCORS"],
        "PutBucketCors" | "DeleteBucketCors" => &["PutBucketCORS"],
        "GetBucketEncryption" => &["GetEncryptionConfiguration"],
        "PutBucketEncryption" | "DeleteBucketEncryption" => &["PutEncryptionConfiguration"],
        "GetBucketLifecycleConfiguration" | "GetBucketLifecycle" => &["GetLifecycleConfiguration"],
        "PutBucketLifecycleConfiguration" | "PutBucketLifecycle" | "DeleteBucketLifecycle" => {
            &["PutLifecycleConfiguration"]
        }
        "GetBucketNotificationConfiguration" => &["GetBucketNotification"],
        "PutBucketNotificationConfiguration" => &["PutBucketNotification"],
        "DeleteBucketOwnershipControls" => &["PutBucketOwnershipControls"],
        "GetPublicAccessBlock" => &["GetBucketPublicAccessBlock"],
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => &["PutBucketPublicAccessBlock"],
        "GetBucketReplication" => &["GetReplicationConfiguration"],
        "PutBucketReplication" | "DeleteBucketReplication" => &["PutReplicationConfiguration"],
        "DeleteBucketTagging" => &["PutBucketTagging"],
        "GetObjectLockConfiguration" => &["GetBucketObjectLockConfiguration"],
        "PutObjectLockConfiguration" => &["PutBucketObjectLockConfiguration"],
        other => numbered(other),
    }
}

/// Of configurations of which a bucket has many.
fn numbered(operation: &str) -> &'static [&'static str] {
    match operation {
        "GetBucketAnalyticsConfiguration" | "ListBucketAnalyticsConfigurations" => &["GetAnalyticsConfiguration"],
        "PutBucketAnalyticsConfiguration" | "DeleteBucketAnalyticsConfiguration" => &["PutAnalyticsConfiguration"],
        "GetBucketIntelligentTieringConfiguration" | "ListBucketIntelligentTieringConfigurations" => {
            &["GetIntelligentTieringConfiguration"]
        }
        "PutBucketIntelligentTieringConfiguration" | "DeleteBucketIntelligentTieringConfiguration" => {
            &["PutIntelligentTieringConfiguration"]
        }
        "GetBucketInventoryConfiguration" | "ListBucketInventoryConfigurations" => &["GetInventoryConfiguration"],
        "PutBucketInventoryConfiguration" | "DeleteBucketInventoryConfiguration" => &["PutInventoryConfiguration"],
        "GetBucketMetricsConfiguration" | "ListBucketMetricsConfigurations" => &["GetMetricsConfiguration"],
        "PutBucketMetricsConfiguration" | "DeleteBucketMetricsConfiguration" => &["PutMetricsConfiguration"],
        _ => &[],
    }
}

/// What nobody may do without saying who it is, whatever a bucket allows.
///
/// # Errors
/// If it is that, and nobody signed.
pub(crate) fn check_signed(op: &Operation, who: &Principal) -> Result<(), AwsError> {
    let needs = matches!(
        op.name,
        "ListBuckets" | "ListDirectoryBuckets" | "CreateBucket" | "CreateMultipartUpload" | "DeleteBucket"
    );
    if needs && *who == Principal::Anonymous { Err(access_denied()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use updraft_api_s3::MODEL;

    use super::*;

    fn told(operation: &str, members: &[(&str, &str)]) -> String {
        let op = MODEL.operation(operation).unwrap();
        let index = |name: &str| op.input.unwrap().members.iter().position(|member| member.name == name).unwrap();
        let member =
            |(name, value): &(&str, &str)| (u16::try_from(index(name)).unwrap(), Value::Text((*value).to_owned()));
        let input = Value::Structure(members.iter().map(member).collect());
        let told = |ask: Ask| {
            let key = ask.key.map(|key| format!("/{key}")).unwrap_or_default();
            format!("{} {}{key}", ask.action, ask.bucket)
        };
        asks(op, &input).unwrap().into_iter().map(told).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn what_operations_ask_for() {
        let object = [("Bucket", "b"), ("Key", "k")];
        let version = [("Bucket", "b"), ("Key", "k"), ("VersionId", "v")];
        assert_eq!(told("GetObject", &object), "s3:GetObject b/k");
        assert_eq!(told("HeadObject", &version), "s3:GetObjectVersion b/k");
        assert_eq!(told("DeleteObject", &version), "s3:DeleteObjectVersion b/k");
        assert_eq!(told("ListObjectsV2", &object[..1]), "s3:ListBucket b");
        assert_eq!(told("GetBucketPolicy", &object[..1]), "s3:GetBucketPolicy b");
        assert_eq!(told("DeleteBucketCors", &object[..1]), "s3:PutBucketCORS b");
        assert_eq!(told("ListBuckets", &[]), "");
        let copy = [("Bucket", "b"), ("Key", "k"), ("CopySource", "/a/from"), ("ACL", "private")];
        assert_eq!(told("CopyObject", &copy), "s3:PutObject b/k, s3:PutObjectAcl b/k, s3:GetObject a/from");
        let tagged = [("Bucket", "b"), ("Key", "k"), ("Tagging", "a=b")];
        assert_eq!(told("PutObject", &tagged), "s3:PutObject b/k, s3:PutObjectTagging b/k");
    }

    /// Each operation that is built has an action that AWS's list of actions knows, where it differs from its name.
    #[test]
    fn none_of_the_configurations_is_forgotten() {
        for op in MODEL.operations.iter().filter(|op| op.implemented && op.name.contains("Configuration")) {
            assert_ne!(actions(op.name, false), &[] as &[&str], "{}", op.name);
        }
    }
}
