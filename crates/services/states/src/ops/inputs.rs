//! What executions are given.

use updraft_kernel::AwsError;

use crate::errors::invalid_input;

/// The most bytes that an input may have.
const LARGEST: usize = 262_144;

/// # Errors
/// If it isn't JSON, or is too large.
pub(super) fn checked(given: Option<String>) -> Result<String, AwsError> {
    let given = given.unwrap_or_else(|| "{}".to_owned());
    serde_json::from_str::<serde::de::IgnoredAny>(&given).map_err(invalid_input)?;
    if given.len() > LARGEST {
        return Err(invalid_input(format_args!("the input is larger than {LARGEST} bytes")));
    }
    Ok(given)
}
