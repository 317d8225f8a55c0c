//! `TagResource`.

use updraft_api_logs::types::{TagResourceInput, TagResourceOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::errors::no_resource;
use crate::model::names;
use crate::{Logs, tagged};

pub(crate) async fn tag_resource(svc: &Logs, cx: &Ctx, input: TagResourceInput) -> Result<TagResourceOutput, AwsError> {
    let name = names::tagged(cx, &input.resource_arn)?;
    tagged::change(svc, cx, name, no_resource, |tags| tags.extend(input.tags)).await?;
    Ok(TagResourceOutput {})
}
