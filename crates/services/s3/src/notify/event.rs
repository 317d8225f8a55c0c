//! What is said of a change: to queues, topics and functions in one form, to buses in another.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use updraft_kernel::{AwsError, Ctx, Principal, UnixMillis};

use super::{Change, Happening};
use crate::model::bucket::Bucket;
use crate::model::owner::principal_id;

impl Happening {
    /// Without `s3:`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreatedPut => "ObjectCreated:Put",
            Self::CreatedPost => "ObjectCreated:Post",
            Self::CreatedCopy => "ObjectCreated:Copy",
            Self::CreatedCompleteMultipartUpload => "ObjectCreated:CompleteMultipartUpload",
            Self::RemovedDelete => "ObjectRemoved:Delete",
            Self::RemovedDeleteMarkerCreated => "ObjectRemoved:DeleteMarkerCreated",
            Self::TaggingPut => "ObjectTagging:Put",
            Self::TaggingDelete => "ObjectTagging:Delete",
            Self::AclPut => "ObjectAcl:Put",
            Self::ExpiredDelete => "LifecycleExpiration:Delete",
            Self::ExpiredDeleteMarkerCreated => "LifecycleExpiration:DeleteMarkerCreated",
            Self::Transitioned => "LifecycleTransition",
            Self::RestorePost => "ObjectRestore:Post",
            Self::RestoreCompleted => "ObjectRestore:Completed",
            Self::RestoreDelete => "ObjectRestore:Delete",
        }
    }

    /// What buses call it.
    pub(super) fn detail_type(self) -> Option<&'static str> {
        Some(match self {
            Self::CreatedPut | Self::CreatedPost | Self::CreatedCopy | Self::CreatedCompleteMultipartUpload => {
                "Object Created"
            }
            Self::RemovedDelete
            | Self::RemovedDeleteMarkerCreated
            | Self::ExpiredDelete
            | Self::ExpiredDeleteMarkerCreated => "Object Deleted",
            Self::TaggingPut => "Object Tags Added",
            Self::TaggingDelete => "Object Tags Deleted",
            Self::AclPut => "Object ACL Updated",
            Self::Transitioned => "Object Storage Class Changed",
            Self::RestorePost => "Object Restore Initiated",
            Self::RestoreCompleted => "Object Restore Completed",
            Self::RestoreDelete => "Object Restore Expired",
        })
    }

    /// AWS: why something was made or deleted is said to buses only.
    fn reason(self) -> Option<&'static str> {
        match self {
            Self::CreatedPut => Some("PutObject"),
            Self::CreatedPost => Some("POST Object"),
            Self::CreatedCopy => Some("CopyObject"),
            Self::CreatedCompleteMultipartUpload => Some("CompleteMultipartUpload"),
            Self::RemovedDelete | Self::RemovedDeleteMarkerCreated => Some("DeleteObject"),
            Self::ExpiredDelete | Self::ExpiredDeleteMarkerCreated => Some("Lifecycle Expiration"),
            _ => None,
        }
    }

    fn deletion(self) -> Option<&'static str> {
        match self {
            Self::RemovedDelete | Self::ExpiredDelete => Some("Permanently Deleted"),
            Self::RemovedDeleteMarkerCreated | Self::ExpiredDeleteMarkerCreated => Some("Delete Marker Created"),
            _ => None,
        }
    }

    fn changes_content(self) -> bool {
        !matches!(self, Self::TaggingPut | Self::TaggingDelete | Self::AclPut)
    }

    fn version(self) -> &'static str {
        let newer = !self.changes_content()
            || matches!(self, Self::ExpiredDelete | Self::ExpiredDeleteMarkerCreated | Self::Transitioned);
        if newer { "2.3" } else { "2.1" }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Records<'a> {
    records: [Record<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'a str,
    event_source: &'a str,
    aws_region: &'a str,
    event_time: String,
    event_name: &'a str,
    user_identity: Who,
    request_parameters: Parameters,
    response_elements: Response<'a>,
    s3: About<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Who {
    principal_id: String,
}

#[derive(Serialize)]
struct Parameters {
    #[serde(rename = "sourceIPAddress")]
    source: String,
}

#[derive(Serialize)]
struct Response<'a> {
    #[serde(rename = "x-amz-request-id")]
    id: &'a str,
    #[serde(rename = "x-amz-id-2")]
    host: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct About<'a> {
    #[serde(rename = "s3SchemaVersion")]
    schema: &'a str,
    configuration_id: &'a str,
    bucket: Place<'a>,
    object: Object<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    name: &'a str,
    owner_identity: Who,
    arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a> {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(rename = "eTag", skip_serializing_if = "Option::is_none")]
    etag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequencer: Option<String>,
}

