//! `TransactWriteItems` and `TransactGetItems`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::db::{Db, key, merged};

fn put(pk: &str, extra: Value) -> Value {
    json!({ "Put": merged(json!({ "TableName": "tab", "Item": key(pk, "s") }), extra) })
}

fn absent() -> Value {
    json!({ "ConditionExpression": "attribute_not_exists(pk)" })
}

fn write(items: &[Value]) -> Value {
    json!({ "TransactItems": items })
}

fn add(pk: &str) -> Value {
    json!({ "Update": {
        "TableName": "tab", "Key": key(pk, "s"), "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": { ":one": { "N": "1" } },
    } })
}

#[tokio::test]
async fn all_of_a_transaction_happens() {
    let db = Db::with_table().await;
    db.put(key("gone", "s")).await;
    db.put(key("there", "s")).await;
    let check = json!({ "ConditionCheck": {
        "TableName": "tab", "Key": key("there", "s"), "ConditionExpression": "attribute_exists(pk)",
    } });
    let delete = json!({ "Delete": { "TableName": "tab", "Key": key("gone", "s") } });
    assert_eq!(db.ok("TransactWriteItems", write(&[put("a", absent()), add("b"), delete, check])).await, json!({}));
    assert_eq!(db.get("a", "s").await, Some(key("a", "s")));
    assert_eq!(db.get("b", "s").await.unwrap()["n"], json!({ "N": "1" }));
    assert_eq!((db.get("gone", "s").await, db.get("there", "s").await), (None, Some(key("there", "s"))));
}

#[tokio::test]
async fn or_nothing_does_and_every_reason_is_told() {
    let db = Db::with_table().await;
    db.put(key("there", "s")).await;
    let tells = merged(absent(), json!({ "ReturnValuesOnConditionCheckFailure": "ALL_OLD" }));
    let refusal = db.refused("TransactWriteItems", write(&[add("new"), put("there", tells)])).await;
    assert_eq!(refusal.code, "TransactionCanceledException");
    assert_eq!(
        refusal.message,
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]"
    );
    let reasons = json!([
        { "Code": "None" },
        {
            "Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": key("there", "s"),
        },
    ]);
    assert_eq!(refusal.body["CancellationReasons"], reasons);
    assert_eq!(db.get("new", "s").await, None);
}

#[tokio::test]
async fn faults_of_items_are_reasons_and_empty_keys_are_not() {
    let db = Db::with_table().await;
    let wrong = json!({ "Put": { "TableName": "tab", "Item": { "pk": { "N": "5" }, "sk": { "S": "s" } } } });
    let refusal = db.refused("TransactWriteItems", write(&[wrong])).await;
    assert_eq!(
        refusal.body["CancellationReasons"],
        json!([{
            "Code": "ValidationError",
            "Message": "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N",
        }])
    );
    assert!(db.invalid("TransactWriteItems", write(&[put("", json!({}))])).await.ends_with("Key: pk"));
}

#[tokio::test]
async fn one_item_is_in_a_transaction_once() {
    let db = Db::with_table().await;
    assert_eq!(
        db.invalid("TransactWriteItems", write(&[put("a", json!({})), add("a")])).await,
        "Transaction request cannot include multiple operations on one item"
    );
    let two = merged(put("a", json!({})), add("b"));
    assert_eq!(
        db.invalid("TransactWriteItems", write(&[two])).await,
        "TransactItems can only contain one of Check, Put, Update or Delete"
    );
}

#[tokio::test]
async fn both_sides_of_the_number_of_actions() {
    let db = Db::with_table().await;
    let many: Vec<Value> = (0..101).map(|n| put(&n.to_string(), json!({}))).collect();
    db.ok("TransactWriteItems", write(&many[..100])).await;
    assert!(db.invalid("TransactWriteItems", write(&many)).await.contains("100"));
}

#[tokio::test]
async fn a_token_makes_it_happen_once_for_ten_minutes() {
    let db = Db::with_table().await;
    let run = async |item: Value| {
        db.call("TransactWriteItems", merged(write(&[item]), json!({ "ClientRequestToken": "token" }))).await
    };
    let n = async || db.get("a", "s").await.unwrap()["n"]["N"].clone();
    run(add("a")).await.unwrap();
    run(add("a")).await.unwrap();
    assert_eq!(n().await, json!("1"));
    assert_eq!(run(add("b")).await.unwrap_err().code, "IdempotentParameterMismatchException");
    db.world.clock.advance(Duration::from_millis(599_999));
    run(add("a")).await.unwrap();
    assert_eq!(n().await, json!("1"), "one millisecond early");
    db.world.clock.advance(Duration::from_millis(1));
    run(add("a")).await.unwrap();
    assert_eq!(n().await, json!("2"));
}

#[tokio::test]
async fn a_failed_transaction_does_not_use_its_token() {
    let db = Db::with_table().await;
    db.put(key("a", "s")).await;
    let asked = merged(write(&[put("a", absent())]), json!({ "ClientRequestToken": "token" }));
    db.refused("TransactWriteItems", asked.clone()).await;
    db.ok("DeleteItem", json!({ "TableName": "tab", "Key": key("a", "s") })).await;
    db.ok("TransactWriteItems", asked).await;
    assert!(db.get("a", "s").await.is_some());
}

#[tokio::test]
async fn transact_get_answers_in_order() {
    let db = Db::with_table().await;
    db.put(merged(key("a", "s"), json!({ "x": { "N": "1" } }))).await;
    let get =
        |pk: &str, extra: Value| json!({ "Get": merged(json!({ "TableName": "tab", "Key": key(pk, "s") }), extra) });
    let items = [get("a", json!({ "ProjectionExpression": "x" })), get("zz", json!({}))];
    let answer = db.ok("TransactGetItems", merged(write(&items), json!({ "ReturnConsumedCapacity": "TOTAL" }))).await;
    assert_eq!(answer["Responses"], json!([{ "Item": { "x": { "N": "1" } } }, {}]));
    let used = json!([{ "TableName": "tab", "CapacityUnits": 4.0, "ReadCapacityUnits": 4.0 }]);
    assert_eq!(answer["ConsumedCapacity"], used);
}

#[tokio::test]
async fn both_sides_of_the_size_of_a_transaction() {
    let db = Db::with_table().await;
    let sized = |count: usize| {
        let data = json!({ "d": { "S": "x".repeat(350_000) } });
        let one = |n: usize| {
            let item = merged(key(&n.to_string(), "s"), data.clone());
            json!({ "Put": { "TableName": "tab", "Item": item } })
        };
        write(&(0..count).map(one).collect::<Vec<_>>())
    };
    let fits = db.call("TransactWriteItems", sized(11)).await;
    assert!(fits.is_ok(), "3.85 MB");
    assert!(db.invalid("TransactWriteItems", sized(12)).await.contains("4 MB"));
    let large = merged(key("l", "s"), json!({ "d": { "S": "x".repeat(410_000) } }));
    let large = json!({ "Put": { "TableName": "tab", "Item": large } });
    assert_eq!(
        db.invalid("TransactWriteItems", write(&[large])).await,
        "Item size has exceeded the maximum allowed size"
    );
    let gets: Vec<Value> =
        (0..11).map(|n| json!({ "Get": { "TableName": "tab", "Key": key(&n.to_string(), "s") } })).collect();
    assert_eq!(db.ok("TransactGetItems", write(&gets)).await["Responses"].as_array().unwrap().len(), 11);
}
