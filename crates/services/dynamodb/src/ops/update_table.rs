use updraft_api_dynamodb::types::{
    BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex, GlobalSecondaryIndexUpdate,
    StreamSpecification, TableStatus, UpdateTableInput, UpdateTableOutput,
};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::StoreExt;

use crate::errors::{
    invalid_parameter, limit_exceeded, no_such_table, no_such_table_named, resource_in_use, validation,
};
use crate::keys::{Job, JobKey, Scope, TableKey};
use crate::model::create::{self, check_count, check_whole, definitions, throughput};
use crate::model::name;
use crate::model::table::{Stream, Table, Throughput};
use crate::{DynamoDb, background, streams, table};

pub(crate) async fn update_table(
    svc: &DynamoDb,
    cx: &Ctx,
    input: UpdateTableInput,
) -> Result<UpdateTableOutput, AwsError> {
    check_anything_asked(&input)?;
    let scope = Scope::of(cx);
    let name = name::table_name(cx, &input.table_name)?;
    let mut tx = svc.store.write().await?;
    let mut table = tx.row(&TableKey(&scope, &name)).await?.ok_or_else(|| no_such_table_named(&name))?;
    let before = table.clone();
    let job = change(&mut table, input, cx.now())?;
    match (before.records(), table.records()) {
        (false, true) => {
            let id = table::next_id(&mut tx, &scope).await?;
            streams::begin(&mut tx, &svc.timers, &scope, (&mut table, id), cx.now()).await?;
        }
        (true, false) => streams::end(&mut tx, &scope, &before, cx.now()).await?,
        _ => {}
    }
    tx.put_row(&TableKey(&scope, &name), &table)?;
    if let Some((index, job)) = job {
        tx.put_row(&JobKey { scope: scope.clone(), table: table.id, index }, &job)?;
        tx.touch(background::topic());
    }
    let description = table::describe(&mut tx, cx, &table, TableStatus::Updating).await?;
    tx.commit().await?;
    Ok(UpdateTableOutput { table_description: Some(description) })
}

fn check_anything_asked(input: &UpdateTableInput) -> Result<(), AwsError> {
    if input.replica_updates.is_some() || input.vector_index_updates.is_some() {
        return Err(validation("Replicas and vector indexes are not supported"));
    }
    let asked = input.billing_mode.is_some()
        || input.provisioned_throughput.is_some()
        || input.global_secondary_index_updates.is_some()
        || input.stream_specification.is_some()
        || input.sse_specification.is_some()
        || input.table_class.is_some()
        || input.deletion_protection_enabled.is_some()
        || input.on_demand_throughput.is_some()
        || input.warm_throughput.is_some();
    if asked {
        return Ok(());
    }
    Err(validation(
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or \
         SSESpecification or ReplicaUpdates is required",
    ))
}

/// Changes `table`; what is to be done with its rows, and of which index, comes back.
fn change(table: &mut Table, input: UpdateTableInput, now: UnixMillis) -> Result<Option<(u32, Job)>, AwsError> {
    change_billing(table, &input, now)?;
    if let Some(stream) = &input.stream_specification {
        change_stream(table, stream, now)?;
    }
    if let Some(sse) = input.sse_specification {
        table.kms_key = (sse.enabled == Some(true)).then(|| sse.kms_master_key_id.unwrap_or_default());
    }
    if let Some(class) = input.table_class {
        table.class = Some(class.as_str().to_owned());
    }
    if let Some(protect) = input.deletion_protection_enabled {
        table.protected = protect;
    }
    if let Some(most) = input.on_demand_throughput {
        table.most_on_demand = Some(Throughput {
            read: most.max_read_request_units.unwrap_or(-1),
            write: most.max_write_request_units.unwrap_or(-1),
        });
    }
    if let Some(warm) = input.warm_throughput {
        table.warm = Some(Throughput {
            read: warm.read_units_per_second.unwrap_or(0),
            write: warm.write_units_per_second.unwrap_or(0),
        });
    }
    for definition in definitions(input.attribute_definitions.unwrap_or_default())? {
        table.definitions.retain(|known| known.name != definition.name);
        table.definitions.push(definition);
    }
    change_indexes(table, input.global_secondary_index_updates.unwrap_or_default())
}

