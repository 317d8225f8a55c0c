//! `CreatePipe`.

use updraft_api_pipes::types::{CreatePipeInput, CreatePipeOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::errors::exists;
use crate::model::check::check;
use crate::model::filled::made;
use crate::model::pipe::{Phase, Pipe, Wanted};
use crate::view::standing;
use crate::{Pipes, table, tagged};

pub(crate) async fn create_pipe(
    svc: &Pipes,
    cx: &Ctx,
    mut input: CreatePipeInput,
) -> Result<CreatePipeOutput, AwsError> {
    let name = std::mem::take(&mut input.name);
    let tags = input.tags.take().unwrap_or_default();
    tagged::check(&tags)?;
    let wanted = Wanted::of(input.desired_state.as_ref());
    let config = made(input)?;
    check(&config)?;

    let mut tx = svc.parts.store.write().await?;
    if tx.row(&table::key(cx, &name)).await?.is_some() {
        return Err(exists(&name));
    }
    let mut pipe = Pipe {
        id: cx.rng.uuid(),
        revision: 1,
        phase: Phase::Creating,
        wanted,
        created: cx.now(),
        modified: cx.now(),
        reason: None,
        tags,
        config: String::new(),
    };
    pipe.set_config(config);
    table::put(&mut tx, &table::owner(cx, &name), &pipe)?;
    tx.commit().await?;
    Ok(standing!(CreatePipeOutput, cx, &name, pipe, requested))
}