/// For queues, topics and functions. `id`: the configuration's.
///
/// # Errors
/// If it can't be encoded.
pub(super) fn records(cx: &Ctx, bucket: &Bucket, id: &str, change: &Change<'_>) -> Result<Vec<u8>, AwsError> {
    let content = change.what.changes_content();
    let record = Record {
        event_version: change.what.version(),
        event_source: "aws:s3",
        aws_region: bucket.region.as_str(),
        event_time: written(cx.now()),
        event_name: change.what.name(),
        user_identity: Who { principal_id: principal(cx) },
        request_parameters: Parameters { source: source(cx) },
        response_elements: Response { id: cx.request_id.as_str(), host: cx.request_id.as_str() },
        s3: About {
            schema: "1.0",
            configuration_id: id,
            bucket: Place {
                name: &bucket.name,
                owner_identity: Who { principal_id: principal_id(&bucket.account) },
                arn: bucket.arn().to_string(),
            },
            object: Object {
                key: encoded(change.key),
                size: change.size.filter(|_| content),
                etag: change.etag,
                version_id: change.version,
                sequencer: content.then(|| sequencer(change)),
            },
        },
    };
    serde_json::to_vec(&Records { records: [record] }).map_err(AwsError::internal)
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Detail<'a> {
    version: &'a str,
    bucket: Named<'a>,
    object: DetailObject<'a>,
    request_id: &'a str,
    requester: &'a str,
    source_ip_address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_type: Option<&'a str>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct DetailObject<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequencer: Option<String>,
}

/// For buses. AWS: keys aren't encoded there.
///
/// # Errors
/// If it can't be encoded.
pub(super) fn detail(cx: &Ctx, bucket: &Bucket, change: &Change<'_>) -> Result<Vec<u8>, AwsError> {
    let content = change.what.changes_content();
    let requester = match &cx.identity.principal {
        Principal::Service(name) => name,
        _ => cx.identity.account.as_str(),
    };
    let detail = Detail {
        version: "0",
        bucket: Named { name: &bucket.name },
        object: DetailObject {
            key: change.key,
            size: change.size.filter(|_| content),
            etag: change.etag,
            version_id: change.version,
            sequencer: content.then(|| sequencer(change)),
        },
        request_id: cx.request_id.as_str(),
        requester,
        source_ip_address: source(cx),
        reason: change.what.reason(),
        deletion_type: change.what.deletion(),
    };
    serde_json::to_vec(&detail).map_err(AwsError::internal)
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Test<'a> {
    service: &'a str,
    event: &'a str,
    time: String,
    bucket: &'a str,
    request_id: &'a str,
    host_id: &'a str,
}

/// What destinations are told when they are configured.
///
/// # Errors
/// If it can't be encoded.
pub(super) fn test(cx: &Ctx, bucket: &Bucket) -> Result<Vec<u8>, AwsError> {
    let test = Test {
        service: "Amazon S3",
        event: "s3:TestEvent",
        time: written(cx.now()),
        bucket: &bucket.name,
        request_id: cx.request_id.as_str(),
        host_id: cx.request_id.as_str(),
    };
    serde_json::to_vec(&test).map_err(AwsError::internal)
}

fn written(at: UnixMillis) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    format!("{at:.3}")
}

fn principal(cx: &Ctx) -> String {
    match &cx.identity.principal {
        Principal::Root => principal_id(&cx.identity.account),
        Principal::User { id, .. } => format!("AWS:{id}"),
        Principal::AssumedRole { role_id, session, .. } => format!("AWS:{role_id}:{session}"),
        Principal::Service(name) => (*name).to_owned(),
        Principal::Anonymous => "Anonymous".to_owned(),
    }
}

fn source(cx: &Ctx) -> String {
    cx.source_ip.map_or_else(|| "s3.amazonaws.com".to_owned(), |ip| ip.to_string())
}

fn sequencer(change: &Change<'_>) -> String {
    format!("{:018X}", change.sequencer)
}

/// What stays as it is in keys; AWS: as in forms, but for slashes.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'*').remove(b'_').remove(b' ');

fn encoded(key: &str) -> String {
    utf8_percent_encode(key, PLAIN).to_string().replace(' ', "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_as_in_forms() {
        for (key, expected) in [
            ("a@b", "a%40b"),
            ("dir/file name.txt", "dir/file+name.txt"),
            ("a+b", "a%2Bb"),
            ("é", "%C3%A9"),
            ("a-b_c.d*e~", "a-b_c.d*e%7E"),
        ] {
            assert_eq!(encoded(key), expected);
        }
    }
}
