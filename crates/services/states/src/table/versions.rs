//! State machines by their versions and aliases.

use updraft_kernel::{AwsError, Rng};
use updraft_store::{ScanOptions, Tx};

use super::machine;
use crate::errors::no_such_machine;
use crate::keys::{AliasKey, OriginKey, RevisionKey, VersionKey, alias_name, of_machine_number};
use crate::model::machine::Machine;
use crate::model::name::{ExecutionId, MachineId, Qualifier};
use crate::model::version::{Alias, Origin, Version};

/// The most aliases that a state machine may have.
pub(crate) const MOST_ALIASES: usize = 100;

/// What is to be executed by an ARN.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// With the revision that is executed.
    pub(crate) machine: Machine,
    /// Where a version or an alias was named.
    pub(crate) origin: Option<Origin>,
}

/// # Errors
/// If there is no such state machine, version or alias.
pub(crate) async fn chosen(
    tx: &mut Tx,
    rng: &dyn Rng,
    (id, qualifier): (&MachineId, Qualifier),
) -> Result<Chosen, AwsError> {
    let mut machine = machine(tx, id).await?;
    let (number, alias) = match qualifier {
        Qualifier::None => return Ok(Chosen { machine, origin: None }),
        Qualifier::Version(number) => (number, None),
        Qualifier::Alias(name) => {
            let missing = || no_such_machine(&id.qualified(&name));
            let alias = tx.row(&AliasKey(id, &name)).await?.ok_or_else(missing)?;
            (alias.draw(rng).ok_or_else(missing)?, Some(name))
        }
    };
    machine.revision = version(tx, id, number).await?.revision;
    Ok(Chosen { machine, origin: Some(Origin { version: number, alias }) })
}

pub(crate) async fn version(tx: &mut Tx, id: &MachineId, number: u64) -> Result<Version, AwsError> {
    let missing = || no_such_machine(&id.qualified(&number.to_string()));
    tx.row(&VersionKey(id, number)).await?.ok_or_else(missing)
}

/// The version that was published last, of those that are there.
pub(crate) async fn last_version(tx: &mut Tx, id: &MachineId) -> Result<Option<(u64, Version)>, AwsError> {
    let mut options = ScanOptions::limit(1);
    options.reverse = true;
    let page = tx.rows::<VersionKey<'_>>(VersionKey::of_machine(id), options).await?;
    page.rows.into_iter().next().map(|(key, row)| Ok((of_machine_number(&key)?, row))).transpose()
}

/// All of a machine's aliases, by name.
pub(crate) async fn aliases(tx: &mut Tx, id: &MachineId) -> Result<Vec<(String, Alias)>, AwsError> {
    let page = tx.rows::<AliasKey<'_>>(AliasKey::of_machine(id), ScanOptions::limit(MOST_ALIASES)).await?;
    page.rows.into_iter().map(|(key, row)| Ok((alias_name(&key)?, row))).collect()
}

/// The number that a state machine's first revision gets: executions of one of the same name, which is gone, keep theirs.
pub(crate) async fn first_revision(tx: &mut Tx, id: &MachineId) -> Result<u64, AwsError> {
    let mut options = ScanOptions::limit(1);
    options.reverse = true;
    let page = tx.rows::<RevisionKey<'_>>(RevisionKey::of_machine(id), options).await?;
    let last = page.rows.first().map(|(key, _)| of_machine_number(key)).transpose()?;
    Ok(last.map_or(0, |last| last + 1))
}

/// Keeps by what an execution was started.
pub(crate) fn keep_origin(tx: &mut Tx, id: &ExecutionId, origin: Option<&Origin>) -> Result<(), AwsError> {
    if let Some(origin) = origin {
        tx.put_row(&OriginKey(id), origin)?;
    }
    Ok(())
}
