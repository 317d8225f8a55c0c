//! `UpdatePipe`.

use updraft_api_pipes::types::{UpdatePipeInput, UpdatePipeOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::busy;
use crate::model::check::check;
use crate::model::filled::change;
use crate::model::pipe::{Phase, Wanted};
use crate::view::standing;
use crate::{Pipes, table};

pub(crate) async fn update_pipe(
    svc: &Pipes,
    cx: &Ctx,
    mut input: UpdatePipeInput,
) -> Result<UpdatePipeOutput, AwsError> {
    let name = std::mem::take(&mut input.name);
    let mut tx = svc.parts.store.write().await?;
    let mut pipe = table::pipe(&mut tx, cx, &name).await?;
    if !pipe.phase.is_settled() {
        return Err(busy(&name, pipe.phase.state().as_str()));
    }
    if let Some(asked) = &input.desired_state {
        pipe.wanted = Wanted::of(Some(asked));
    }
    let mut config = pipe.config()?;
    change(&mut config, input)?;
    check(&config)?;
    pipe.set_config(config);
    pipe.ask(Phase::Updating, cx.now());
    table::put(&mut tx, &table::owner(cx, &name), &pipe)?;
    tx.commit().await?;
    Ok(standing!(UpdatePipeOutput, cx, &name, pipe, requested))
}
