//! From the bytes of a body to what the operation means: `aws-chunked` framing and gzip undone.

use bytes::BytesMut;
use updraft_kernel::error::code;
use updraft_kernel::{AwsError, ErrorCode};
use updraft_sigv4::{ChunkDecoder, ChunkError, PayloadMode};
use updraft_wire::codec::Call;

use crate::auth::Caller;
use crate::body::{self, BodyError};
use crate::digest;
use crate::operation::Arrived;

/// Undoes the framing that the signature declared, then the compression.
///
/// # Errors
/// If a chunk's signature or framing is wrong, it isn't gzip, or it would be longer than `limit`.
pub(crate) fn unwrap(arrived: &mut Arrived, caller: &Caller, call: &Call, limit: usize) -> Result<(), AwsError> {
    if let Some(mode) = caller.claim.as_ref().map(|claim| claim.payload).filter(|mode| mode.is_chunked()) {
        unchunk(arrived, caller, mode).map_err(|err| bad_chunk(&err))?;
    }
    let body = std::mem::take(&mut arrived.body);
    if call.model.name == "s3" {
        digest::check(&arrived.head.headers, &body)?;
    }
    arrived.body = body::inflate(&arrived.head.headers, body, limit).map_err(|err| refusal(&err, Some(call)))?;
    Ok(())
}

fn unchunk(arrived: &mut Arrived, caller: &Caller, mode: PayloadMode) -> Result<(), ChunkError> {
    let declared = arrived.head.headers.get("x-amz-decoded-content-length");
    let length = declared.and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok()).unwrap_or(0);
    let mut decoder = ChunkDecoder::new(mode, length, caller.chunks.clone());
    let mut plain = BytesMut::new();
    decoder.push(&arrived.body, &mut plain)?;
    decoder.finish()?;
    arrived.body = plain.freeze();
    Ok(())
}

fn bad_chunk(err: &ChunkError) -> AwsError {
    AwsError::new(&code::SERIALIZATION, format!("The chunked body can't be read: {err}"))
}

static ENTITY_TOO_LARGE: ErrorCode = ErrorCode::sender("RequestEntityTooLargeException", 413);
/// What Lambda says that it takes, in bytes (recorded: lambda, `test_oversized_request_create_lambda`).
const LAMBDA: usize = 70_167_211;

/// What a body that can't be read is answered with, by the operation it was for.
pub(crate) fn refusal(err: &BodyError, call: Option<&Call>) -> AwsError {
    let lambda = call.filter(|call| call.model.name == "lambda");
    match err {
        BodyError::TooLarge { .. } if let Some(call) = lambda => AwsError::new(
            &ENTITY_TOO_LARGE,
            format!("Request must be smaller than {LAMBDA} bytes for the {} operation", call.op.name),
        ),
        BodyError::TooLarge { limit } => {
            AwsError::new(&code::REQUEST_TOO_LARGE, format!("Request must be smaller than {limit} bytes"))
        }
        BodyError::Broken | BodyError::BadGzip => {
            AwsError::new(&code::SERIALIZATION, format!("The request can't be read: {err}"))
        }
    }
}
