//! Whatever is written, and however many write at the same time: what a stream tells, done again, comes to the table.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::{Value, json};
use updraft_kernel::{Rng, RngExt, SeededRng};

use crate::db::{Db, composite, key, merged};

const WRITERS: u64 = 8;
const WRITES: usize = 60;

fn key_of(rng: &dyn Rng) -> (String, String) {
    (format!("p{}", rng.below(6)), format!("s{}", rng.below(3)))
}

fn item(rng: &dyn Rng) -> Value {
    let (pk, sk) = key_of(rng);
    json!({ "pk": { "S": pk }, "sk": { "S": sk }, "v": { "N": rng.below(4).to_string() } })
}

/// One write, of some kind, of some items.
async fn write(db: &Db, rng: &dyn Rng) {
    let (pk, sk) = key_of(rng);
    let done = match rng.below(5) {
        0 => db.call("PutItem", json!({ "TableName": "tab", "Item": item(rng) })).await,
        1 => db.call("DeleteItem", json!({ "TableName": "tab", "Key": key(&pk, &sk) })).await,
        2 => {
            let update = json!({
                "TableName": "tab", "Key": key(&pk, &sk), "UpdateExpression": "ADD v :one",
                "ExpressionAttributeValues": { ":one": { "N": "1" } },
            });
            db.call("UpdateItem", update).await
        }
        3 => {
            let batch = json!([{ "PutRequest": { "Item": item(rng) } }]);
            db.call("BatchWriteItem", json!({ "RequestItems": { "tab": batch } })).await
        }
        _ => {
            let both = json!([
                { "Put": { "TableName": "tab", "Item": item(rng) } },
                { "Delete": { "TableName": "tab", "Key": key(&pk, &sk) } },
            ]);
            db.call("TransactWriteItems", json!({ "TransactItems": both })).await
        }
    };
    if let Err(refusal) = done {
        // Both of a transaction may be the same item.
        assert!(refusal.message.contains("multiple operations on one item"), "{refusal:?}");
    }
}

type Table = BTreeMap<String, Value>;

fn replay(table: &mut Table, record: &Value) {
    let change = &record["dynamodb"];
    let id = change["Keys"].to_string();
    let before = table.get(&id).cloned().unwrap_or(Value::Null);
    assert_eq!(change["OldImage"], before, "{record}");
    let expected = match (before.is_null(), change["NewImage"].is_null()) {
        (true, false) => "INSERT",
        (false, false) => "MODIFY",
        _ => "REMOVE",
    };
    assert_eq!(record["eventName"], expected);
    match &change["NewImage"] {
        Value::Null => table.remove(&id),
        new => table.insert(id, new.clone()),
    };
}

async fn told(db: &Db, arn: &str) -> Table {
    let described = db.stream("DescribeStream", json!({ "StreamArn": arn })).await.unwrap();
    let mut table = Table::new();
    for shard in described["StreamDescription"]["Shards"].as_array().unwrap() {
        let asked = json!({ "StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON" });
        let mut iterator = db.stream("GetShardIterator", asked).await.unwrap()["ShardIterator"].clone();
        loop {
            let answer = db.stream("GetRecords", json!({ "ShardIterator": iterator, "Limit": 7 })).await.unwrap();
            let records = answer["Records"].as_array().unwrap();
            if records.is_empty() {
                break;
            }
            records.iter().for_each(|record| replay(&mut table, record));
            iterator = answer["NextShardIterator"].clone();
        }
    }
    table
}

#[tokio::test]
async fn a_stream_replayed_is_the_table() {
    for seed in 0..4 {
        let db = Arc::new(Db::new());
        let view = json!({ "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" } });
        let made = db.ok("CreateTable", merged(composite("tab"), view)).await;
        let arn = made["TableDescription"]["LatestStreamArn"].as_str().unwrap();
        let writers = (0..WRITERS).map(|writer| {
            let db = Arc::clone(&db);
            async move {
                let rng = SeededRng::new(seed * WRITERS + writer);
                for _ in 0..WRITES {
                    write(&db, &rng).await;
                }
            }
        });
        join_all(writers).await;
        let scanned = db.ok("Scan", json!({ "TableName": "tab" })).await;
        let id = |item: &Value| json!({ "pk": item["pk"], "sk": item["sk"] }).to_string();
        let there: Table = scanned["Items"].as_array().unwrap().iter().map(|item| (id(item), item.clone())).collect();
        assert!(!there.is_empty());
        assert_eq!(told(&db, arn).await, there, "seed {seed}");
    }
}
