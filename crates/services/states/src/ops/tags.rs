//! Tags of state machines.

use std::collections::BTreeMap;

use updraft_api_states::types::Tag;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use crate::errors::{no_such_resource, too_many_tags};
use crate::keys::MachineKey;
use crate::model::machine::Machine;
use crate::model::name::MachineId;

/// A resource has so many at most.
const MOST: usize = 50;

pub(super) fn joined(mut tags: BTreeMap<String, String>, more: Vec<Tag>) -> Result<BTreeMap<String, String>, AwsError> {
    for Tag { key, value } in more {
        tags.insert(key.unwrap_or_default(), value.unwrap_or_default());
    }
    if tags.len() > MOST { Err(too_many_tags()) } else { Ok(tags) }
}

pub(super) async fn tagged(tx: &mut Tx, cx: &Ctx, arn: &str) -> Result<(MachineId, Machine), AwsError> {
    let id = MachineId::of_arn(cx, arn)?;
    let machine = tx.row(&MachineKey(&id)).await?.ok_or_else(|| no_such_resource(arn))?;
    Ok((id, machine))
}
