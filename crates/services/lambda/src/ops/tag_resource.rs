//! `TagResource`.

use updraft_api_lambda::types::{TagResourceInput, TagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::errors::invalid_parameter;
use crate::model::tags;
use crate::tagged::Tagged;

pub(crate) async fn tag_resource(
    svc: &Lambda,
    cx: &Ctx,
    input: TagResourceInput,
) -> Result<TagResourceOutput, AwsError> {
    let tagged = Tagged::parse(cx, &input.resource)?;
    if input.tags.is_empty() {
        return Err(invalid_parameter("An error occurred and the request cannot be processed."));
    }
    let mut tx = svc.store.write().await?;
    let mut given = tagged.read(cx, &mut tx).await?;
    tags::add(&mut given, input.tags)?;
    tagged.write(cx, &mut tx, given).await?;
    tx.commit().await?;
    Ok(TagResourceOutput {})
}
