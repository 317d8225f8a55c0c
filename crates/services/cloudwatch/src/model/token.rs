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

/// A result and the time of the last of its values.
pub(crate) fn of_point(result: usize, at: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{result}/{at}"))
}

/// # Errors
/// If it isn't one of these.
pub(crate) fn point(token: &str) -> Result<(usize, i64), AwsError> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = text.as_deref().and_then(|text| text.split_once('/'));
    let point = parts.and_then(|(result, at)| Some((result.parse().ok()?, at.parse().ok()?)));
    point.ok_or_else(invalid_token)
}
