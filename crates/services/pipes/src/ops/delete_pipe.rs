//! `DeletePipe`.

use updraft_api_pipes::types::{DeletePipeInput, DeletePipeOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::busy;
use crate::model::pipe::{Phase, Wanted};
use crate::view::standing;
use crate::{Pipes, table};

pub(crate) async fn delete_pipe(svc: &Pipes, cx: &Ctx, input: DeletePipeInput) -> Result<DeletePipeOutput, AwsError> {
    let name = input.name;
    let mut tx = svc.parts.store.write().await?;
    let mut pipe = table::pipe(&mut tx, cx, &name).await?;
    if !pipe.phase.is_settled() {
        return Err(busy(&name, pipe.phase.state().as_str()));
    }
    pipe.wanted = Wanted::Deleted;
    pipe.ask(Phase::Deleting, cx.now());
    table::put(&mut tx, &table::owner(cx, &name), &pipe)?;
    tx.commit().await?;
    Ok(standing!(DeletePipeOutput, cx, &name, pipe, described))
}
