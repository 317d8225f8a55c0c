//! `UpdateItem`.

use serde_json::{Value, json};

use crate::db::{Db, key, merged};

fn update(expression: &str, values: Value, returned: &str) -> Value {
    let mut out = json!({
        "TableName": "tab", "Key": key("a", "b"), "UpdateExpression": expression, "ReturnValues": returned,
    });
    if values != json!({}) {
        out["ExpressionAttributeValues"] = values;
    }
    out
}

#[tokio::test]
async fn an_update_makes_the_item_if_there_is_none() {
    let db = Db::with_table().await;
    let made = db.ok("UpdateItem", update("ADD hits :one", json!({ ":one": { "N": "1" } }), "ALL_NEW")).await;
    assert_eq!(made["Attributes"], merged(key("a", "b"), json!({ "hits": { "N": "1" } })));
    let again = db.ok("UpdateItem", update("ADD hits :one", json!({ ":one": { "N": "1" } }), "UPDATED_NEW")).await;
    assert_eq!(again["Attributes"], json!({ "hits": { "N": "2" } }));
    let bare = json!({ "TableName": "tab", "Key": key("c", "d") });
    db.ok("UpdateItem", bare).await;
    assert_eq!(db.get("c", "d").await, Some(key("c", "d")));
}

#[tokio::test]
async fn every_form_of_return_values() {
    let db = Db::with_table().await;
    db.put(merged(key("a", "b"), json!({ "x": { "N": "1" }, "m": { "M": { "p": { "S": "q" }, "r": { "S": "s" } } } })))
        .await;
    let run = async |returned: &str, to: &str| {
        let values = json!({ ":v": { "S": to } });
        db.ok("UpdateItem", update("SET m.p = :v REMOVE zz", values, returned)).await.get("Attributes").cloned()
    };
    assert_eq!(run("NONE", "1").await, None);
    assert_eq!(run("UPDATED_OLD", "2").await, Some(json!({ "m": { "M": { "p": { "S": "1" } } } })));
    assert_eq!(run("UPDATED_NEW", "3").await, Some(json!({ "m": { "M": { "p": { "S": "3" } } } })));
    assert_eq!(run("ALL_OLD", "4").await.unwrap()["m"]["M"]["p"], json!({ "S": "3" }));
    assert_eq!(run("ALL_NEW", "5").await.unwrap()["m"]["M"]["p"], json!({ "S": "5" }));
    let fresh = merged(update("SET q = :v", json!({ ":v": { "S": "x" } }), "ALL_OLD"), json!({ "Key": key("n", "n") }));
    assert_eq!(db.ok("UpdateItem", fresh).await, json!({}), "there was none");
}

#[tokio::test]
async fn keys_cannot_be_updated() {
    let db = Db::with_table().await;
    for name in ["pk", "sk"] {
        let asked = update(&format!("SET {name} = :v"), json!({ ":v": { "S": "x" } }), "NONE");
        let message = format!(
            "One or more parameter values were invalid: Cannot update attribute {name}. This attribute is part of the key"
        );
        assert_eq!(db.invalid("UpdateItem", asked).await, message);
    }
}

#[tokio::test]
async fn what_does_not_fit_the_item_is_refused_and_changes_nothing() {
    let db = Db::with_table().await;
    db.put(merged(key("a", "b"), json!({ "s": { "S": "x" }, "n": { "N": "9.9e125" } }))).await;
    for (expression, values, message) in [
        (
            "SET zz.a = :v",
            json!({ ":v": { "S": "x" } }),
            "The document path provided in the update expression is invalid for update",
        ),
        ("SET q = zz", json!({}), "The provided expression refers to an attribute that does not exist in the item"),
        (
            "SET s = s + :v",
            json!({ ":v": { "N": "1" } }),
            "An operand in the update expression has an incorrect data type",
        ),
        (
            "ADD n :v",
            json!({ ":v": { "N": "9.9e125" } }),
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
        ("ADD n :v", json!({ ":v": { "N": "1" } }), "Attempting to store more than 38 significant digits in a Number"),
    ] {
        assert_eq!(db.invalid("UpdateItem", update(expression, values, "NONE")).await, message);
    }
    assert_eq!(db.get("a", "b").await.unwrap().as_object().unwrap().len(), 4);
}

#[tokio::test]
async fn unused_and_undefined_placeholders_are_told() {
    let db = Db::with_table().await;
    let both = json!({ ":v": { "S": "x" }, ":unused": { "S": "y" } });
    assert_eq!(
        db.invalid("UpdateItem", update("SET attr1 = :v", both, "NONE")).await,
        "1 validation error detected: Value provided in ExpressionAttributeValues unused in expressions: keys: {:unused}"
    );
    assert_eq!(
        db.invalid("UpdateItem", update("SET attr1 = :v", json!({}), "NONE")).await,
        "1 validation error detected: Invalid UpdateExpression: An expression attribute value used in expression is not \
         defined; attribute value: :v"
    );
}

#[tokio::test]
async fn concurrent_increments_all_count() {
    let db = Db::with_table().await;
    let increments = async |_| {
        for _ in 0..10 {
            db.ok("UpdateItem", update("ADD hits :one", json!({ ":one": { "N": "1" } }), "NONE")).await;
        }
    };
    futures_util::future::join_all((0..8).map(increments)).await;
    assert_eq!(db.get("a", "b").await.unwrap()["hits"], json!({ "N": "80" }));
}
