//! `UntagResource`.

use updraft_api_pipes::types::{UntagResourceInput, UntagResourceOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::{Pipes, tagged};

pub(crate) async fn untag_resource(
    svc: &Pipes,
    cx: &Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    tagged::change(svc, cx, &input.resource_arn, |tags| tags.retain(|key, _| !input.tag_keys.contains(key))).await?;
    Ok(UntagResourceOutput {})
}
