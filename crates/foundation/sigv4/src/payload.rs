//! What a request says about its body.

use http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::error::AuthError;
use crate::hex::from_hex;

/// The value of `x-amz-content-sha256`, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadMode {
    /// Not said: the body's own hash is what was signed.
    Undeclared,
    /// The whole body has this hash.
    Sha256([u8; 32]),
    /// `UNSIGNED-PAYLOAD`.
    Unsigned,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: `aws-chunked`, with a trailer, without signatures.
    StreamingUnsigned,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: `aws-chunked`, each chunk signed; with `-TRAILER`, a signed trailer.
    StreamingSigned { trailer: bool },
}

impl PayloadMode {
    /// # Errors
    /// If the text is neither a known mode nor 64 lower-case hex digits.
    pub(crate) fn parse(text: &str) -> Result<Self, AuthError> {
        Ok(match text {
            "UNSIGNED-PAYLOAD" => Self::Unsigned,
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Self::StreamingUnsigned,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Self::StreamingSigned { trailer: false },
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Self::StreamingSigned { trailer: true },
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" | "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER" => {
                return Err(AuthError::SigV4a);
            }
            hash => Self::Sha256(from_hex(hash).ok_or_else(|| AuthError::InvalidPayloadHash(hash.to_owned()))?),
        })
    }

    /// What a request that nobody signed says: it can't claim a signature, but its body may be framed.
    #[must_use]
    pub fn unsigned(headers: &HeaderMap) -> Self {
        let declared = headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok());
        match declared.map(Self::parse) {
            Some(Ok(mode @ (Self::StreamingUnsigned | Self::Sha256(_)))) => mode,
            _ => Self::Unsigned,
        }
    }

    /// Whether the body is framed as `aws-chunked` and has to be read through a [`ChunkDecoder`](crate::ChunkDecoder).
    #[must_use]
    pub fn is_chunked(self) -> bool {
        matches!(self, Self::StreamingUnsigned | Self::StreamingSigned { .. })
    }

    /// As it stands in the canonical request; `None`: the body's hash stands there.
    pub(crate) fn canonical(self) -> Option<String> {
        let text = match self {
            Self::Undeclared => return None,
            Self::Sha256(hash) => return Some(crate::to_hex(&hash)),
            Self::Unsigned => "UNSIGNED-PAYLOAD",
            Self::StreamingUnsigned => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            Self::StreamingSigned { trailer: false } => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Self::StreamingSigned { trailer: true } => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        };
        Some(text.to_owned())
    }
}

/// Compares a body with the hash that was declared for it, as it comes.
#[derive(Clone, Debug)]
pub struct PayloadCheck {
    declared: [u8; 32],
    hash: Sha256,
}

impl PayloadCheck {
    #[must_use]
    pub fn new(declared: [u8; 32]) -> Self {
        Self { declared, hash: Sha256::new() }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// # Errors
    /// [`AuthError::PayloadHashMismatch`] if what came has another hash.
    pub fn finish(self) -> Result<(), AuthError> {
        let computed: [u8; 32] = self.hash.finalize().into();
        if computed == self.declared {
            return Ok(());
        }
        let (declared, computed) = (crate::to_hex(&self.declared), crate::to_hex(&computed));
        Err(AuthError::PayloadHashMismatch { declared, computed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_checked_piece_by_piece() {
        let mut check = PayloadCheck::new(crate::sha256(b"abc"));
        check.update(b"a");
        let mut short = check.clone();
        short.update(b"b");
        check.update(b"bc");
        assert_eq!(check.finish(), Ok(()));
        assert!(matches!(short.finish(), Err(AuthError::PayloadHashMismatch { .. })));
    }

    #[test]
    fn nobody_claims_no_signature() {
        let said = |text: &'static str| {
            PayloadMode::unsigned(&HeaderMap::from_iter([(
                "x-amz-content-sha256".parse::<http::HeaderName>().unwrap(),
                http::HeaderValue::from_static(text),
            )]))
        };
        assert_eq!(said("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), PayloadMode::StreamingUnsigned);
        assert_eq!(said("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), PayloadMode::Unsigned);
        assert_eq!(PayloadMode::unsigned(&HeaderMap::new()), PayloadMode::Unsigned);
    }

    #[test]
    fn every_mode_is_written_as_it_was_read() {
        let hash = crate::hex::EMPTY_SHA256;
        let streaming = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
        for text in ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", streaming, hash] {
            assert_eq!(PayloadMode::parse(text).unwrap().canonical().as_deref(), Some(text));
        }
        assert_eq!(PayloadMode::parse("no hash"), Err(AuthError::InvalidPayloadHash("no hash".into())));
        assert_eq!(PayloadMode::parse("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"), Err(AuthError::SigV4a));
    }
}
