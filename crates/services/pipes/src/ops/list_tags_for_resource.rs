//! `ListTagsForResource`.

use updraft_api_pipes::types::{ListTagsForResourceInput, ListTagsForResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::{Pipes, table, tagged};

pub(crate) async fn list_tags_for_resource(
    svc: &Pipes,
    cx: &Ctx,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, AwsError> {
    let name = tagged::name(cx, &input.resource_arn)?;
    let pipe = table::pipe(&mut svc.parts.store.read().await?, cx, &name).await?;
    Ok(ListTagsForResourceOutput { tags: Some(pipe.tags) })
}
