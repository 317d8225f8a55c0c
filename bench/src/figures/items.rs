//! Tables and items for the DynamoDB figures.

use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::aws;
use crate::load;
use crate::platform::Server;

pub(crate) const TABLE: &str = "bench";

/// A table with `id` and `at`, ready for use.
pub(crate) fn create_table(server: &Server, name: &str) -> Result<()> {
    let host = server.host();
    server.call(&aws::dynamodb(
        &host,
        "CreateTable",
        &json!({
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "id", "AttributeType": "S" }, { "AttributeName": "at", "AttributeType": "N" },
            ],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }, { "AttributeName": "at", "KeyType": "RANGE" }],
        }),
    ))?;
    let describe = aws::dynamodb(&host, "DescribeTable", &json!({ "TableName": name }));
    for _ in 0..500 {
        if server.call(&describe)?.pointer("/Table/TableStatus").and_then(Value::as_str) == Some("ACTIVE") {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    None.context("the table doesn't become active")
}

pub(crate) fn key(id: &str, at: usize) -> Value {
    json!({ "id": { "S": id }, "at": { "N": at.to_string() } })
}

/// An item whose attributes make up about that many bytes.
pub(crate) fn item(id: &str, at: usize, bytes: usize) -> Value {
    json!({ "id": { "S": id }, "at": { "N": at.to_string() }, "body": { "S": "x".repeat(bytes.saturating_sub(20)) } })
}

/// Puts of 1 KiB, each of another key.
pub(crate) fn puts(host: &str, table: &str, stem: &str, count: usize) -> Arc<Vec<Bytes>> {
    let put = |n| {
        aws::dynamodb(host, "PutItem", &json!({ "TableName": table, "Item": item(&format!("{stem}-{n}"), n, 1024) }))
    };
    Arc::new((0..count).map(put).collect())
}

/// Gets of keys that [`puts`] of the same stem wrote, in an order that jumps.
pub(crate) fn gets(host: &str, table: &str, stem: &str, count: usize) -> Arc<Vec<Bytes>> {
    let get = |n: usize| {
        let n = n * 7919 % count;
        aws::dynamodb(host, "GetItem", &json!({ "TableName": table, "Key": key(&format!("{stem}-{n}"), n) }))
    };
    Arc::new((0..count).map(get).collect())
}

/// Writes `id`'s items 0.. in batches, by 16 connections.
pub(crate) fn fill(
    server: &Server,
    table: &str,
    id: &dyn Fn(usize) -> String,
    count: usize,
    bytes: usize,
) -> Result<()> {
    let host = server.host();
    // Made in portions: a million requests at once would need the memory of a million items.
    for portion in (0..count).collect::<Vec<_>>().chunks(50_000) {
        let batch = |ns: &[usize]| {
            let puts: Vec<Value> =
                ns.iter().map(|n| json!({ "PutRequest": { "Item": item(&id(*n), *n, bytes) } })).collect();
            aws::dynamodb(&host, "BatchWriteItem", &json!({ "RequestItems": { table: puts } }))
        };
        load::run(server.address, &Arc::new(portion.chunks(25).map(batch).collect()), 16)?;
    }
    Ok(())
}
