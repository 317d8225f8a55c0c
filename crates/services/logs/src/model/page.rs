//! Where a page of names ended, as a text that is handed back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use updraft_kernel::AwsError;

use crate::errors::invalid_token;

pub(crate) fn token(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(last)
}

/// # Errors
/// If it is none of ours.
pub(crate) fn last(token: &str) -> Result<String, AwsError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid_token())?;
    String::from_utf8(bytes).map_err(|_| invalid_token())
}
