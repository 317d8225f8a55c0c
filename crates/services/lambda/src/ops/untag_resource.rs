//! `UntagResource`.

use updraft_api_lambda::types::{UntagResourceInput, UntagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::tagged::Tagged;

pub(crate) async fn untag_resource(
    svc: &Lambda,
    cx: &Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    let tagged = Tagged::parse(cx, &input.resource)?;
    let mut tx = svc.store.write().await?;
    let mut tags = tagged.read(cx, &mut tx).await?;
    tags.retain(|key, _| !input.tag_keys.contains(key));
    tagged.write(cx, &mut tx, tags).await?;
    tx.commit().await?;
    Ok(UntagResourceOutput {})
}
