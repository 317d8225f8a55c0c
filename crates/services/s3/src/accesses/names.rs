//! What records call operations: by method and resource.

use updraft_access::Access;

/// Operations whose resource isn't named as they are: the operation's name, and what records call it.
const NAMES: [(&str, &str); 38] = [
    ("AbortMultipartUpload", "REST.DELETE.UPLOAD"),
    ("CompleteMultipartUpload", "REST.POST.UPLOAD"),
    ("CopyObject", "REST.COPY.OBJECT"),
    ("CreateBucket", "REST.PUT.BUCKET"),
    ("CreateMultipartUpload", "REST.POST.UPLOADS"),
    ("DeleteBucket", "REST.DELETE.BUCKET"),
    ("DeleteBucketPolicy", "REST.DELETE.BUCKETPOLICY"),
    ("DeleteObject", "REST.DELETE.OBJECT"),
    ("DeleteObjects", "REST.POST.MULTI_OBJECT_DELETE"),
    ("DeletePublicAccessBlock", "REST.DELETE.PUBLIC_ACCESS_BLOCK"),
    ("GetBucketLifecycleConfiguration", "REST.GET.LIFECYCLE"),
    ("GetBucketLogging", "REST.GET.LOGGING_STATUS"),
    ("GetBucketNotificationConfiguration", "REST.GET.NOTIFICATION"),
    ("GetBucketPolicy", "REST.GET.BUCKETPOLICY"),
    ("GetBucketPolicyStatus", "REST.GET.POLICY_STATUS"),
    ("GetObject", "REST.GET.OBJECT"),
    ("GetObjectAcl", "REST.GET.ACL"),
    ("HeadBucket", "REST.HEAD.BUCKET"),
    ("HeadObject", "REST.HEAD.OBJECT"),
    ("ListMultipartUploads", "REST.GET.UPLOADS"),
    ("ListObjectVersions", "REST.GET.BUCKETVERSIONS"),
    ("ListObjects", "REST.GET.BUCKET"),
    ("ListObjectsV2", "REST.GET.BUCKET"),
    ("ListParts", "REST.GET.UPLOAD"),
    ("PostObject", "REST.POST.OBJECT"),
    ("PutBucketLifecycleConfiguration", "REST.PUT.LIFECYCLE"),
    ("PutBucketLogging", "REST.PUT.LOGGING_STATUS"),
    ("PutBucketNotificationConfiguration", "REST.PUT.NOTIFICATION"),
    ("PutBucketPolicy", "REST.PUT.BUCKETPOLICY"),
    ("PutObject", "REST.PUT.OBJECT"),
    ("PutObjectAcl", "REST.PUT.ACL"),
    ("RestoreObject", "REST.POST.RESTORE"),
    ("SelectObjectContent", "REST.SELECT.OBJECT"),
    ("UploadPart", "REST.PUT.PART"),
    ("UploadPartCopy", "REST.COPY.PART"),
    ("GetPublicAccessBlock", "REST.GET.PUBLIC_ACCESS_BLOCK"),
    ("PutPublicAccessBlock", "REST.PUT.PUBLIC_ACCESS_BLOCK"),
    ("GetObjectAttributes", "REST.GET.OBJECT_ATTRIBUTES"),
];

pub(super) fn of(access: &Access) -> String {
    // What isn't one request is named by whoever tells of it.
    if access.operation.contains('.') {
        return access.operation.to_owned();
    }
    if let Some((_, name)) = NAMES.iter().find(|(operation, _)| *operation == access.operation) {
        return (*name).to_owned();
    }
    format!("REST.{}.{}", access.method, resource(access))
}

/// `GetBucketRequestPayment` is about `REQUEST_PAYMENT`, `PutObjectTagging` about `OBJECT_TAGGING`.
fn resource(access: &Access) -> String {
    let verbs = ["Get", "Put", "Delete", "List", "Head"];
    let about = verbs.into_iter().find_map(|verb| access.operation.strip_prefix(verb));
    let Some(about) = about else {
        return if access.key.is_some() { "OBJECT" } else { "BUCKET" }.to_owned();
    };
    let about = about.strip_prefix("Bucket").filter(|rest| !rest.is_empty()).unwrap_or(about);
    let about = about.trim_end_matches("Configurations").trim_end_matches("Configuration");
    let mut name = String::new();
    for letter in about.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::access;
    use super::*;

    #[test]
    fn operations_are_called_by_method_and_resource() {
        let name = |operation, method: &str, key: Option<&str>| {
            of(&Access { operation, method: method.into(), key: key.map(str::to_owned), ..access() })
        };
        assert_eq!(name("GetBucketLogging", "GET", None), "REST.GET.LOGGING_STATUS");
        assert_eq!(name("ListObjectsV2", "GET", None), "REST.GET.BUCKET");
        assert_eq!(name("CopyObject", "PUT", Some("k")), "REST.COPY.OBJECT");
        assert_eq!(name("GetBucketVersioning", "GET", None), "REST.GET.VERSIONING");
        assert_eq!(name("PutObjectTagging", "PUT", Some("k")), "REST.PUT.OBJECT_TAGGING");
        assert_eq!(name("GetBucketRequestPayment", "GET", None), "REST.GET.REQUEST_PAYMENT");
        assert_eq!(name("GetBucketCors", "GET", None), "REST.GET.CORS");
        assert_eq!(name("BATCH.DELETE.OBJECT", "POST", Some("k")), "BATCH.DELETE.OBJECT");
        assert_eq!(name("-", "PATCH", Some("k")), "REST.PATCH.OBJECT");
        assert_eq!(name("-", "GET", None), "REST.GET.BUCKET");
    }
}
