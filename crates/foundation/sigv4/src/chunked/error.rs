//! What is wrong with a chunked body.

use updraft_kernel::{AwsError, ErrorCode};

static INCOMPLETE_BODY: ErrorCode = ErrorCode::sender("IncompleteBody", 400);
static INVALID_REQUEST: ErrorCode = ErrorCode::sender("InvalidRequest", 400);
static INVALID_CHUNK: ErrorCode = ErrorCode::sender("InvalidChunkSizeError", 403);
static MALFORMED_TRAILER: ErrorCode = ErrorCode::sender("MalformedTrailerError", 400);
static MISMATCH: ErrorCode = ErrorCode::sender("SignatureDoesNotMatch", 403);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// It ended early, or its framing can't be read.
    #[error("the chunked body is malformed: {0}")]
    Malformed(&'static str),
    /// A trailer is malformed, or there are too many.
    #[error("a trailer is malformed")]
    Trailer,
    /// More or fewer bytes than `x-amz-decoded-content-length` says.
    #[error("the body has {actual} bytes instead of {declared}")]
    Length { declared: u64, actual: u64 },
    /// AWS: every signed chunk but the last has at least 8 KiB.
    #[error("chunk {number} has only {size} bytes")]
    TooSmall { number: u64, size: u64 },
    #[error("the signature of a chunk does not match")]
    Signature { string_to_sign: String, provided: String },
}

impl ChunkError {
    /// As S3, which alone takes such bodies, says it.
    #[must_use]
    pub fn to_aws(&self) -> AwsError {
        match self {
            Self::Malformed(_) => AwsError::new(&INCOMPLETE_BODY, "The request body terminated unexpectedly"),
            Self::Length { .. } => AwsError::new(
                &INCOMPLETE_BODY,
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
            ),
            Self::Trailer => AwsError::new(
                &MALFORMED_TRAILER,
                "The request contained trailing data that was not well-formed or did not conform to our published schema.",
            ),
            Self::TooSmall { number, size } => {
                AwsError::new(&INVALID_CHUNK, "Only the last chunk is allowed to have a size less than 8192 bytes")
                    .with("Chunk", number.to_string())
                    .with("BadChunkSize", size.to_string())
            }
            Self::Signature { string_to_sign, provided } => AwsError::new(
                &MISMATCH,
                "The request signature we calculated does not match the signature you provided. Check your key and \
                 signing method.",
            )
            .with("StringToSign", string_to_sign.as_str())
            .with("SignatureProvided", provided.as_str()),
        }
        .because(self.clone())
    }

    /// A chunked body without `x-amz-decoded-content-length`.
    #[must_use]
    pub fn missing_decoded_length() -> AwsError {
        AwsError::new(&INVALID_REQUEST, "Missing required header for this request: x-amz-decoded-content-length")
    }
}
