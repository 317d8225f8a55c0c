//! Secondary indexes.

use serde_json::{Value, json};

use crate::db::{Db, composite, key, merged};

/// `tab` with a local index on `l` (keys only), a global one on `g` and `h` (including `inc`), and one on `n` (all).
async fn indexed() -> Db {
    let db = Db::new();
    let mut asked = composite("tab");
    for (name, kind) in [("l", "S"), ("g", "S"), ("h", "N"), ("n", "N")] {
        let definition = json!({ "AttributeName": name, "AttributeType": kind });
        asked["AttributeDefinitions"].as_array_mut().unwrap().push(definition);
    }
    asked["LocalSecondaryIndexes"] = json!([{
        "IndexName": "local", "Projection": { "ProjectionType": "KEYS_ONLY" },
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "l", "KeyType": "RANGE" }],
    }]);
    asked["GlobalSecondaryIndexes"] = json!([
        {
            "IndexName": "global", "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["inc"] },
            "KeySchema": [{ "AttributeName": "g", "KeyType": "HASH" }, { "AttributeName": "h", "KeyType": "RANGE" }],
        },
        {
            "IndexName": "number", "Projection": { "ProjectionType": "ALL" },
            "KeySchema": [{ "AttributeName": "n", "KeyType": "HASH" }],
        },
    ]);
    db.ok("CreateTable", asked).await;
    db
}

fn item(sk: &str, h: &str) -> Value {
    let rest =
        json!({ "l": { "S": h }, "g": { "S": "G" }, "h": { "N": h }, "inc": { "S": "i" }, "extra": { "S": "o" } });
    merged(key("p", sk), rest)
}

fn global() -> Value {
    json!({
        "TableName": "tab", "IndexName": "global", "KeyConditionExpression": "g = :g",
        "ExpressionAttributeValues": { ":g": { "S": "G" } },
    })
}

