use updraft_api_dynamodb::types::{DescribeTableInput, DescribeTableOutput, TableStatus};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::no_such_table_named;
use crate::keys::{Scope, TableKey};
use crate::model::name;
use crate::{DynamoDb, table};

pub(crate) async fn describe_table(
    svc: &DynamoDb,
    cx: &Ctx,
    input: DescribeTableInput,
) -> Result<DescribeTableOutput, AwsError> {
    let name = name::table_name(cx, &input.table_name)?;
    let mut tx = svc.store.read().await?;
    let table = tx.row(&TableKey(&Scope::of(cx), &name)).await?.ok_or_else(|| no_such_table_named(&name))?;
    let description = table::describe(&mut tx, cx, &table, TableStatus::Active).await?;
    Ok(DescribeTableOutput { table: Some(description) })
}
