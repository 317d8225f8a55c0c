//! The parameters from before expressions.

use serde_json::json;

use crate::db::{Db, key, merged};

#[tokio::test]
async fn expected_is_a_condition() {
    let db = Db::with_table().await;
    let put = |expected| json!({ "TableName": "tab", "Item": key("a", "b"), "Expected": expected });
    db.ok("PutItem", put(json!({ "pk": { "Exists": false } }))).await;
    let again = db.refused("PutItem", put(json!({ "pk": { "Exists": false } }))).await;
    assert_eq!(again.code, "ConditionalCheckFailedException");
    db.ok("PutItem", put(json!({ "pk": { "Value": { "S": "a" } } }))).await;
    let begins = json!({ "pk": { "ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{ "S": "a" }] } });
    db.ok("PutItem", put(begins)).await;
    let either = merged(
        put(json!({ "pk": { "Value": { "S": "zz" } }, "sk": { "Value": { "S": "b" } } })),
        json!({ "ConditionalOperator": "OR" }),
    );
    db.ok("PutItem", either).await;
}

#[tokio::test]
async fn attribute_updates_are_an_update() {
    let db = Db::with_table().await;
    db.put(merged(key("a", "b"), json!({ "gone": { "S": "x" }, "set": { "SS": ["x", "y"] } }))).await;
    let updates = json!({
        "n": { "Action": "ADD", "Value": { "N": "2" } },
        "s": { "Value": { "S": "v" } },
        "gone": { "Action": "DELETE" },
        "set": { "Action": "DELETE", "Value": { "SS": ["x"] } },
    });
    db.ok("UpdateItem", json!({ "TableName": "tab", "Key": key("a", "b"), "AttributeUpdates": updates })).await;
    let expected = json!({ "n": { "N": "2" }, "s": { "S": "v" }, "set": { "SS": ["y"] } });
    assert_eq!(db.get("a", "b").await, Some(merged(key("a", "b"), expected)));
}

#[tokio::test]
async fn key_conditions_and_filters_query() {
    let db = Db::with_table().await;
    for n in ["1", "2", "3"] {
        db.put(merged(key("p", n), json!({ "n": { "N": n } }))).await;
    }
    let asked = json!({
        "TableName": "tab",
        "KeyConditions": {
            "pk": { "ComparisonOperator": "EQ", "AttributeValueList": [{ "S": "p" }] },
            "sk": { "ComparisonOperator": "GT", "AttributeValueList": [{ "S": "1" }] },
        },
        "QueryFilter": { "n": { "ComparisonOperator": "IN", "AttributeValueList": [{ "N": "3" }, { "N": "1" }] } },
        "AttributesToGet": ["n"],
    });
    let answer = db.ok("Query", asked).await;
    assert_eq!((&answer["Items"], &answer["ScannedCount"]), (&json!([{ "n": { "N": "3" } }]), &json!(2)));
    let scan = json!({
        "TableName": "tab",
        "ScanFilter": { "n": { "ComparisonOperator": "NOT_NULL" }, "sk": { "ComparisonOperator": "NE", "AttributeValueList": [{ "S": "2" }] } },
    });
    assert_eq!(db.ok("Scan", scan).await["Count"], json!(2));
}

#[tokio::test]
async fn old_and_new_do_not_mix() {
    let db = Db::with_table().await;
    let put = json!({
        "TableName": "tab", "Item": key("a", "b"),
        "Expected": { "pk": { "Exists": false } }, "ConditionExpression": "attribute_not_exists(pk)",
    });
    assert_eq!(
        db.invalid("PutItem", put).await,
        "1 validation error detected: Can not use both expression and non-expression parameters in the same request: \
         Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}"
    );
    let get = json!({
        "TableName": "tab", "Key": key("a", "b"), "AttributesToGet": ["x"], "ProjectionExpression": "x",
    });
    assert!(
        db.invalid("GetItem", get).await.contains("{AttributesToGet} Expression parameters: {ProjectionExpression}")
    );
}

#[tokio::test]
async fn wrong_numbers_of_operands_are_told() {
    let db = Db::with_table().await;
    let filter = json!({ "x": { "ComparisonOperator": "BETWEEN", "AttributeValueList": [{ "N": "1" }] } });
    assert_eq!(
        db.invalid("Scan", json!({ "TableName": "tab", "ScanFilter": filter })).await,
        "One or more parameter values were invalid: Invalid number of argument(s) for the BETWEEN ComparisonOperator"
    );
}

#[tokio::test]
async fn a_query_filter_is_not_on_keys_and_key_conditions_are_few() {
    let db = Db::with_table().await;
    let equal = |value: &str| json!({ "ComparisonOperator": "EQ", "AttributeValueList": [{ "S": value }] });
    let filtered = json!({
        "TableName": "tab", "KeyConditions": { "pk": equal("p") }, "QueryFilter": { "sk": equal("s") },
    });
    assert_eq!(
        db.invalid("Query", filtered).await,
        "QueryFilter can only contain non-primary key attributes: Primary key attribute: sk"
    );
    let three = json!({ "pk": equal("p"), "sk": equal("s"), "x": equal("y") });
    assert_eq!(
        db.invalid("Query", json!({ "TableName": "tab", "KeyConditions": three })).await,
        "Conditions can be of length 1 or 2 only"
    );
}

#[tokio::test]
async fn operands_have_to_fit_each_other_and_key_conditions_an_index() {
    let db = Db::with_table().await;
    let between = |low, high| {
        let filter = json!({ "x": { "ComparisonOperator": "BETWEEN", "AttributeValueList": [low, high] } });
        json!({ "TableName": "tab", "ScanFilter": filter })
    };
    assert_eq!(
        db.invalid("Scan", between(json!({ "N": "2" }), json!({ "N": "1" }))).await,
        "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"
    );
    assert_eq!(
        db.invalid("Scan", between(json!({ "N": "1" }), json!({ "S": "2" }))).await,
        "One or more parameter values were invalid: AttributeValues inside AttributeValueList must be of same type"
    );
    db.ok("Scan", between(json!({ "N": "1" }), json!({ "N": "1.0" }))).await;
    let unequal = json!({ "pk": { "ComparisonOperator": "NE", "AttributeValueList": [{ "S": "p" }] } });
    assert_eq!(
        db.invalid("Query", json!({ "TableName": "tab", "KeyConditions": unequal })).await,
        "Attempted conditional constraint is not an indexable operation"
    );
}
