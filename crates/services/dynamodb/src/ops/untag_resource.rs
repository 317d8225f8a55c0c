use updraft_api_dynamodb::types::{UntagResourceInput, UntagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::shared::{check_table_arn, tagged};
use crate::DynamoDb;
use crate::errors::validation;
use crate::keys::{Scope, TableKey};

pub(crate) async fn untag_resource(
    svc: &DynamoDb,
    cx: &Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    check_table_arn(&input.resource_arn)?;
    if input.tag_keys.is_empty() {
        return Err(validation("Atleast one Tag Key needs to be provided as Input."));
    }
    let scope = Scope::of(cx);
    let mut tx = svc.store.write().await?;
    let mut table = tagged(&mut tx, cx, &input.resource_arn).await?;
    table.tags.retain(|key, _| !input.tag_keys.contains(key));
    tx.put_row(&TableKey(&scope, &table.name), &table)?;
    tx.commit().await?;
    Ok(UntagResourceOutput {})
}
