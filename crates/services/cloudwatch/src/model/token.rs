//! Where a page ended, as a text that is handed back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use updraft_kernel::AwsError;
use updraft_store::KeyRange;

use crate::errors::invalid_token;

/// The last key of a page.
pub(crate) fn of_key(key: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// # Errors
/// If it isn't one of this range.
pub(crate) fn key(token: &str, range: &KeyRange) -> Result<Bytes, AwsError> {
    let key = URL_SAFE_NO_PAD.decode(token).ok().map(Bytes::from);
    key.filter(|key| range.contains(key)).ok_or_else(invalid_token)
}
