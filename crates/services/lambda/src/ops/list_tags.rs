//! `ListTags`.

use updraft_api_lambda::types::{ListTagsInput, ListTagsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::tag_resource::tagged;
use crate::{Lambda, table};

pub(crate) async fn list_tags(svc: &Lambda, cx: &Ctx, input: ListTagsInput) -> Result<ListTagsOutput, AwsError> {
    let target = tagged(cx, &input.resource)?;
    let mut tx = svc.store.read().await?;
    let function = table::function(&mut tx, &target).await?;
    Ok(ListTagsOutput { tags: Some(function.tags) })
}
