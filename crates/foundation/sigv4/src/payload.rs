//! What a request says about its body.

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

#[cfg(test)]
mod tests {
    use super::*;

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
