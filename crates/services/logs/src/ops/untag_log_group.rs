//! `UntagLogGroup`.

use updraft_api_logs::types::{UntagLogGroupInput, UntagLogGroupOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::errors::no_group;
use crate::{Logs, tagged};

pub(crate) async fn untag_log_group(
    svc: &Logs,
    cx: &Ctx,
    input: UntagLogGroupInput,
) -> Result<UntagLogGroupOutput, AwsError> {
    let gone = input.tags;
    tagged::change(svc, cx, &input.log_group_name, no_group, |tags| tags.retain(|key, _| !gone.contains(key))).await?;
    Ok(UntagLogGroupOutput {})
}
