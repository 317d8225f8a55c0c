//! `StartPipe`.

use updraft_api_pipes::types::{StartPipeInput, StartPipeOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::busy;
use crate::model::pipe::{Phase, Wanted};
use crate::view::standing;
use crate::{Pipes, table};

pub(crate) async fn start_pipe(svc: &Pipes, cx: &Ctx, input: StartPipeInput) -> Result<StartPipeOutput, AwsError> {
    let name = input.name;
    let mut tx = svc.parts.store.write().await?;
    let mut pipe = table::pipe(&mut tx, cx, &name).await?;
    if !pipe.phase.is_settled() {
        return Err(busy(&name, pipe.phase.state().as_str()));
    }
    pipe.wanted = Wanted::Running;
    pipe.ask(Phase::Starting, cx.now());
    table::put(&mut tx, &table::owner(cx, &name), &pipe)?;
    tx.commit().await?;
    Ok(standing!(StartPipeOutput, cx, &name, pipe, requested))
}
