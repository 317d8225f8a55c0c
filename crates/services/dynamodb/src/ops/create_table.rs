use updraft_api_dynamodb::types::{CreateTableInput, CreateTableOutput, TableStatus};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::errors::{resource_in_use, validation};
use crate::keys::{Scope, TableKey};
use crate::model::create::{self, Birth};
use crate::model::name::name_of_arn;
use crate::{DynamoDb, streams, table};

pub(crate) async fn create_table(
    svc: &DynamoDb,
    cx: &Ctx,
    mut input: CreateTableInput,
) -> Result<CreateTableOutput, AwsError> {
    if input.vector_indexes.is_some() {
        return Err(validation("Vector indexes are not supported"));
    }
    if let Some(name) = name_of_arn(cx, &input.table_name) {
        input.table_name = name;
    }
    let scope = Scope::of(cx);
    let mut table = create::table(input, Birth { uuid: cx.rng.uuid(), at: cx.now() })?;
    let mut tx = svc.store.write().await?;
    if tx.row(&TableKey(&scope, &table.name)).await?.is_some() {
        return Err(resource_in_use(format!("Table already exists: {}", table.name)));
    }
    table.id = table::next_id(&mut tx, &scope).await?;
    if table.stream.is_some() {
        let id = table::next_id(&mut tx, &scope).await?;
        streams::begin(&mut tx, &svc.timers, &scope, (&mut table, id), cx.now()).await?;
    }
    tx.put_row(&TableKey(&scope, &table.name), &table)?;
    // AWS: answered as being created; here it is there at once, so that the first description finds it active.
    let description = table::describe(&mut tx, cx, &table, TableStatus::Creating).await?;
    tx.commit().await?;
    Ok(CreateTableOutput { table_description: Some(description) })
}
