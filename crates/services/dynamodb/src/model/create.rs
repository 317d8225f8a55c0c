//! From a request to a table: what AWS checks, in its words.

use std::collections::{BTreeMap, BTreeSet};

use updraft_api_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateTableInput, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    LocalSecondaryIndex, Projection, ProjectionType, ProvisionedThroughput, ScalarAttributeType, StreamSpecification,
    Tag,
};
use updraft_kernel::{AwsError, UnixMillis};

use crate::errors::{invalid_parameter, validation};
use crate::model::name::{Least, check};
use crate::model::table::{Billing, Index, KeyAttribute, Keys, Projected, Scalar, Stream, Table, Throughput};

const MAX_GLOBALS: usize = 20;
const MAX_LOCALS: usize = 5;
/// Attributes that all indexes of a table may include by name.
const MAX_INCLUDED: usize = 100;

/// What a creation draws from outside.
#[derive(Debug)]
pub(crate) struct Birth {
    pub(crate) uuid: String,
    pub(crate) at: UnixMillis,
}

pub(crate) fn table(input: CreateTableInput, birth: Birth) -> Result<Table, AwsError> {
    check("tableName", &input.table_name, Least::Three)?;
    check_not_empty("LocalSecondaryIndexes", input.local_secondary_indexes.as_deref())?;
    check_not_empty("GlobalSecondaryIndexes", input.global_secondary_indexes.as_deref())?;
    let definitions = definitions(input.attribute_definitions.unwrap_or_default())?;
    let keys = keys(&input.key_schema.unwrap_or_default(), &definitions, "KeySchema")?;
    let billing = billing(input.billing_mode.as_ref(), input.provisioned_throughput.as_ref(), birth.at)?;
    let locals = locals(input.local_secondary_indexes.unwrap_or_default(), &keys, &definitions)?;
    let first = u32::try_from(locals.len()).unwrap_or(0);
    let globals = globals(input.global_secondary_indexes.unwrap_or_default(), &definitions, &billing, first)?;
    let table = Table {
        id: 0,
        name: input.table_name,
        uuid: birth.uuid,
        created: birth.at,
        next_index: first + u32::try_from(globals.len()).unwrap_or(0),
        stream: stream(input.stream_specification.as_ref(), birth.at)?,
        ttl: None,
        tags: tags(input.tags.unwrap_or_default()),
        protected: input.deletion_protection_enabled.unwrap_or(false),
        class: input.table_class.map(|class| class.as_str().to_owned()),
        kms_key: input
            .sse_specification
            .filter(|sse| sse.enabled == Some(true))
            .map(|sse| sse.kms_master_key_id.unwrap_or_default()),
        warm: input.warm_throughput.map(|w| Throughput {
            read: w.read_units_per_second.unwrap_or(0),
            write: w.write_units_per_second.unwrap_or(0),
        }),
        most_on_demand: input.on_demand_throughput.map(|most| Throughput {
            read: most.max_read_request_units.unwrap_or(-1),
            write: most.max_write_request_units.unwrap_or(-1),
        }),
        definitions,
        keys,
        billing,
        locals,
        globals,
    };
    check_whole(&table)?;
    Ok(table)
}

/// AWS: no list of indexes may be given, but not an empty one.
fn check_not_empty<T>(name: &str, list: Option<&[T]>) -> Result<(), AwsError> {
    match list {
        Some([]) => Err(invalid_parameter(format_args!("List of {name} is empty"))),
        _ => Ok(()),
    }
}

/// What concerns all indexes together.
pub(crate) fn check_whole(table: &Table) -> Result<(), AwsError> {
    let mut names = BTreeSet::new();
    if let Some(twice) = table.indexes().find(|index| !names.insert(&index.name)) {
        return Err(invalid_parameter(format_args!("Duplicate index name: {}", twice.name)));
    }
    let used: BTreeSet<&str> = table.keys.names().chain(table.indexes().flat_map(|i| i.keys.names())).collect();
    if table.definitions.len() != used.len() {
        return Err(invalid_parameter(
            "Number of attributes in KeySchema does not exactly match number of attributes defined in \
             AttributeDefinitions",
        ));
    }
    let included = |index: &Index| match &index.projected {
        Projected::Include(names) => names.len(),
        _ => 0,
    };
    if table.indexes().map(included).sum::<usize>() > MAX_INCLUDED {
        return Err(invalid_parameter(format_args!(
            "Number of user supplied NonKeyAttributes across all indexes exceeds the limit of {MAX_INCLUDED}"
        )));
    }
    Ok(())
}

