//! `PutBucketEncryption`: how objects are encrypted whose uploads don't say.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    PutBucketEncryptionInput, PutBucketEncryptionOutput, ServerSideEncryption, ServerSideEncryptionConfiguration,
};
use updraft_kernel::{AwsError, Ctx};

use super::configured::put;
use crate::S3;
use crate::config::Kind;
use crate::errors::{invalid_argument, malformed_xml};

pub(crate) async fn put_bucket_encryption(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketEncryptionInput,
) -> Result<PutBucketEncryptionOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let mut configuration = input.server_side_encryption_configuration;
    check(&mut configuration)?;
    let what = (Kind::Encryption, &shapes::ServerSideEncryptionConfiguration);
    put(svc, cx, whose, what, configuration).await?;
    Ok(PutBucketEncryptionOutput {})
}

fn check(given: &mut ServerSideEncryptionConfiguration) -> Result<(), AwsError> {
    let [rule] = given.rules.as_mut_slice() else { return Err(malformed_xml()) };
    if rule.apply_server_side_encryption_by_default.is_none() && rule.blocked_encryption_types.is_none() {
        return Err(malformed_xml());
    }
    if let Some(default) = &rule.apply_server_side_encryption_by_default {
        let with_key = default.kms_master_key_id.is_some();
        let by_kms = matches!(default.sse_algorithm, ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse);
        if with_key && !by_kms {
            let message =
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse";
            return Err(invalid_argument("ApplyServerSideEncryptionByDefault", message));
        }
    }
    // AWS: shown even where it wasn't said.
    rule.bucket_key_enabled.get_or_insert(false);
    Ok(())
}
