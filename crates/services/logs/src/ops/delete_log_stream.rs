//! `DeleteLogStream`.

use updraft_api_logs::types::{DeleteLogStreamInput, DeleteLogStreamOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::{Logs, delete, groups};

pub(crate) async fn delete_log_stream(
    svc: &Logs,
    cx: &Ctx,
    input: DeleteLogStreamInput,
) -> Result<DeleteLogStreamOutput, AwsError> {
    let group = groups::key(cx, &input.log_group_name);
    delete::stream(&*svc.store, group.stream(&input.log_stream_name)).await?;
    Ok(DeleteLogStreamOutput {})
}
