//! `ListTags`.

use updraft_api_lambda::types::{ListTagsInput, ListTagsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::tagged::Tagged;

pub(crate) async fn list_tags(svc: &Lambda, cx: &Ctx, input: ListTagsInput) -> Result<ListTagsOutput, AwsError> {
    let tagged = Tagged::parse(cx, &input.resource)?;
    let mut tx = svc.store.read().await?;
    Ok(ListTagsOutput { tags: Some(tagged.read(cx, &mut tx).await?) })
}
