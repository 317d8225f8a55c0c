//! `UntagResource`.

use updraft_api_lambda::types::{UntagResourceInput, UntagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::tag_resource::tagged;
use crate::keys::FunctionKey;
use crate::{Lambda, table};

pub(crate) async fn untag_resource(
    svc: &Lambda,
    cx: &Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    let target = tagged(cx, &input.resource)?;
    let mut tx = svc.store.write().await?;
    let mut function = table::function(&mut tx, &target).await?;
    function.tags.retain(|key, _| !input.tag_keys.contains(key));
    tx.put_row(&FunctionKey(&target.id), &function)?;
    tx.commit().await?;
    Ok(UntagResourceOutput {})
}
