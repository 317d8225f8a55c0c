//! Pages of lists, and the markers between them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use updraft_kernel::AwsError;

use crate::errors::invalid_parameter;
use crate::model::name::Version;

/// AWS: more may be asked for, and isn't given.
const PAGE: usize = 50;

pub(super) fn page_size(asked: Option<i32>) -> usize {
    most(asked, PAGE)
}

/// AWS: where much more may be asked for.
pub(super) const MANY: usize = 10_000;

/// As many as were asked for, `limit` at most.
pub(super) fn most(asked: Option<i32>, limit: usize) -> usize {
    asked.and_then(|asked| usize::try_from(asked).ok()).filter(|asked| *asked > 0).unwrap_or(limit).min(limit)
}

/// Where a page ended, as clients hand it back.
pub(super) fn marker(name: &str, version: Version) -> String {
    URL_SAFE_NO_PAD.encode(format!("{name}:{}", version.0))
}

/// As [`marker`], where a name alone says where that was.
pub(super) fn name_marker(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(last)
}

pub(super) fn read_name(marker: &str) -> Result<String, AwsError> {
    let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| invalid_parameter("Invalid marker"))
}

pub(super) fn read_marker(marker: &str) -> Result<(String, Version), AwsError> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(marker).ok()?).ok()?;
        let (name, version) = text.split_once(':')?;
        Some((name.to_owned(), Version(version.parse().ok()?)))
    };
    read().ok_or_else(|| invalid_parameter("Invalid marker"))
}
