//! Tags of state machines and activities.

use std::collections::BTreeMap;

use updraft_api_states::types::Tag;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use crate::errors::{no_such_resource, too_many_tags};
use crate::keys::{ActivityKey, MachineKey};
use crate::model::activity::Activity;
use crate::model::machine::Machine;
use crate::model::name::{ActivityId, MachineId, Qualifier};

/// A resource has so many at most.
const MOST: usize = 50;

pub(super) fn joined(mut tags: BTreeMap<String, String>, more: Vec<Tag>) -> Result<BTreeMap<String, String>, AwsError> {
    for Tag { key, value } in more {
        tags.insert(key.unwrap_or_default(), value.unwrap_or_default());
    }
    if tags.len() > MOST { Err(too_many_tags()) } else { Ok(tags) }
}

/// What has tags.
pub(super) enum Tagged {
    Machine(MachineId, Box<Machine>),
    Activity(ActivityId, Activity),
}

impl Tagged {
    pub(super) fn tags(&mut self) -> &mut BTreeMap<String, String> {
        match self {
            Self::Machine(_, machine) => &mut machine.tags,
            Self::Activity(_, activity) => &mut activity.tags,
        }
    }

    pub(super) fn save(&self, tx: &mut Tx) -> Result<(), AwsError> {
        match self {
            Self::Machine(id, machine) => tx.put_row(&MachineKey(id), machine)?,
            Self::Activity(id, activity) => tx.put_row(&ActivityKey(id), activity)?,
        }
        Ok(())
    }
}

pub(super) async fn tagged(tx: &mut Tx, cx: &Ctx, arn: &str) -> Result<Tagged, AwsError> {
    if let Ok(id) = ActivityId::of_arn(cx, arn) {
        let activity = tx.row(&ActivityKey(&id)).await?.ok_or_else(|| no_such_resource(arn))?;
        return Ok(Tagged::Activity(id, activity));
    }
    // Versions and aliases have none: to tags, they are resources that aren't there.
    let (id, qualifier) = MachineId::of_any(cx, arn)?;
    let machine = tx.row(&MachineKey(&id)).await?.filter(|_| qualifier == Qualifier::None);
    let machine = machine.ok_or_else(|| no_such_resource(arn))?;
    Ok(Tagged::Machine(id, Box::new(machine)))
}
