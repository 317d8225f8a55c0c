//! `BatchGetItem` and `BatchWriteItem`.

use serde_json::{Value, json};

use crate::db::{Db, key, merged};

fn put(pk: &str) -> Value {
    json!({ "PutRequest": { "Item": key(pk, "s") } })
}

fn write(requests: &[Value]) -> Value {
    json!({ "RequestItems": { "tab": requests } })
}

fn get(keys: &[Value]) -> Value {
    json!({ "RequestItems": { "tab": { "Keys": keys } } })
}

#[tokio::test]
async fn a_batch_writes_and_reads() {
    let db = Db::with_table().await;
    db.put(key("old", "s")).await;
    let requests = [put("a"), put("b"), json!({ "DeleteRequest": { "Key": key("old", "s") } })];
    assert_eq!(db.ok("BatchWriteItem", write(&requests)).await, json!({ "UnprocessedItems": {} }));
    let answer = db.ok("BatchGetItem", get(&[key("a", "s"), key("old", "s"), key("b", "s")])).await;
    assert_eq!(answer["Responses"], json!({ "tab": [key("a", "s"), key("b", "s")] }));
    assert_eq!(answer["UnprocessedKeys"], json!({}));
    let none = db.ok("BatchGetItem", get(&[key("zz", "s")])).await;
    assert_eq!(none, json!({ "Responses": { "tab": [] }, "UnprocessedKeys": {} }));
}

#[tokio::test]
async fn both_sides_of_the_number_of_writes() {
    let db = Db::with_table().await;
    let many: Vec<Value> = (0..26).map(|n| put(&n.to_string())).collect();
    db.ok("BatchWriteItem", write(&many[..25])).await;
    assert!(db.invalid("BatchWriteItem", write(&many)).await.contains("25"));
}

#[tokio::test]
async fn both_sides_of_the_number_of_keys() {
    let db = Db::with_table().await;
    let many: Vec<Value> = (0..101).map(|n| key(&n.to_string(), "s")).collect();
    db.ok("BatchGetItem", get(&many[..100])).await;
    assert!(db.invalid("BatchGetItem", get(&many)).await.contains("100"));
}

#[tokio::test]
async fn duplicates_are_refused_and_nothing_is_written() {
    let db = Db::with_table().await;
    let message = "Provided list of item keys contains duplicates";
    let both = [put("a"), json!({ "DeleteRequest": { "Key": key("a", "s") } })];
    assert_eq!(db.invalid("BatchWriteItem", write(&both)).await, message);
    assert_eq!(db.invalid("BatchGetItem", get(&[key("a", "s"), key("a", "s")])).await, message);
    assert_eq!(db.get("a", "s").await, None);
}

#[tokio::test]
async fn keys_that_do_not_match_are_refused() {
    let db = Db::with_table().await;
    let message = "The provided key element does not match the schema";
    for item in [json!({ "pk": { "S": "a" } }), json!({ "pk": { "N": "5" }, "sk": { "S": "s" } })] {
        let request = json!({ "PutRequest": { "Item": item } });
        assert_eq!(db.invalid("BatchWriteItem", write(&[put("ok"), request])).await, message);
    }
    assert_eq!(db.get("ok", "s").await, None, "all is checked first");
    let gone = json!({ "RequestItems": { "nope": [put("a")] } });
    assert_eq!(db.refused("BatchWriteItem", gone).await.message, "Requested resource not found");
}

#[tokio::test]
async fn what_is_over_sixteen_mebibytes_is_left() {
    let db = Db::with_table().await;
    let keys: Vec<Value> = (0..50).map(|n| key(&format!("{n:02}"), "s")).collect();
    for one in &keys {
        db.put(merged(one.clone(), json!({ "data": { "S": "x".repeat(400_000) } }))).await;
    }
    let answer = db.ok("BatchGetItem", get(&keys)).await;
    let got = answer["Responses"]["tab"].as_array().unwrap().len();
    let left = answer["UnprocessedKeys"]["tab"]["Keys"].as_array().unwrap();
    assert_eq!(got, (16 << 20) / 400_014, "as many as fit");
    assert_eq!(left.len(), 50 - got);
    assert_eq!(left[0], keys[got]);
}

#[tokio::test]
async fn capacity_is_told_by_table() {
    let db = Db::with_table().await;
    let asked = merged(write(&[put("a"), put("b")]), json!({ "ReturnConsumedCapacity": "TOTAL" }));
    let used = db.ok("BatchWriteItem", asked).await["ConsumedCapacity"].clone();
    assert_eq!(used, json!([{ "TableName": "tab", "CapacityUnits": 2.0 }]));
}
