//! Tables as AWS describes them.

use updraft_api_dynamodb::types::{
    AttributeDefinition, BillingMode, BillingModeSummary, GlobalSecondaryIndexDescription, IndexStatus,
    KeySchemaElement, KeyType, LocalSecondaryIndexDescription, OnDemandThroughput, Projection, ProjectionType,
    ProvisionedThroughputDescription, SSEDescription, SSEStatus, SSEType, ScalarAttributeType, StreamSpecification,
    StreamViewType, TableClass, TableClassSummary, TableDescription, TableStatus, TableWarmThroughputDescription,
};
use updraft_kernel::Ctx;

use crate::model::table::{Billing, Index, KeyAttribute, Keys, Projected, Scalar, Table, Throughput};

/// What any table on demand bears at once, in units a second.
const WARM_ON_DEMAND: Throughput = Throughput { read: 12_000, write: 4000 };

/// How much there is in a table or an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) items: i64,
    pub(crate) bytes: i64,
}

/// The whole gigabytes between which a collection's size lies.
pub(crate) fn whole_gigabytes(bytes: i64) -> [f64; 2] {
    let below = u32::try_from(bytes >> 30).unwrap_or(0);
    [f64::from(below), f64::from(below) + 1.0]
}

pub(crate) fn table_arn(cx: &Ctx, table: &Table) -> String {
    cx.arn("dynamodb", format!("table/{}", table.name)).to_string()
}

