//! `DeleteLogGroup`.

use updraft_api_logs::types::{DeleteLogGroupInput, DeleteLogGroupOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::{Logs, delete, groups};

pub(crate) async fn delete_log_group(
    svc: &Logs,
    cx: &Ctx,
    input: DeleteLogGroupInput,
) -> Result<DeleteLogGroupOutput, AwsError> {
    delete::group(&*svc.store, groups::key(cx, &input.log_group_name)).await?;
    Ok(DeleteLogGroupOutput {})
}