async fn hs(db: &Db) -> Vec<String> {
    let answer = db.ok("Query", global()).await;
    answer["Items"].as_array().unwrap().iter().map(|i| i["h"]["N"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_global_index_orders_by_its_own_key_and_projects() {
    let db = indexed().await;
    for (sk, h) in [("a", "10"), ("b", "-3"), ("c", "2.5"), ("d", "2.5")] {
        db.put(item(sk, h)).await;
    }
    db.put(merged(key("p", "e"), json!({ "g": { "S": "G" } }))).await;
    assert_eq!(hs(&db).await, ["-3", "2.5", "2.5", "10"], "without the one that has no h");
    let first = db.ok("Query", global()).await["Items"][0].clone();
    let expected = merged(key("p", "b"), json!({ "g": { "S": "G" }, "h": { "N": "-3" }, "inc": { "S": "i" } }));
    assert_eq!(first, expected);
}

#[tokio::test]
async fn an_index_follows_every_change() {
    let db = indexed().await;
    db.put(item("a", "1")).await;
    let update = |expression: &str, values: Value| {
        let mut out = json!({ "TableName": "tab", "Key": key("p", "a"), "UpdateExpression": expression });
        if values != json!({}) {
            out["ExpressionAttributeValues"] = values;
        }
        out
    };
    db.ok("UpdateItem", update("SET h = :h", json!({ ":h": { "N": "7" } }))).await;
    assert_eq!(hs(&db).await, ["7"]);
    db.ok("UpdateItem", update("REMOVE g", json!({}))).await;
    assert_eq!(hs(&db).await, [""; 0]);
    db.put(item("a", "8")).await;
    db.put(item("a", "9")).await;
    assert_eq!(hs(&db).await, ["9"]);
    db.ok("DeleteItem", json!({ "TableName": "tab", "Key": key("p", "a") })).await;
    assert_eq!(hs(&db).await, [""; 0]);
    let described = db.described(|_| true).await;
    let sizes = described["GlobalSecondaryIndexes"].as_array().unwrap();
    assert!(sizes.iter().all(|i| i["ItemCount"] == json!(0) && i["IndexSizeBytes"] == json!(0)), "{sizes:?}");
}

#[tokio::test]
async fn pages_of_an_index_join_where_keys_repeat() {
    let db = indexed().await;
    for sk in ["a", "b", "c", "d", "e"] {
        db.put(item(sk, "1")).await;
    }
    let (mut found, mut start): (Vec<String>, Option<Value>) = (vec![], None);
    loop {
        let mut asked = merged(global(), json!({ "Limit": 2 }));
        if let Some(start) = start.take() {
            asked["ExclusiveStartKey"] = start;
        }
        let page = db.ok("Query", asked).await;
        found.extend(page["Items"].as_array().unwrap().iter().map(|i| i["sk"]["S"].as_str().unwrap().to_owned()));
        match page.get("LastEvaluatedKey") {
            Some(last) => start = Some(last.clone()),
            None => break,
        }
    }
    assert_eq!(found, ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn a_local_index_fetches_what_it_lacks() {
    let db = indexed().await;
    db.put(item("a", "2")).await;
    let asked = json!({
        "TableName": "tab", "IndexName": "local", "KeyConditionExpression": "pk = :p AND l = :l",
        "ExpressionAttributeValues": { ":p": { "S": "p" }, ":l": { "S": "2" } }, "ConsistentRead": true,
    });
    let keys = db.ok("Query", asked.clone()).await["Items"][0].clone();
    assert_eq!(keys, merged(key("p", "a"), json!({ "l": { "S": "2" } })));
    let all = db.ok("Query", merged(asked.clone(), json!({ "Select": "ALL_ATTRIBUTES" }))).await;
    assert_eq!(all["Items"][0], item("a", "2"));
    let some = db.ok("Query", merged(asked, json!({ "ProjectionExpression": "extra" }))).await;
    assert_eq!(some["Items"][0], json!({ "extra": { "S": "o" } }));
}

#[tokio::test]
async fn a_global_index_can_not_answer_everything() {
    let db = indexed().await;
    let bad = "One or more parameter values were invalid: ";
    assert_eq!(
        db.invalid("Query", merged(global(), json!({ "ConsistentRead": true }))).await,
        "Consistent reads are not supported on global secondary indexes"
    );
    assert_eq!(
        db.invalid("Query", merged(global(), json!({ "Select": "ALL_ATTRIBUTES" }))).await,
        format!(
            "{bad}Select type ALL_ATTRIBUTES is not supported for global secondary index global because its projection \
             type is not ALL"
        )
    );
    assert_eq!(
        db.invalid("Query", merged(global(), json!({ "ProjectionExpression": "extra" }))).await,
        format!("{bad}One or more attributes is not projected into global secondary index: global: extra")
    );
}

#[tokio::test]
async fn index_keys_of_the_wrong_type_are_refused() {
    let db = indexed().await;
    let put = |extra| json!({ "TableName": "tab", "Item": merged(key("p", "a"), extra) });
    assert_eq!(
        db.invalid("PutItem", put(json!({ "h": { "S": "x" } }))).await,
        "One or more parameter values were invalid: Type mismatch for Index Key h Expected: N Actual: S \
         IndexName: global"
    );
    assert_eq!(
        db.invalid("PutItem", put(json!({ "g": { "S": "" } }))).await,
        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. \
         The AttributeValue for a key attribute cannot contain an empty string value. IndexName: global, IndexKey: g"
    );
}

#[tokio::test]
async fn a_scan_of_an_index_sees_what_is_in_it() {
    let db = indexed().await;
    db.put(item("a", "1")).await;
    db.put(key("p", "b")).await;
    let scan = db.ok("Scan", json!({ "TableName": "tab", "IndexName": "global" })).await;
    assert_eq!(scan["Count"], json!(1));
    db.put(merged(key("p", "c"), json!({ "n": { "N": "1" }, "extra": { "S": "o" } }))).await;
    let all = db.ok("Scan", json!({ "TableName": "tab", "IndexName": "number" })).await;
    assert_eq!(all["Items"][0]["extra"], json!({ "S": "o" }));
}

#[tokio::test]
async fn writes_tell_what_indexes_cost() {
    let db = indexed().await;
    let put = json!({ "TableName": "tab", "Item": item("a", "1"), "ReturnConsumedCapacity": "INDEXES" });
    let used = db.ok("PutItem", put).await["ConsumedCapacity"].clone();
    assert_eq!(used["CapacityUnits"], json!(3.0), "{used}");
    assert_eq!(used["LocalSecondaryIndexes"], json!({ "local": { "CapacityUnits": 1.0 } }));
    let moved = json!({ "TableName": "tab", "Item": item("a", "2"), "ReturnConsumedCapacity": "INDEXES" });
    let used = db.ok("PutItem", moved).await["ConsumedCapacity"].clone();
    assert_eq!(used["GlobalSecondaryIndexes"]["global"]["CapacityUnits"], json!(2.0), "a delete and a put");
}

#[tokio::test]
async fn a_query_of_a_global_index_costs_the_table_nothing() {
    let db = indexed().await;
    let asked = json!({
        "TableName": "tab", "IndexName": "number", "ReturnConsumedCapacity": "INDEXES",
        "KeyConditionExpression": "n = :n", "ExpressionAttributeValues": { ":n": { "N": "1" } },
    });
    let used = db.ok("Query", asked).await["ConsumedCapacity"].clone();
    assert_eq!(
        used["Table"].to_string(),
        r#"{"CapacityUnits":0.0}"#,
        "nothing, and not the minus zero of an empty sum"
    );
    assert_eq!(used["GlobalSecondaryIndexes"], json!({ "number": { "CapacityUnits": 0.5 } }));
}

fn added() -> Value {
    json!({
        "TableName": "tab",
        "AttributeDefinitions": [{ "AttributeName": "x", "AttributeType": "S" }],
        "GlobalSecondaryIndexUpdates": [{ "Create": {
            "IndexName": "later", "KeySchema": [{ "AttributeName": "x", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "ALL" },
        } }],
    })
}

#[tokio::test]
async fn an_index_added_later_is_filled() {
    let db = Db::with_table().await;
    for n in 0..1200 {
        db.put(merged(key("p", &n.to_string()), json!({ "x": { "S": "v" } }))).await;
    }
    db.put(key("p", "without")).await;
    let updated = db.ok("UpdateTable", added()).await;
    let index = &updated["TableDescription"]["GlobalSecondaryIndexes"][0];
    assert_eq!((&index["IndexStatus"], &index["Backfilling"]), (&json!("CREATING"), &json!(true)));
    db.put(merged(key("p", "during"), json!({ "x": { "S": "v" } }))).await;
    db.ok("DeleteItem", json!({ "TableName": "tab", "Key": key("p", "7") })).await;
    let done = db.described(|t| t["GlobalSecondaryIndexes"][0]["IndexStatus"] == json!("ACTIVE")).await;
    assert_eq!(done["GlobalSecondaryIndexes"][0]["ItemCount"], json!(1200));
    assert_eq!(done["GlobalSecondaryIndexes"][0].get("Backfilling"), None);
    let mut asked = json!({
        "TableName": "tab", "IndexName": "later", "Select": "COUNT", "KeyConditionExpression": "x = :x",
        "ExpressionAttributeValues": { ":x": { "S": "v" } },
    });
    let mut count = 0;
    loop {
        let page = db.ok("Query", asked.clone()).await;
        count += page["Count"].as_u64().unwrap();
        match page.get("LastEvaluatedKey") {
            Some(last) => asked["ExclusiveStartKey"] = last.clone(),
            None => break,
        }
    }
    assert_eq!(count, 1200);
}

#[tokio::test]
async fn an_index_is_deleted_with_its_definitions() {
    let db = Db::with_table().await;
    db.ok("UpdateTable", added()).await;
    db.described(|t| t["GlobalSecondaryIndexes"][0]["IndexStatus"] == json!("ACTIVE")).await;
    let delete = json!({ "TableName": "tab", "GlobalSecondaryIndexUpdates": [{ "Delete": { "IndexName": "later" } }] });
    db.ok("UpdateTable", delete.clone()).await;
    let left = db.described(|_| true).await;
    assert_eq!(left.get("GlobalSecondaryIndexes"), None);
    assert_eq!(left["AttributeDefinitions"].as_array().unwrap().len(), 2);
    assert_eq!(db.refused("UpdateTable", delete).await.code, "ResourceNotFoundException");
    db.ok("UpdateTable", added()).await;
}

#[tokio::test]
async fn item_collections_are_measured_if_asked() {
    let db = indexed().await;
    let put = |asked: &str| json!({ "TableName": "tab", "Item": item("a", "1"), "ReturnItemCollectionMetrics": asked });
    let told = json!({ "ItemCollectionKey": { "pk": { "S": "p" } }, "SizeEstimateRangeGB": [0.0, 1.0] });
    assert_eq!(db.ok("PutItem", put("SIZE")).await["ItemCollectionMetrics"], told);
    assert_eq!(db.ok("PutItem", put("NONE")).await, json!({}));
    let batch = json!({
        "RequestItems": { "tab": [{ "PutRequest": { "Item": item("b", "1") } }] },
        "ReturnItemCollectionMetrics": "SIZE",
    });
    assert_eq!(db.ok("BatchWriteItem", batch).await["ItemCollectionMetrics"], json!({ "tab": [told] }));
    let plain = Db::with_table().await;
    let none = json!({ "TableName": "tab", "Item": key("a", "b"), "ReturnItemCollectionMetrics": "SIZE" });
    assert_eq!(plain.ok("PutItem", none).await, json!({}), "only tables with local indexes have collections");
}
