//! Definitions that have been read: reading one takes longer than a step.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use updraft_asl::definition::Definition;
use updraft_asl::read;
use updraft_kernel::AwsError;

use crate::model::machine::Revision;
use crate::model::name::MachineId;

/// So many are kept.
const MOST: usize = 1_000;

/// By machine, number and id: a machine that is made again has other ids.
#[derive(Debug, Default)]
pub(crate) struct Definitions(Mutex<HashMap<String, Arc<Definition>>>);

impl Definitions {
    /// # Errors
    /// If it can't be read anymore.
    pub(crate) fn get(&self, machine: &MachineId, number: u64, kept: &Revision) -> Result<Arc<Definition>, AwsError> {
        self.within((machine, number), kept, &[])
    }

    /// What children execute of the maps of those names, each within the one before.
    ///
    /// # Errors
    /// If it can't be read anymore.
    pub(crate) fn within(
        &self,
        (machine, number): (&MachineId, u64),
        kept: &Revision,
        path: &[String],
    ) -> Result<Arc<Definition>, AwsError> {
        let name = format!("{}/{number}/{}/{}/{}", machine.arn(), kept.id, kept.since.0, path.join("/"));
        if let Some(known) = self.0.lock().get(&name) {
            return Ok(Arc::clone(known));
        }
        // What it may not have was looked at when it was made.
        let read = read::kept(&kept.definition);
        let read = read.map_err(|wrong| AwsError::internal(format!("a kept definition is invalid: {wrong:?}")))?;
        let within = path.iter().try_fold(read, |outer, name| outer.of_children(name));
        let read = Arc::new(within.ok_or_else(|| AwsError::internal(format!("no map: {path:?}")))?);
        let mut known = self.0.lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(name, Arc::clone(&read));
        Ok(read)
    }
}
