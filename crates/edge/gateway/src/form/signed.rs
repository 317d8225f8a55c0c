//! Who signed a form: its policy is what is signed.

use updraft_kernel::{AwsError, Region};
use updraft_sigv4::{AuthError, Mismatch, Style};

use super::errors::{missing, wrong_field};
use super::fields::Fields;
use crate::auth::Caller;
use crate::gateway::Gateway;

const ALGORITHM: &str = "x-amz-algorithm";
const CREDENTIAL: &str = "x-amz-credential";
const DATE: &str = "x-amz-date";
const SIGNATURE: &str = "x-amz-signature";

impl Gateway {
    /// Proves who posts a form; nobody, where it says nothing of that.
    ///
    /// # Errors
    /// If something is missing, or the signature isn't that of the policy.
    pub(super) async fn form_caller(&self, fields: &Fields) -> Result<Option<Caller>, AwsError> {
        let any = |names: &[&str]| names.iter().any(|name| fields.get(name).is_some());
        if any(&[ALGORITHM, CREDENTIAL, SIGNATURE]) {
            return self.signed_by_v4(fields).await.map(Some);
        }
        if any(&["awsaccesskeyid", "signature"]) {
            return self.signed_by_v2(fields).await.map(Some);
        }
        Ok(None)
    }

    async fn signed_by_v4(&self, fields: &Fields) -> Result<Caller, AwsError> {
        let algorithm = fields.get(ALGORITHM).ok_or_else(|| missing("X-Amz-Algorithm"))?;
        let credential = fields.get(CREDENTIAL).ok_or_else(|| missing("X-Amz-Credential"))?;
        let signature = fields.get(SIGNATURE).ok_or_else(|| missing("X-Amz-Signature"))?;
        let date = fields.get(DATE).ok_or_else(|| missing("X-Amz-Date"))?;
        let policy = fields.get("policy").ok_or_else(|| missing("policy"))?;
        if algorithm != updraft_sigv4::ALGORITHM {
            let message = "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"";
            return Err(wrong_field("X-Amz-Algorithm", algorithm, message));
        }
        let malformed = "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \
                         \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
        let (key_id, scope) = updraft_sigv4::parse_credential(credential)
            .filter(|(_, scope)| scope.is_s3() && date.starts_with(&scope.date))
            .ok_or_else(|| wrong_field("X-Amz-Credential", credential, malformed))?;
        let key = self.key_of(&key_id, fields).await?;
        let signing = self.keys.get(&key_id, &key.secret, &scope);
        if !signing.matches(policy, signature) {
            return Err(mismatch(&key_id, policy, signature));
        }
        let region = Region::parse(&scope.region).unwrap_or_else(|_| Region::default_region());
        Ok(Caller { identity: key.identity, region, claim: None, chunks: None })
    }

    async fn signed_by_v2(&self, fields: &Fields) -> Result<Caller, AwsError> {
        let key_id = fields.get("awsaccesskeyid").ok_or_else(|| missing("AWSAccessKeyId"))?;
        let signature = fields.get("signature").ok_or_else(|| missing("Signature"))?;
        let policy = fields.get("policy").ok_or_else(|| missing("policy"))?;
        let key = self.key_of(key_id, fields).await?;
        if !updraft_sigv4::matches_version2(&key.secret, policy.as_bytes(), signature) {
            return Err(mismatch(key_id, policy, signature));
        }
        let region = Region::default_region();
        Ok(Caller { identity: key.identity, region, claim: None, chunks: None })
    }

    async fn key_of(&self, key_id: &str, fields: &Fields) -> Result<updraft_kernel::ports::ResolvedKey, AwsError> {
        let token = fields.get("x-amz-security-token");
        let key = self.parts.credentials.resolve(key_id, token).await;
        key.map_err(|why| updraft_sigv4::to_aws(&AuthError::unknown_key(why, key_id), Style::S3))
    }
}

fn mismatch(key_id: &str, policy: &str, signature: &str) -> AwsError {
    let mismatch = Mismatch {
        access_key_id: key_id.to_owned(),
        canonical_request: None,
        string_to_sign: policy.to_owned(),
        provided: signature.to_owned(),
    };
    updraft_sigv4::to_aws(&AuthError::SignatureDoesNotMatch(Box::new(mismatch)), Style::S3)
}
