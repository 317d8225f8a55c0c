use updraft_api_dynamodb::types::{DescribeContinuousBackupsInput, DescribeContinuousBackupsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::DynamoDb;
use crate::errors::no_such_table_to_describe;
use crate::keys::{RecoveryKey, Scope, TableKey};
use crate::model::{backups, name};

pub(crate) async fn describe_continuous_backups(
    svc: &DynamoDb,
    cx: &Ctx,
    input: DescribeContinuousBackupsInput,
) -> Result<DescribeContinuousBackupsOutput, AwsError> {
    let scope = Scope::of(cx);
    let name = name::table_name(cx, &input.table_name)?;
    let mut tx = svc.store.read().await?;
    let table = tx.row(&TableKey(&scope, &name)).await?.ok_or_else(|| no_such_table_to_describe(&name))?;
    let recovery = tx.row(&RecoveryKey(&scope, table.id)).await?;
    Ok(DescribeContinuousBackupsOutput {
        continuous_backups_description: Some(backups::describe(recovery.as_ref(), cx.now())),
    })
}
