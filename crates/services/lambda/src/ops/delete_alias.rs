//! `DeleteAlias`.

use updraft_api_lambda::types::{DeleteAliasInput, DeleteAliasOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::name::Target;
use crate::{Lambda, ahead, table, url};

pub(crate) async fn delete_alias(
    svc: &Lambda,
    cx: &Ctx,
    input: DeleteAliasInput,
) -> Result<DeleteAliasOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?.unqualified();
    let mut tx = svc.store.write().await?;
    table::function(&mut tx, &target).await?;
    // AWS: one that isn't there is deleted with success (recorded: `test_non_existent_alias_deletion`).
    url::config::delete_of(&mut tx, &target.id, &input.name).await?;
    table::delete_alias(&mut tx, &target.id, &input.name);
    ahead::work_out(&mut tx, &target.id).await?;
    tx.commit().await?;
    Ok(DeleteAliasOutput {})
}
