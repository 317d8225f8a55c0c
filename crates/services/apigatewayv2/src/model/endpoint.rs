//! Ids, and the URL under which a client reaches an API.

use updraft_kernel::{Rng, RngExt};
use updraft_proxy::endpoint;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

/// `len` lower-case letters and digits.
pub(crate) fn new_id(rng: &dyn Rng, len: usize) -> String {
    rng.text(LOWER, len)
}

/// The API's address, from the one under which the caller reached the platform.
pub(crate) fn api_endpoint(platform: &str, api_id: &str) -> String {
    endpoint::below(platform, &format!("{api_id}.execute-api"))
}
