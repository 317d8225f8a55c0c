//! `UpdateEventSourceMapping`.

use updraft_api_lambda::types::{UpdateEventSourceMappingInput, UpdateEventSourceMappingOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt, Tx};

use crate::errors::in_use;
use crate::keys::{MappedKey, MappingRow};
use crate::model::mapping::{Kind, Phase, apply};
use crate::model::name::Target;
use crate::view::mappings::mapping;
use crate::{Lambda, mappings, table};

pub(crate) async fn update_event_source_mapping(
    svc: &Lambda,
    cx: &Ctx,
    mut input: UpdateEventSourceMappingInput,
) -> Result<UpdateEventSourceMappingOutput, AwsError> {
    let uuid = std::mem::take(&mut input.uuid);
    let function = input.function_name.take();
    let target = function.map(|function| Target::parse(cx, &function, None)).transpose()?;
    let mut tx = svc.store.write().await?;
    let mut row = mappings::find(cx, &mut tx, &uuid).await?;
    if !row.phase.is_settled() {
        return Err(in_use("update"));
    }
    let enabled = input.enabled.unwrap_or(row.enabled);
    let mut config = row.config()?;
    apply(&mut config, input);
    let kind = Kind::of(&config)?;
    kind.check(&config)?;
    if let Some(target) = target {
        let found = table::find(&mut tx, &target).await?;
        if target.qualified_name() != row.function {
            svc.check_source(cx, kind, &config, &found).await?;
        }
        move_to(cx, &mut tx, (&target, kind), &mut row).await?;
    }
    row.phase = match (row.enabled, enabled) {
        (false, true) => Phase::Enabling,
        (true, false) => Phase::Disabling,
        _ => Phase::Updating,
    };
    row.enabled = enabled;
    row.revision += 1;
    row.modified = cx.now();
    row.set_config(config);
    mappings::put(&mut tx, (&cx.account, &cx.region), &uuid, &row)?;
    tx.commit().await?;
    mapping(cx, &uuid, &row)
}

/// Another function from now on.
async fn move_to(cx: &Ctx, tx: &mut Tx, (target, kind): (&Target, Kind), row: &mut MappingRow) -> Result<(), AwsError> {
    let (function, source) = (target.qualified_name(), mappings::source_of(&row.config()?));
    if function == row.function {
        return Ok(());
    }
    let mapped = |function| MappedKey { account: &cx.account, region: &cx.region, function, source: &source };
    if let Some(there) = tx.row(&mapped(function.as_str())).await? {
        return Err(kind.taken(&source, &function, &there.uuid));
    }
    tx.delete_row(&mapped(row.function.as_str()));
    row.function = function;
    Ok(())
}
