use updraft_api_dynamodb::types::{UpdateContinuousBackupsInput, UpdateContinuousBackupsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::DynamoDb;
use crate::errors::no_such_table_to_describe;
use crate::keys::{RecoveryKey, Scope, TableKey};
use crate::model::backups::{self, Recovery};
use crate::model::name;

pub(crate) async fn update_continuous_backups(
    svc: &DynamoDb,
    cx: &Ctx,
    input: UpdateContinuousBackupsInput,
) -> Result<UpdateContinuousBackupsOutput, AwsError> {
    let scope = Scope::of(cx);
    let name = name::table_name(cx, &input.table_name)?;
    let now = cx.now();
    let mut tx = svc.store.write().await?;
    let table = tx.row(&TableKey(&scope, &name)).await?.ok_or_else(|| no_such_table_to_describe(&name))?;
    let key = RecoveryKey(&scope, table.id);
    let recovery = Recovery::changed(tx.row(&key).await?, &input.point_in_time_recovery_specification, now);
    match &recovery {
        Some(recovery) => tx.put_row(&key, recovery)?,
        None => tx.delete_row(&key),
    }
    tx.commit().await?;
    Ok(UpdateContinuousBackupsOutput {
        continuous_backups_description: Some(backups::describe(recovery.as_ref(), now)),
    })
}