pub(crate) fn definitions(wire: Vec<AttributeDefinition>) -> Result<Vec<KeyAttribute>, AwsError> {
    let mut out: Vec<KeyAttribute> = Vec::new();
    for definition in wire {
        let scalar = match definition.attribute_type {
            ScalarAttributeType::N => Scalar::N,
            ScalarAttributeType::B => Scalar::B,
            _ => Scalar::S,
        };
        let name = definition.attribute_name;
        if out.iter().any(|seen| seen.name == name) {
            return Err(invalid_parameter(format_args!("Duplicate AttributeName in AttributeDefinitions: {name}")));
        }
        out.push(KeyAttribute { name, scalar });
    }
    Ok(out)
}

/// The keys of a table (`place` is `KeySchema`) or of an index.
pub(crate) fn keys(schema: &[KeySchemaElement], definitions: &[KeyAttribute], place: &str) -> Result<Keys, AwsError> {
    let (hash, range) = match schema {
        [hash] => (hash, None),
        [hash, range] => (hash, Some(range)),
        _ => return Err(validation(format!("Invalid {place}: Wrong number of elements in the KeySchema"))),
    };
    if hash.key_type != KeyType::Hash {
        return Err(validation(format!("Invalid {place}: The first KeySchemaElement is not a HASH key type")));
    }
    if range.is_some_and(|range| range.attribute_name == hash.attribute_name) {
        return Err(validation("Both the Hash Key and the Range Key element in the KeySchema have the same name"));
    }
    if range.is_some_and(|range| range.key_type != KeyType::Range) {
        return Err(validation(format!("Invalid {place}: The second KeySchemaElement is not a RANGE key type")));
    }
    let range = range.map(|element| defined(element, schema, definitions)).transpose()?;
    Ok(Keys { hash: defined(hash, schema, definitions)?, range })
}

fn defined(
    element: &KeySchemaElement,
    schema: &[KeySchemaElement],
    definitions: &[KeyAttribute],
) -> Result<KeyAttribute, AwsError> {
    let found = definitions.iter().find(|definition| definition.name == element.attribute_name);
    found.cloned().ok_or_else(|| {
        let keys: Vec<&str> = schema.iter().map(|e| e.attribute_name.as_str()).collect();
        let names: Vec<&str> = definitions.iter().map(|d| d.name.as_str()).collect();
        invalid_parameter(format_args!(
            "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], AttributeDefinitions: [{}]",
            keys.join(", "),
            names.join(", ")
        ))
    })
}

fn billing(
    mode: Option<&BillingMode>,
    given: Option<&ProvisionedThroughput>,
    at: UnixMillis,
) -> Result<Billing, AwsError> {
    match (mode == Some(&BillingMode::PayPerRequest), given) {
        (true, Some(_)) => Err(invalid_parameter(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
        )),
        (true, None) => {
            Ok(Billing { per_request: true, throughput: Throughput::default(), per_request_since: Some(at) })
        }
        (false, Some(given)) => {
            Ok(Billing { per_request: false, throughput: throughput(given), per_request_since: None })
        }
        (false, None) => Err(invalid_parameter(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        )),
    }
}

pub(crate) fn throughput(given: &ProvisionedThroughput) -> Throughput {
    Throughput { read: given.read_capacity_units, write: given.write_capacity_units }
}

pub(crate) fn stream(wire: Option<&StreamSpecification>, at: UnixMillis) -> Result<Option<Stream>, AwsError> {
    match wire.map(|spec| (spec.stream_enabled, &spec.stream_view_type)) {
        None | Some((false, None)) => Ok(None),
        // Its id and shards are given when it begins.
        Some((true, Some(view))) => {
            Ok(Some(Stream { label: label(at), view: Some(view.as_str().to_owned()), id: 0, shards: 0 }))
        }
        Some((true, None)) => {
            Err(invalid_parameter("StreamViewType must be specified when StreamEnabled is set to true"))
        }
        Some((false, Some(_))) => {
            Err(invalid_parameter("StreamViewType cannot be specified when StreamEnabled is set to false"))
        }
    }
}

/// `2024-11-18T14:36:44.149`
pub(crate) fn label(at: UnixMillis) -> String {
    let days = at.0.div_euclid(86_400_000);
    let (year, month, day) = civil(days);
    let millis = at.0.rem_euclid(86_400_000);
    let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60);
    let (second, rest) = (millis / 1000 % 60, millis % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{rest:03}")
}

