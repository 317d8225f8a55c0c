//! `ListTagsLogGroup`.

use updraft_api_logs::types::{ListTagsLogGroupInput, ListTagsLogGroupOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::errors::no_group;
use crate::{Logs, tagged};

pub(crate) async fn list_tags_log_group(
    svc: &Logs,
    cx: &Ctx,
    input: ListTagsLogGroupInput,
) -> Result<ListTagsLogGroupOutput, AwsError> {
    let tags = tagged::list(svc, cx, &input.log_group_name, no_group).await?;
    Ok(ListTagsLogGroupOutput { tags: Some(tags) })
}
