//! `TagResource`.

use updraft_api_pipes::types::{TagResourceInput, TagResourceOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::{Pipes, tagged};

pub(crate) async fn tag_resource(
    svc: &Pipes,
    cx: &Ctx,
    input: TagResourceInput,
) -> Result<TagResourceOutput, AwsError> {
    tagged::change(svc, cx, &input.resource_arn, |tags| tags.extend(input.tags)).await?;
    Ok(TagResourceOutput {})
}
