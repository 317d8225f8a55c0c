use updraft_api_dynamodb::types::{ListTablesInput, ListTablesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use crate::DynamoDb;
use crate::keys::{Scope, TableKey};

const MAX_NAMES: usize = 100;

pub(crate) async fn list_tables(
    svc: &DynamoDb,
    cx: &Ctx,
    input: ListTablesInput,
) -> Result<ListTablesOutput, AwsError> {
    let scope = Scope::of(cx);
    let mut range = scope.tables();
    if let Some(start) = &input.exclusive_start_table_name {
        range = range.after(&TableKey(&scope, start).encode());
    }
    let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MAX_NAMES).min(MAX_NAMES);
    let mut tx = svc.store.read().await?;
    let page = tx.rows::<TableKey<'_>>(range, ScanOptions::limit(limit)).await?;
    let names: Vec<String> = page.rows.into_iter().map(|(_, table)| table.name).collect();
    let last = names.last().filter(|_| page.more).cloned();
    Ok(ListTablesOutput { table_names: Some(names), last_evaluated_table_name: last })
}
