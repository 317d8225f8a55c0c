//! `UntagResource`.

use updraft_api_logs::types::{UntagResourceInput, UntagResourceOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::errors::no_resource;
use crate::model::names;
use crate::{Logs, tagged};

pub(crate) async fn untag_resource(
    svc: &Logs,
    cx: &Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    let name = names::tagged(cx, &input.resource_arn)?;
    tagged::change(svc, cx, name, no_resource, |tags| tags.retain(|key, _| !input.tag_keys.contains(key))).await?;
    Ok(UntagResourceOutput {})
}
