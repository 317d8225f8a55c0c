use updraft_api_dynamodb::types::{
    DescribeTimeToLiveInput, DescribeTimeToLiveOutput, TimeToLiveDescription, TimeToLiveStatus,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::DynamoDb;
use crate::errors::no_such_table_named;
use crate::keys::{Scope, TableKey};
use crate::model::name;

pub(crate) async fn describe_time_to_live(
    svc: &DynamoDb,
    cx: &Ctx,
    input: DescribeTimeToLiveInput,
) -> Result<DescribeTimeToLiveOutput, AwsError> {
    let name = name::table_name(cx, &input.table_name)?;
    let mut tx = svc.store.read().await?;
    let table = tx.row(&TableKey(&Scope::of(cx), &name)).await?.ok_or_else(|| no_such_table_named(&name))?;
    let status = if table.ttl.is_some() { TimeToLiveStatus::Enabled } else { TimeToLiveStatus::Disabled };
    Ok(DescribeTimeToLiveOutput {
        time_to_live_description: Some(TimeToLiveDescription {
            time_to_live_status: Some(status),
            attribute_name: table.ttl,
        }),
    })
}
