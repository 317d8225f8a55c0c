//! Names of stages.

use updraft_kernel::AwsError;

use crate::errors::bad_request;

/// The stage that is served without its name in the path.
pub(crate) const DEFAULT: &str = "$default";

const MAX_NAME: usize = 128;

/// # Errors
/// If a stage can't be named so.
pub(crate) fn check_stage_name(name: &str) -> Result<(), AwsError> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if name == DEFAULT || (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(legal) {
        return Ok(());
    }
    Err(bad_request("Stage name only allows a-zA-Z0-9_-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_and_the_default_are_stages() {
        for good in ["$default", "dev", "v1_2-x"] {
            assert!(check_stage_name(good).is_ok(), "{good}");
        }
        for bad in ["", "$other", "a b", "a/b", "ä"] {
            assert!(check_stage_name(bad).is_err(), "{bad}");
        }
    }
}
