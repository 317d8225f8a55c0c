use updraft_api_dynamodb::types::{TagResourceInput, TagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::shared::{check_table_arn, tagged};
use crate::DynamoDb;
use crate::errors::{invalid_parameter, validation};
use crate::keys::{Scope, TableKey};

const MAX_TAGS: usize = 50;

pub(crate) async fn tag_resource(
    svc: &DynamoDb,
    cx: &Ctx,
    input: TagResourceInput,
) -> Result<TagResourceOutput, AwsError> {
    check_table_arn(&input.resource_arn)?;
    if input.tags.is_empty() {
        return Err(validation("Atleast one Tag needs to be provided as Input."));
    }
    let scope = Scope::of(cx);
    let mut tx = svc.store.write().await?;
    let mut table = tagged(&mut tx, cx, &input.resource_arn).await?;
    table.tags.extend(input.tags.into_iter().map(|tag| (tag.key, tag.value)));
    if table.tags.len() > MAX_TAGS {
        return Err(invalid_parameter(format_args!("Tag number exceeds the limit of {MAX_TAGS}")));
    }
    tx.put_row(&TableKey(&scope, &table.name), &table)?;
    tx.commit().await?;
    Ok(TagResourceOutput {})
}
