//! `StopPipe`.

use updraft_api_pipes::types::{StopPipeInput, StopPipeOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::busy;
use crate::model::pipe::{Phase, Wanted};
use crate::view::standing;
use crate::{Pipes, table};

pub(crate) async fn stop_pipe(svc: &Pipes, cx: &Ctx, input: StopPipeInput) -> Result<StopPipeOutput, AwsError> {
    let name = input.name;
    let mut tx = svc.parts.store.write().await?;
    let mut pipe = table::pipe(&mut tx, cx, &name).await?;
    if !pipe.phase.is_settled() {
        return Err(busy(&name, pipe.phase.state().as_str()));
    }
    pipe.wanted = Wanted::Stopped;
    pipe.ask(Phase::Stopping, cx.now());
    table::put(&mut tx, &table::owner(cx, &name), &pipe)?;
    tx.commit().await?;
    Ok(standing!(StopPipeOutput, cx, &name, pipe, requested))
}
