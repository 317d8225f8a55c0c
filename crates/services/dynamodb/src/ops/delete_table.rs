use updraft_api_dynamodb::types::{DeleteTableInput, DeleteTableOutput, TableDescription, TableStatus};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{no_such_table_named, validation};
use crate::keys::{Job, JobKey, Scope, TableKey};
use crate::model::name;
use crate::{DynamoDb, background, streams, table};

pub(crate) async fn delete_table(
    svc: &DynamoDb,
    cx: &Ctx,
    input: DeleteTableInput,
) -> Result<DeleteTableOutput, AwsError> {
    let scope = Scope::of(cx);
    let name = name::table_name(cx, &input.table_name)?;
    let mut tx = svc.store.write().await?;
    let table = tx.row(&TableKey(&scope, &name)).await?.ok_or_else(|| no_such_table_named(&name))?;
    if table.protected {
        return Err(validation(
            "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
        ));
    }
    let whole = table::describe(&mut tx, cx, &table, TableStatus::Deleting).await?;
    let job = JobKey { scope: scope.clone(), table: table.id, index: 0 };
    streams::end(&mut tx, &scope, &table, cx.now()).await?;
    tx.delete_row(&TableKey(&scope, &name));
    tx.put_row(&job, &Job::DropTable)?;
    tx.touch(background::topic());
    tx.commit().await?;
    Ok(DeleteTableOutput { table_description: Some(farewell(whole)) })
}

/// AWS: a table that is being deleted is described without its keys and indexes.
fn farewell(whole: TableDescription) -> TableDescription {
    TableDescription {
        attribute_definitions: None,
        key_schema: None,
        creation_date_time: None,
        local_secondary_indexes: None,
        global_secondary_indexes: None,
        ..whole
    }
}
