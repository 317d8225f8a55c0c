//! Single items: put, get, delete.

use serde_json::json;

use crate::db::{Db, key, merged};

#[tokio::test]
async fn an_item_comes_back_as_it_was_put() {
    let db = Db::with_table().await;
    let item = merged(
        key("a", "b"),
        json!({
            "n": { "N": "1.50" }, "b": { "B": "AJA=" }, "tab": { "BOOL": true }, "z": { "NULL": true },
            "ss": { "SS": ["x", "y"] }, "ns": { "NS": ["1", "2e3"] }, "bs": { "BS": ["AA==", "AQ=="] },
            "l": { "L": [{ "S": "" }, { "M": { "k": { "N": "-0" } } }] },
        }),
    );
    db.put(item.clone()).await;
    let got = db.get("a", "b").await.unwrap();
    assert_eq!(got["n"], json!({ "N": "1.5" }));
    assert_eq!(got["ns"], json!({ "NS": ["1", "2000"] }));
    assert_eq!(got["l"]["L"][1]["M"]["k"], json!({ "N": "0" }));
    for same in ["pk", "sk", "b", "tab", "z", "ss", "bs"] {
        assert_eq!(got[same], item[same]);
    }
    assert_eq!(db.get("a", "c").await, None);
}

#[tokio::test]
async fn put_returns_the_old_item_if_asked() {
    let db = Db::with_table().await;
    let put = |value: &str, asked: &str| {
        let item = merged(key("id1", "x"), json!({ "data": { "S": value } }));
        json!({ "TableName": "tab", "Item": item, "ReturnValues": asked })
    };
    assert_eq!(db.ok("PutItem", put("foobar", "ALL_OLD")).await, json!({}));
    let again = db.ok("PutItem", put("foobar2", "ALL_OLD")).await;
    assert_eq!(again["Attributes"]["data"], json!({ "S": "foobar" }));
    assert_eq!(db.ok("PutItem", put("x", "NONE")).await, json!({}));
    assert_eq!(db.invalid("PutItem", put("x", "ALL_NEW")).await, "ReturnValues can only be ALL_OLD or NONE");
}

#[tokio::test]
async fn a_failed_condition_tells_the_item_if_asked() {
    let db = Db::with_table().await;
    db.put(merged(key("456", "x"), json!({ "price": { "N": "650" } }))).await;
    let delete = json!({
        "TableName": "tab", "Key": key("456", "x"),
        "ConditionExpression": "price < :limit", "ExpressionAttributeValues": { ":limit": { "N": "600" } },
    });
    let plain = db.refused("DeleteItem", delete.clone()).await;
    assert_eq!(plain.code, "ConditionalCheckFailedException");
    assert_eq!(plain.message, "The conditional request failed");
    assert_eq!(plain.body.get("Item"), None);
    let told = merged(delete, json!({ "ReturnValuesOnConditionCheckFailure": "ALL_OLD" }));
    let told = db.refused("DeleteItem", told).await;
    assert_eq!(told.body["Item"], merged(key("456", "x"), json!({ "price": { "N": "650" } })));
    assert!(db.get("456", "x").await.is_some(), "nothing was deleted");
}

#[tokio::test]
async fn put_if_absent_happens_once() {
    let db = Db::with_table().await;
    let put = json!({ "TableName": "tab", "Item": key("a", "b"), "ConditionExpression": "attribute_not_exists(pk)" });
    db.ok("PutItem", put.clone()).await;
    assert_eq!(db.refused("PutItem", put).await.code, "ConditionalCheckFailedException");
}

#[tokio::test]
async fn delete_returns_what_was_there() {
    let db = Db::with_table().await;
    db.put(key("a", "b")).await;
    let delete = json!({ "TableName": "tab", "Key": key("a", "b"), "ReturnValues": "ALL_OLD" });
    assert_eq!(db.ok("DeleteItem", delete.clone()).await, json!({ "Attributes": key("a", "b") }));
    assert_eq!(db.ok("DeleteItem", delete).await, json!({}));
}

#[tokio::test]
async fn get_projects() {
    let db = Db::with_table().await;
    db.put(merged(
        key("a", "b"),
        json!({ "m": { "M": { "x": { "N": "1" }, "y": { "N": "2" } } }, "name": { "S": "n" } }),
    ))
    .await;
    let get = json!({
        "TableName": "tab", "Key": key("a", "b"),
        "ProjectionExpression": "m.x, #n", "ExpressionAttributeNames": { "#n": "name" },
    });
    let item = db.ok("GetItem", get).await["Item"].clone();
    assert_eq!(item, json!({ "m": { "M": { "x": { "N": "1" } } }, "name": { "S": "n" } }));
    let none = json!({ "TableName": "tab", "Key": key("a", "b"), "ProjectionExpression": "zz" });
    assert_eq!(db.ok("GetItem", none).await, json!({ "Item": {} }), "there, with nothing asked for");
}