/// `size_of` answers for an index, or for the table itself if given none.
pub(crate) fn describe(
    cx: &Ctx,
    table: &Table,
    status: TableStatus,
    size_of: &dyn Fn(Option<&Index>) -> Size,
) -> TableDescription {
    let size = size_of(None);
    let index_status = if status == TableStatus::Creating { IndexStatus::Creating } else { IndexStatus::Active };
    let locals = table.locals.iter().map(|index| local(cx, table, index, size_of(Some(index))));
    let globals =
        table.globals.iter().map(|index| global(cx, table, index, size_of(Some(index)), index_status.clone()));
    let stream = table.stream.as_ref();
    TableDescription {
        attribute_definitions: Some(table.definitions.iter().map(definition).collect()),
        table_name: Some(table.name.clone()),
        key_schema: Some(schema(&table.keys)),
        creation_date_time: Some(table.created),
        provisioned_throughput: Some(throughput(table.billing.throughput)),
        table_size_bytes: Some(size.bytes),
        item_count: Some(size.items),
        table_arn: Some(table_arn(cx, table)),
        table_id: Some(table.uuid.clone()),
        billing_mode_summary: billing(&table.billing, &status),
        local_secondary_indexes: some(locals.collect()),
        global_secondary_indexes: some(globals.collect()),
        stream_specification: stream.and_then(|s| s.view.clone()).map(|view| StreamSpecification {
            stream_enabled: true,
            stream_view_type: Some(StreamViewType::from(view)),
        }),
        latest_stream_label: stream.map(|s| s.label.clone()),
        latest_stream_arn: stream.map(|s| format!("{}/stream/{}", table_arn(cx, table), s.label)),
        sse_description: table.kms_key.as_ref().map(|key| encryption(key)),
        table_class_summary: table.class.clone().map(|class| TableClassSummary {
            table_class: Some(TableClass::from(class)),
            ..TableClassSummary::default()
        }),
        deletion_protection_enabled: Some(table.protected),
        on_demand_throughput: table.most_on_demand.map(on_demand),
        warm_throughput: warm(table, &status).map(|warm| warmth(warm, &status)),
        table_status: Some(status),
        ..TableDescription::default()
    }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn definition(attribute: &KeyAttribute) -> AttributeDefinition {
    let attribute_type = match attribute.scalar {
        Scalar::S => ScalarAttributeType::S,
        Scalar::N => ScalarAttributeType::N,
        Scalar::B => ScalarAttributeType::B,
    };
    AttributeDefinition { attribute_name: attribute.name.clone(), attribute_type }
}

fn schema(keys: &Keys) -> Vec<KeySchemaElement> {
    let element = |(name, key_type): (&str, KeyType)| KeySchemaElement { attribute_name: name.to_owned(), key_type };
    keys.names().zip([KeyType::Hash, KeyType::Range]).map(element).collect()
}

fn throughput(given: Throughput) -> ProvisionedThroughputDescription {
    ProvisionedThroughputDescription {
        number_of_decreases_today: Some(0),
        read_capacity_units: Some(given.read),
        write_capacity_units: Some(given.write),
        ..ProvisionedThroughputDescription::default()
    }
}

/// AWS: told only of tables that are or have been billed per request.
fn billing(billing: &Billing, status: &TableStatus) -> Option<BillingModeSummary> {
    // AWS: the moment is told once the table is there.
    let told = *status != TableStatus::Creating;
    let mode = if billing.per_request { BillingMode::PayPerRequest } else { BillingMode::Provisioned };
    billing.per_request_since.map(|since| BillingModeSummary {
        billing_mode: Some(mode),
        last_update_to_pay_per_request_date_time: told.then_some(since),
    })
}

fn encryption(key: &str) -> SSEDescription {
    SSEDescription {
        status: Some(SSEStatus::Enabled),
        sse_type: Some(SSEType::Kms),
        kms_master_key_arn: (!key.is_empty()).then(|| key.to_owned()),
        ..SSEDescription::default()
    }
}

fn on_demand(most: Throughput) -> OnDemandThroughput {
    OnDemandThroughput { max_read_request_units: Some(most.read), max_write_request_units: Some(most.write) }
}

/// AWS: where none was asked for, what the table can bear anyway is told, once it is there.
fn warm(table: &Table, status: &TableStatus) -> Option<Throughput> {
    let there = matches!(status, TableStatus::Active | TableStatus::Updating);
    let usual = if table.billing.per_request { WARM_ON_DEMAND } else { table.billing.throughput };
    table.warm.or(there.then_some(usual))
}

fn warmth(warm: Throughput, status: &TableStatus) -> TableWarmThroughputDescription {
    let status = if *status == TableStatus::Creating { TableStatus::Updating } else { TableStatus::Active };
    TableWarmThroughputDescription {
        read_units_per_second: Some(warm.read),
        write_units_per_second: Some(warm.write),
        status: Some(status),
    }
}

fn projection(projected: &Projected) -> Projection {
    let (kind, names) = match projected {
        Projected::All => (ProjectionType::All, None),
        Projected::KeysOnly => (ProjectionType::KeysOnly, None),
        Projected::Include(names) => (ProjectionType::Include, Some(names.clone())),
    };
    Projection { projection_type: Some(kind), non_key_attributes: names }
}

fn index_arn(cx: &Ctx, table: &Table, index: &Index) -> String {
    format!("{}/index/{}", table_arn(cx, table), index.name)
}

fn local(cx: &Ctx, table: &Table, index: &Index, size: Size) -> LocalSecondaryIndexDescription {
    LocalSecondaryIndexDescription {
        index_name: Some(index.name.clone()),
        key_schema: Some(schema(&index.keys)),
        projection: Some(projection(&index.projected)),
        index_size_bytes: Some(size.bytes),
        item_count: Some(size.items),
        index_arn: Some(index_arn(cx, table, index)),
    }
}

fn global(cx: &Ctx, table: &Table, index: &Index, size: Size, status: IndexStatus) -> GlobalSecondaryIndexDescription {
    GlobalSecondaryIndexDescription {
        index_name: Some(index.name.clone()),
        key_schema: Some(schema(&index.keys)),
        projection: Some(projection(&index.projected)),
        index_status: Some(if index.ready { status } else { IndexStatus::Creating }),
        backfilling: (!index.ready).then_some(true),
        provisioned_throughput: Some(throughput(index.throughput)),
        index_size_bytes: Some(size.bytes),
        item_count: Some(size.items),
        index_arn: Some(index_arn(cx, table, index)),
        ..GlobalSecondaryIndexDescription::default()
    }
}
