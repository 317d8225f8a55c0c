use updraft_api_dynamodb::types::{
    ContinuousBackupsDescription, ContinuousBackupsStatus, DescribeContinuousBackupsInput,
    DescribeContinuousBackupsOutput, PointInTimeRecoveryDescription, PointInTimeRecoveryStatus,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::DynamoDb;
use crate::errors::no_such_table_to_describe;
use crate::keys::{Scope, TableKey};
use crate::model::name;

/// As of every table whose point-in-time recovery was never switched on, which can't be done here yet.
pub(crate) async fn describe_continuous_backups(
    svc: &DynamoDb,
    cx: &Ctx,
    input: DescribeContinuousBackupsInput,
) -> Result<DescribeContinuousBackupsOutput, AwsError> {
    let name = name::table_name(cx, &input.table_name)?;
    let mut tx = svc.store.read().await?;
    tx.row(&TableKey(&Scope::of(cx), &name)).await?.ok_or_else(|| no_such_table_to_describe(&name))?;
    Ok(DescribeContinuousBackupsOutput {
        continuous_backups_description: Some(ContinuousBackupsDescription {
            continuous_backups_status: ContinuousBackupsStatus::Enabled,
            point_in_time_recovery_description: Some(PointInTimeRecoveryDescription {
                point_in_time_recovery_status: Some(PointInTimeRecoveryStatus::Disabled),
                ..PointInTimeRecoveryDescription::default()
            }),
        }),
    })
}
