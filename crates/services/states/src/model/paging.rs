//! Pages of lists, and the tokens between them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use updraft_kernel::AwsError;

use crate::errors::invalid_token;

/// What AWS answers at most, where less isn't asked for; 0 is the default.
pub(crate) fn limit(wanted: Option<i32>) -> usize {
    match wanted.and_then(|wanted| usize::try_from(wanted).ok()) {
        None | Some(0) => 100,
        Some(wanted) => wanted.min(1_000),
    }
}

pub(crate) fn token(last: &str) -> String {
    STANDARD.encode(last)
}

/// # Errors
/// If it isn't one of ours.
pub(crate) fn read_token(token: &str) -> Result<String, AwsError> {
    let bytes = STANDARD.decode(token).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(invalid_token)
}
