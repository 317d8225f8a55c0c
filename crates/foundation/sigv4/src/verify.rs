//! From a claim to a proof.

use std::time::Duration;

use updraft_kernel::UnixMillis;
use updraft_kernel::ports::SecretKey;

use crate::canonical::{self, Parts};
use crate::claim::{Claim, Kind};
use crate::error::{AuthError, Mismatch};
use crate::hex::{sha256, to_hex};
use crate::key::SigningKey;
use crate::payload::PayloadMode;
use crate::{ALGORITHM, MAX_SKEW};

/// What is known of the body when the signature is verified.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    Bytes(&'a [u8]),
    Sha256([u8; 32]),
    /// It is still to come: what it must hash to is then in [`Verified::expected_sha256`]. Only where the client
    /// declared something about it (S3); elsewhere it counts as empty.
    Streamed,
}

impl Body<'_> {
    fn hash(self) -> Option<[u8; 32]> {
        match self {
            Self::Bytes(bytes) => Some(sha256(bytes)),
            Self::Sha256(hash) => Some(hash),
            Self::Streamed => None,
        }
    }
}

/// What the signatures of a body's chunks are chained from.
#[derive(Clone, Debug)]
pub struct ChunkSigning {
    pub(crate) key: SigningKey,
    pub(crate) timestamp: String,
    pub(crate) scope: String,
    pub(crate) seed: String,
}

/// The proof that the claim's key signed this request, and what is left to check about its body.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The body wasn't there yet, and must have this hash.
    pub expected_sha256: Option<[u8; 32]>,
    /// The body comes in signed chunks: hand this to [`ChunkDecoder`](crate::ChunkDecoder).
    pub chunks: Option<ChunkSigning>,
}

impl Claim {
    /// Proves the claim with the secret of its key. `now` is real time.
    ///
    /// # Errors
    /// Time first, then the signature, then the body's hash.
    pub fn verify(
        &self,
        secret: &SecretKey,
        parts: &Parts<'_>,
        body: Body<'_>,
        now: UnixMillis,
    ) -> Result<Verified, AuthError> {
        self.verify_with(&SigningKey::derive(secret, &self.scope), parts, body, now)
    }

    /// The same with a key from a [`KeyCache`](crate::KeyCache).
    ///
    /// # Errors
    /// As [`Claim::verify`].
    pub fn verify_with(
        &self,
        key: &SigningKey,
        parts: &Parts<'_>,
        body: Body<'_>,
        now: UnixMillis,
    ) -> Result<Verified, AuthError> {
        self.in_time(now)?;
        // A body with its own framing is verified chunk by chunk, so hashing it as a whole would be work for nothing.
        let computed = match self.payload {
            PayloadMode::Undeclared | PayloadMode::Sha256(_) => body.hash(),
            _ => None,
        };
        self.signed(key, parts, computed)?;
        let expected_sha256 = self.body_matches(computed)?;
        let signed_chunks = matches!(self.payload, PayloadMode::StreamingSigned { .. });
        Ok(Verified { expected_sha256, chunks: signed_chunks.then(|| self.chunk_signing(key)) })
    }

    fn in_time(&self, now: UnixMillis) -> Result<(), AuthError> {
        if let Kind::Version2 { .. } = self.kind {
            // It isn't proved by a key that is bound to a scope.
            return Err(AuthError::UnsupportedAuthorization("AWS version 2".to_owned()));
        }
        let skewed = AuthError::TooSkewed { date: self.date, now };
        if self.date.since(now) > MAX_SKEW {
            return Err(skewed);
        }
        match self.kind {
            Kind::Header if now.since(self.date) > MAX_SKEW => Err(skewed),
            Kind::Query { expires } if now.since(self.date) > expires => {
                Err(AuthError::Expired { lifetime: Some(expires.as_secs()), at: self.date.plus(expires), now })
            }
            _ => Ok(()),
        }
    }

    fn signed(&self, key: &SigningKey, parts: &Parts<'_>, body: Option<[u8; 32]>) -> Result<(), AuthError> {
        let hash = || to_hex(&body.unwrap_or_else(|| sha256(b"")));
        let payload = self.payload.canonical().unwrap_or_else(hash);
        let request = canonical::request(parts, self.scope.is_s3(), &self.signed_headers, &payload);
        let string_to_sign = string_to_sign(&self.timestamp, &self.scope.text(), &request);
        if key.matches(&string_to_sign, &self.signature) {
            return Ok(());
        }
        Err(AuthError::SignatureDoesNotMatch(Box::new(Mismatch {
            access_key_id: self.access_key_id.clone(),
            canonical_request: Some(String::from_utf8_lossy(&request).into_owned()),
            string_to_sign,
            provided: self.signature.clone(),
        })))
    }

    fn body_matches(&self, computed: Option<[u8; 32]>) -> Result<Option<[u8; 32]>, AuthError> {
        let PayloadMode::Sha256(declared) = self.payload else { return Ok(None) };
        match computed {
            None => Ok(Some(declared)),
            Some(computed) if computed == declared => Ok(None),
            Some(computed) => {
                let (declared, computed) = (to_hex(&declared), to_hex(&computed));
                Err(AuthError::PayloadHashMismatch { declared, computed })
            }
        }
    }

    fn chunk_signing(&self, key: &SigningKey) -> ChunkSigning {
        let (timestamp, seed) = (self.timestamp.clone(), self.signature.clone());
        ChunkSigning { key: key.clone(), timestamp, scope: self.scope.text(), seed }
    }

    /// How long a presigned URL lives; `None` for others.
    #[must_use]
    pub fn expires(&self) -> Option<Duration> {
        match self.kind {
            Kind::Header | Kind::Version2 { .. } => None,
            Kind::Query { expires } => Some(expires),
        }
    }
}

pub(crate) fn string_to_sign(timestamp: &str, scope: &str, request: &[u8]) -> String {
    format!("{ALGORITHM}\n{timestamp}\n{scope}\n{}", to_hex(&sha256(request)))
}
