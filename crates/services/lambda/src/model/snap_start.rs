//! What AWS starts from snapshots. Here nothing is: a function that asks for it starts as any other, and its versions say
//! that the optimization is off.

use updraft_kernel::AwsError;

use super::attached::Attached;
use super::config::Config;
use crate::errors::invalid_parameter;

const RUNTIMES: &[&str] =
    &["java11", "java17", "java21", "java25", "python3.12", "python3.13", "python3.14", "dotnet8", "dotnet10"];
const MOST_EPHEMERAL_MB: u32 = 512;

/// Whether AWS would take a function that asks for it.
///
/// # Errors
/// In AWS's words where it doesn't; for anything but the runtime they are made after those.
pub(crate) fn check(config: &Config, attached: &Attached) -> Result<(), AwsError> {
    if !config.snap_start {
        return Ok(());
    }
    if !RUNTIMES.contains(&config.runtime.as_str()) {
        return Err(unsupported(&config.runtime));
    }
    if config.ephemeral_mb > MOST_EPHEMERAL_MB {
        return Err(unsupported("Ephemeral storage of more than 512 MB"));
    }
    if attached.mounts.is_empty() { Ok(()) } else { Err(unsupported("EFS")) }
}

pub(crate) fn unsupported(what: &str) -> AwsError {
    invalid_parameter(format!("{what} is not supported for SnapStart enabled functions."))
}
