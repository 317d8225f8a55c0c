//! `ListTagsForResource`.

use updraft_api_logs::types::{ListTagsForResourceInput, ListTagsForResourceOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::errors::no_resource;
use crate::model::names;
use crate::{Logs, tagged};

pub(crate) async fn list_tags_for_resource(
    svc: &Logs,
    cx: &Ctx,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, AwsError> {
    let name = names::tagged(cx, &input.resource_arn)?;
    let tags = tagged::list(svc, cx, name, no_resource).await?;
    Ok(ListTagsForResourceOutput { tags: Some(tags) })
}
