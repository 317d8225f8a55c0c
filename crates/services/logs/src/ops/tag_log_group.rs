//! `TagLogGroup`.

use updraft_api_logs::types::{TagLogGroupInput, TagLogGroupOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::errors::no_group;
use crate::{Logs, tagged};

pub(crate) async fn tag_log_group(
    svc: &Logs,
    cx: &Ctx,
    input: TagLogGroupInput,
) -> Result<TagLogGroupOutput, AwsError> {
    tagged::change(svc, cx, &input.log_group_name, no_group, |tags| tags.extend(input.tags)).await?;
    Ok(TagLogGroupOutput {})
}
