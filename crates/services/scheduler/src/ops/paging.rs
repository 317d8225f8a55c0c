//! Pages of lists, and the tokens between them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use updraft_kernel::AwsError;

use crate::errors::invalid;

/// AWS: no more than a hundred things at once, which is also the default.
const PAGE: usize = 100;

pub(super) fn limit(wanted: Option<i32>) -> usize {
    wanted.and_then(|wanted| usize::try_from(wanted).ok()).unwrap_or(PAGE).min(PAGE)
}

/// Where a page ended, as clients hand it back.
pub(super) fn token(last: &str) -> String {
    STANDARD.encode(last)
}

pub(super) fn read_token(token: &str) -> Result<String, AwsError> {
    let bytes = STANDARD.decode(token).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| invalid("Invalid NextToken provided."))
}
