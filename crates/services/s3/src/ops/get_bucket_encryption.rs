//! `GetBucketEncryption`: AWS encrypts where nobody asked for it, and says so.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    GetBucketEncryptionInput, GetBucketEncryptionOutput, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use updraft_kernel::{AwsError, Ctx};

use super::configured::get;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn get_bucket_encryption(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketEncryptionInput,
) -> Result<GetBucketEncryptionOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let what = (Kind::Encryption, &shapes::ServerSideEncryptionConfiguration);
    let (_, found) = get(svc, cx, whose, what).await?;
    Ok(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(found.unwrap_or_else(by_default)) })
}

fn by_default() -> ServerSideEncryptionConfiguration {
    let sse_algorithm = ServerSideEncryption::Aes256;
    let rule = ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
            sse_algorithm,
            ..ServerSideEncryptionByDefault::default()
        }),
        bucket_key_enabled: Some(false),
        ..ServerSideEncryptionRule::default()
    };
    ServerSideEncryptionConfiguration { rules: vec![rule] }
}
