use updraft_api_dynamodb::types::{UntagResourceInput, UntagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::shared::tagged;
use crate::DynamoDb;
use crate::keys::{Scope, TableKey};

pub(crate) async fn untag_resource(
    svc: &DynamoDb,
    cx: &Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    let scope = Scope::of(cx);
    let mut tx = svc.store.write().await?;
    let mut table = tagged(&mut tx, cx, &input.resource_arn).await?;
    table.tags.retain(|key, _| !input.tag_keys.contains(key));
    tx.put_row(&TableKey(&scope, &table.name), &table)?;
    tx.commit().await?;
    Ok(UntagResourceOutput {})
}