fn change_billing(table: &mut Table, input: &UpdateTableInput, now: UnixMillis) -> Result<(), AwsError> {
    let per_request = match &input.billing_mode {
        Some(mode) => *mode == BillingMode::PayPerRequest,
        None => table.billing.per_request,
    };
    match (&input.provisioned_throughput, per_request) {
        (Some(given), false) if !table.billing.per_request && throughput(given) == table.billing.throughput => {
            return Err(unchanged(table.billing.throughput));
        }
        (Some(_), true) => {
            return Err(invalid_parameter(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
            ));
        }
        (Some(given), false) => table.billing.throughput = throughput(given),
        (None, false) if table.billing.per_request => {
            return Err(invalid_parameter(
                "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
            ));
        }
        (None, _) => {}
    }
    if per_request && !table.billing.per_request {
        table.billing.per_request_since = Some(now);
        table.billing.throughput = Throughput::default();
        table.globals.iter_mut().for_each(|index| index.throughput = Throughput::default());
    }
    table.billing.per_request = per_request;
    Ok(())
}

fn unchanged(current: Throughput) -> AwsError {
    let Throughput { read, write } = current;
    validation(format!(
        "The provisioned throughput for the table will not change. The requested value equals the current value. \
         Current ReadCapacityUnits provisioned for the table: {read}. Requested ReadCapacityUnits: {read}. \
         Current WriteCapacityUnits provisioned for the table: {write}. Requested WriteCapacityUnits: {write}. \
         Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
    ))
}

fn change_stream(table: &mut Table, asked: &StreamSpecification, now: UnixMillis) -> Result<(), AwsError> {
    match (table.records(), asked.stream_enabled) {
        (true, true) => Err(validation(format!("Table already has an enabled stream: TableName: {}", table.name))),
        (false, false) => Err(validation(format!("Table has no stream to disable: TableName: {}", table.name))),
        (true, false) => {
            table.stream = table.stream.take().map(|stream| Stream { view: None, ..stream });
            Ok(())
        }
        (false, true) => {
            table.stream = create::stream(Some(asked), now)?;
            Ok(())
        }
    }
}

fn change_indexes(table: &mut Table, updates: Vec<GlobalSecondaryIndexUpdate>) -> Result<Option<(u32, Job)>, AwsError> {
    let mut job = None;
    for one in updates {
        let next = match one {
            GlobalSecondaryIndexUpdate { create: Some(create), update: None, delete: None } => {
                Some(add_index(table, create)?)
            }
            GlobalSecondaryIndexUpdate { create: None, update: None, delete: Some(delete) } => {
                Some(drop_index(table, &delete.index_name)?)
            }
            GlobalSecondaryIndexUpdate { create: None, update: Some(update), delete: None } => {
                let index = table.globals.iter_mut().find(|index| index.name == update.index_name);
                let index = index.ok_or_else(no_such_table)?;
                index.throughput = update.provisioned_throughput.as_ref().map(throughput).unwrap_or(index.throughput);
                None
            }
            _ => {
                return Err(invalid_parameter(
                    "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, \
                     GlobalSecondaryIndexUpdate.Delete must not be null",
                ));
            }
        };
        if next.is_some() && job.is_some() {
            return Err(limit_exceeded(
                "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
            ));
        }
        job = job.or(next);
    }
    forget_unused(table);
    check_whole(table)?;
    Ok(job)
}

/// Definitions of attributes that no key is made of any more.
fn forget_unused(table: &mut Table) {
    let definitions = std::mem::take(&mut table.definitions);
    let used = |name: &str| table.keys.has(name) || table.indexes().any(|index| index.keys.has(name));
    table.definitions = definitions.into_iter().filter(|definition| used(&definition.name)).collect();
}

fn add_index(table: &mut Table, asked: CreateGlobalSecondaryIndexAction) -> Result<(u32, Job), AwsError> {
    if table.globals.iter().any(|index| !index.ready) {
        return Err(resource_in_use(format!(
            "Attempt to change a resource which is still in use: Table is being updated: {}",
            table.name
        )));
    }
    if table.index(&asked.index_name).is_some() {
        return Err(validation("Attempting to create an index which already exists"));
    }
    let wire = GlobalSecondaryIndex {
        index_name: asked.index_name,
        key_schema: asked.key_schema,
        projection: asked.projection,
        provisioned_throughput: asked.provisioned_throughput,
        on_demand_throughput: asked.on_demand_throughput,
        warm_throughput: asked.warm_throughput,
    };
    let id = table.next_index;
    let mut index = create::global(wire, id, &table.definitions, &table.billing)?;
    index.ready = false;
    table.next_index += 1;
    table.globals.push(index);
    check_count(table.globals.len())?;
    Ok((id, Job::Backfill { table: table.name.clone() }))
}

fn drop_index(table: &mut Table, name: &str) -> Result<(u32, Job), AwsError> {
    let at = table.globals.iter().position(|index| index.name == name).ok_or_else(no_such_table)?;
    Ok((table.globals.remove(at).id, Job::DropIndex))
}
