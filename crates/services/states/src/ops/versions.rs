//! Publishing revisions.

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{ScanOptions, Tx};

use crate::errors::{invalid, too_many};
use crate::keys::{PublishedKey, VersionKey};
use crate::model::name::MachineId;
use crate::model::version::{Published, Version};
use crate::table;

/// The most versions that a state machine may have.
pub(super) const MOST: usize = 1_000;

/// Publishes that revision, and answers the version's number and when it was made. AWS: a revision that the last version
/// has already makes no other one.
pub(super) async fn publish(
    tx: &mut Tx,
    id: &MachineId,
    revision: u64,
    (description, now): (Option<String>, UnixMillis),
) -> Result<(u64, UnixMillis), AwsError> {
    if let Some((number, last)) = table::last_version(tx, id).await?
        && last.revision == revision
    {
        return Ok((number, last.created));
    }
    let there = tx.rows::<VersionKey<'_>>(VersionKey::of_machine(id), ScanOptions::limit(MOST)).await?;
    if there.rows.len() >= MOST {
        return Err(too_many("versions", MOST));
    }
    let number = tx.row(&PublishedKey(id)).await?.unwrap_or_default().0 + 1;
    tx.put_row(&PublishedKey(id), &Published(number))?;
    tx.put_row(&VersionKey(id, number), &Version { revision, description, created: now })?;
    Ok((number, now))
}

/// # Errors
/// If a version is described that isn't to be published.
pub(super) fn to_publish(publish: Option<bool>, description: Option<&String>) -> Result<bool, AwsError> {
    match (publish.unwrap_or(false), description) {
        (false, Some(_)) => Err(invalid("Version description can only be set when publish is true")),
        (publish, _) => Ok(publish),
    }
}
