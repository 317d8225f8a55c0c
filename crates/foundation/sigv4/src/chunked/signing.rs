//! The chain of chunk signatures: each one signs the one before it.

use sha2::{Digest, Sha256};

use super::ChunkError;
use crate::hex::{EMPTY_SHA256, sha256, to_hex};
use crate::verify::ChunkSigning;

/// Verifies one chunk after the other.
#[derive(Debug)]
pub(super) struct Chain {
    signing: ChunkSigning,
    hash: Sha256,
    /// What the current chunk claims.
    provided: String,
}

impl Chain {
    pub(super) fn new(signing: ChunkSigning) -> Self {
        Self { signing, hash: Sha256::new(), provided: String::new() }
    }

    pub(super) fn begin(&mut self, provided: &str) {
        provided.clone_into(&mut self.provided);
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    pub(super) fn end(&mut self) -> Result<(), ChunkError> {
        let hash = to_hex(&self.hash.finalize_reset());
        let provided = std::mem::take(&mut self.provided);
        self.check("PAYLOAD", &format!("{EMPTY_SHA256}\n{hash}"), provided)
    }

    /// `canonical` is each trailer's `name:value\n`.
    pub(super) fn trailer(&mut self, canonical: &str, provided: &str) -> Result<(), ChunkError> {
        self.check("TRAILER", &to_hex(&sha256(canonical.as_bytes())), provided.to_owned())
    }

    fn check(&mut self, what: &str, hashes: &str, provided: String) -> Result<(), ChunkError> {
        let ChunkSigning { key, timestamp, scope, seed } = &mut self.signing;
        let string_to_sign = format!("AWS4-HMAC-SHA256-{what}\n{timestamp}\n{scope}\n{seed}\n{hashes}");
        if !key.matches(&string_to_sign, &provided) {
            return Err(ChunkError::Signature { string_to_sign, provided });
        }
        *seed = provided;
        Ok(())
    }
}
