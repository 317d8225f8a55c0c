//! `TagResource`, and how resources of tags are named.

use updraft_api_lambda::types::{TagResourceInput, TagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{invalid_parameter, unsupported};
use crate::keys::FunctionKey;
use crate::model::name::Target;
use crate::model::tags;
use crate::{Lambda, table};

pub(crate) async fn tag_resource(
    svc: &Lambda,
    cx: &Ctx,
    input: TagResourceInput,
) -> Result<TagResourceOutput, AwsError> {
    let target = tagged(cx, &input.resource)?;
    if input.tags.is_empty() {
        return Err(invalid_parameter("An error occurred and the request cannot be processed."));
    }
    let mut tx = svc.store.write().await?;
    let mut function = table::function(&mut tx, &target).await?;
    tags::add(&mut function.tags, input.tags)?;
    tx.put_row(&FunctionKey(&target.id), &function)?;
    tx.commit().await?;
    Ok(TagResourceOutput {})
}

/// The function that a resource's ARN means. The tables have checked its form.
pub(super) fn tagged(cx: &Ctx, resource: &str) -> Result<Target, AwsError> {
    if !resource.contains(":function:") {
        return Err(unsupported("Tags of anything but functions are"));
    }
    let target = Target::parse(cx, resource, None)?;
    if target.qualifier.is_some() {
        let text = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
        return Err(invalid_parameter(text));
    }
    Ok(target)
}
