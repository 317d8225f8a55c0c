//! Task tokens that come back.

use updraft_asl::run::{Signal, Turn, may_be_token};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::errors::{invalid_token, task_over};
use crate::keys::{FrameKey, TokenKey};
use crate::run::step;

/// Tells the execution whose token it is.
pub(super) async fn came_back(
    svc: &StepFunctions,
    cx: &Ctx,
    token: &str,
    signal: impl FnOnce(Turn) -> Signal,
) -> Result<(), AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let key = TokenKey { account: &cx.account, region: &cx.region, token };
    let unknown = || if may_be_token(token) { task_over() } else { invalid_token() };
    let kept = tx.row(&key).await?.ok_or_else(unknown)?;
    let frame = tx.row(&FrameKey(&kept.execution, kept.turn.frame)).await?;
    if frame.is_none_or(|frame| frame.0.turn != kept.turn.number) {
        return Err(task_over());
    }
    if !step(svc, &mut tx, &kept.execution, signal(kept.turn)).await? {
        return Err(task_over());
    }
    tx.commit().await?;
    Ok(())
}