/// Year, month and day of a day since 1970-01-01, by counting in eras of 400 years that begin on a first of March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn tags(wire: Vec<Tag>) -> BTreeMap<String, String> {
    wire.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

fn locals(wire: Vec<LocalSecondaryIndex>, table: &Keys, definitions: &[KeyAttribute]) -> Result<Vec<Index>, AwsError> {
    if !wire.is_empty() && table.range.is_none() {
        return Err(invalid_parameter(
            "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
        ));
    }
    if wire.len() > MAX_LOCALS {
        return Err(invalid_parameter(format_args!(
            "Number of LocalSecondaryIndexes exceeds per-table limit of {MAX_LOCALS}"
        )));
    }
    wire.into_iter().zip(0..).map(|(one, id)| local(one, id, table, definitions)).collect()
}

fn local(wire: LocalSecondaryIndex, id: u32, table: &Keys, definitions: &[KeyAttribute]) -> Result<Index, AwsError> {
    check("localSecondaryIndexes.1.member.indexName", &wire.index_name, Least::Three)?;
    let keys = keys(&wire.key_schema, definitions, "index KeySchema")?;
    let name = wire.index_name;
    if keys.range.is_none() {
        return Err(invalid_parameter(format_args!("Index KeySchema does not have a range key for index: {name}")));
    }
    if keys.hash != table.hash {
        return Err(invalid_parameter(format_args!(
            "Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. \
             index hash key: {}, table hash key: {}",
            keys.hash.name, table.hash.name
        )));
    }
    Ok(Index {
        id,
        name,
        keys,
        projected: projected(&wire.projection)?,
        throughput: Throughput::default(),
        ready: true,
    })
}

fn globals(
    wire: Vec<GlobalSecondaryIndex>,
    definitions: &[KeyAttribute],
    billing: &Billing,
    first: u32,
) -> Result<Vec<Index>, AwsError> {
    check_count(wire.len())?;
    wire.into_iter().zip(first..).map(|(one, id)| global(one, id, definitions, billing)).collect()
}

/// How many global indexes a table may have.
pub(crate) fn check_count(globals: usize) -> Result<(), AwsError> {
    if globals > MAX_GLOBALS {
        return Err(invalid_parameter(format_args!(
            "GlobalSecondaryIndex count exceeds the per-table limit of {MAX_GLOBALS}"
        )));
    }
    Ok(())
}

pub(crate) fn global(
    wire: GlobalSecondaryIndex,
    id: u32,
    definitions: &[KeyAttribute],
    billing: &Billing,
) -> Result<Index, AwsError> {
    check("globalSecondaryIndexes.1.member.indexName", &wire.index_name, Least::Three)?;
    let keys = keys(&wire.key_schema, definitions, "index KeySchema")?;
    let name = wire.index_name;
    let throughput = match (&wire.provisioned_throughput, billing.per_request) {
        (Some(_), true) => {
            return Err(invalid_parameter(format_args!(
                "ProvisionedThroughput should not be specified for index: {name} when BillingMode is PAY_PER_REQUEST"
            )));
        }
        (None, false) => {
            return Err(invalid_parameter(format_args!("ProvisionedThroughput must be specified for index: {name}")));
        }
        (given, _) => given.as_ref().map(throughput).unwrap_or_default(),
    };
    Ok(Index { id, name, keys, projected: projected(&wire.projection)?, throughput, ready: true })
}

fn projected(wire: &Projection) -> Result<Projected, AwsError> {
    let names = wire.non_key_attributes.clone();
    match (&wire.projection_type, names) {
        (None, _) => Err(invalid_parameter("Unknown ProjectionType: null")),
        (Some(ProjectionType::All), None) => Ok(Projected::All),
        (Some(ProjectionType::KeysOnly), None) => Ok(Projected::KeysOnly),
        (Some(ProjectionType::Include), Some(names)) => Ok(Projected::Include(names)),
        (Some(ProjectionType::Include), None) => {
            Err(invalid_parameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified"))
        }
        (Some(other), _) => Err(invalid_parameter(format_args!(
            "ProjectionType is {}, but NonKeyAttributes is specified",
            other.as_str()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_a_moment() {
        assert_eq!(label(UnixMillis(0)), "1970-01-01T00:00:00.000");
        assert_eq!(label(UnixMillis(1_731_940_604_149)), "2024-11-18T14:36:44.149");
        assert_eq!(label(UnixMillis(951_782_400_000)), "2000-02-29T00:00:00.000");
    }
}