#[tokio::test]
async fn a_table_may_be_named_by_its_arn() {
    let db = Db::with_table().await;
    let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/tab";
    db.ok("PutItem", json!({ "TableName": arn, "Item": key("a", "b") })).await;
    assert!(db.get("a", "b").await.is_some());
    let other = json!({ "TableName": arn.replace("us-east-1", "eu-west-1"), "Key": key("a", "b") });
    assert_eq!(db.refused("GetItem", other).await.code, "ResourceNotFoundException");
}

#[tokio::test]
async fn keys_are_held_against_the_schema() {
    let db = Db::with_table().await;
    let put = |item| json!({ "TableName": "tab", "Item": item });
    let get = |key| json!({ "TableName": "tab", "Key": key });
    let bad = "One or more parameter values were invalid: ";
    let empty = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an \
                 empty string value. Key: sk";
    let mismatch = "The provided key element does not match the schema";
    assert_eq!(
        db.invalid("PutItem", put(json!({ "pk": { "S": "a" } }))).await,
        format!("{bad}Missing the key sk in the item")
    );
    assert_eq!(
        db.invalid("PutItem", put(json!({ "pk": { "N": "1" }, "sk": { "S": "b" } }))).await,
        format!("{bad}Type mismatch for key pk expected: S actual: N")
    );
    assert_eq!(db.invalid("PutItem", put(key("a", ""))).await, empty);
    assert_eq!(db.invalid("GetItem", get(key("a", ""))).await, empty);
    for wrong in [
        json!({ "pk": { "S": "a" } }),
        json!({ "pk": { "S": "a" }, "sk": { "N": "1" } }),
        merged(key("a", "b"), json!({ "x": { "S": "c" } })),
    ] {
        assert_eq!(db.invalid("GetItem", get(wrong)).await, mismatch);
    }
}

#[tokio::test]
async fn no_table_no_item() {
    let db = Db::new();
    let refusal = db.refused("GetItem", json!({ "TableName": "tab", "Key": key("a", "b") })).await;
    assert_eq!(
        (refusal.code.as_str(), refusal.message.as_str()),
        ("ResourceNotFoundException", "Requested resource not found")
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_write_comes_in_an_envelope() {
    let db = Db::with_table().await;
    let put = |extra| merged(json!({ "TableName": "tab", "Item": key("a", "b") }), extra);
    let one = |text: &str| format!("1 validation error detected: {text}");
    let number = put(json!({ "Item": { "pk": { "S": "a" }, "sk": { "S": "b" }, "n": { "N": "abc" } } }));
    let only = "can only be specified when using expressions";
    assert_eq!(db.invalid("PutItem", number).await, one("The parameter cannot be converted to a numeric value: abc"));
    assert_eq!(
        db.invalid("PutItem", put(json!({ "ExpressionAttributeValues": { ":v": { "S": "x" } } }))).await,
        one(&format!("ExpressionAttributeValues {only}"))
    );
    assert_eq!(
        db.invalid("PutItem", put(json!({ "ExpressionAttributeNames": { "#a": "a" } }))).await,
        one(&format!("ExpressionAttributeNames {only}"))
    );
    assert_eq!(
        db.invalid("PutItem", put(json!({ "ConditionExpression": "a-b" }))).await,
        one("Invalid ConditionExpression: Syntax error; token: \"-\", near: \"a-b\"")
    );
}

#[tokio::test]
async fn capacity_is_told_if_asked() {
    let db = Db::with_table().await;
    let item = merged(key("a", "b"), json!({ "data": { "S": "x".repeat(5000) } }));
    let put = json!({ "TableName": "tab", "Item": item, "ReturnConsumedCapacity": "TOTAL" });
    let used = db.ok("PutItem", put).await["ConsumedCapacity"].clone();
    assert_eq!(used, json!({ "TableName": "tab", "CapacityUnits": 5.0 }));
    let get = |consistent: bool| {
        json!({
            "TableName": "tab", "Key": key("a", "b"),
            "ConsistentRead": consistent, "ReturnConsumedCapacity": "INDEXES",
        })
    };
    let used = db.ok("GetItem", get(true)).await["ConsumedCapacity"].clone();
    assert_eq!(used, json!({ "TableName": "tab", "CapacityUnits": 2.0, "Table": { "CapacityUnits": 2.0 } }));
    assert_eq!(db.ok("GetItem", get(false)).await["ConsumedCapacity"]["CapacityUnits"], json!(1.0));
}
