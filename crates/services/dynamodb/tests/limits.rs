//! Both sides of every limit on items, keys and nesting.

use serde_json::{Value, json};

use crate::db::{Db, key, merged};

fn put(item: Value) -> Value {
    json!({ "TableName": "tab", "Item": item })
}

#[tokio::test]
async fn an_item_may_have_four_hundred_kibibytes() {
    let db = Db::with_table().await;
    let sized = |bytes: usize| merged(key("a", "b"), json!({ "d": { "S": "x".repeat(bytes - 7) } }));
    db.ok("PutItem", put(sized(400 * 1024))).await;
    assert_eq!(
        db.invalid("PutItem", put(sized(400 * 1024 + 1))).await,
        "Item size has exceeded the maximum allowed size"
    );
    let grow = json!({
        "TableName": "tab", "Key": key("a", "b"), "UpdateExpression": "SET e = :e",
        "ExpressionAttributeValues": { ":e": { "S": "" } },
    });
    assert_eq!(db.invalid("UpdateItem", grow).await, "Item size to update has exceeded the maximum allowed size");
}

#[tokio::test]
async fn keys_have_limits_of_their_own() {
    let db = Db::with_table().await;
    let bad = "One or more parameter values were invalid: ";
    db.ok("PutItem", put(key(&"p".repeat(2048), &"s".repeat(1024)))).await;
    assert!(db.get(&"p".repeat(2048), &"s".repeat(1024)).await.is_some());
    assert_eq!(
        db.invalid("PutItem", put(key(&"p".repeat(2049), "s"))).await,
        format!("{bad}Size of hashkey has exceeded the maximum size limit of2048 bytes")
    );
    assert_eq!(
        db.invalid("PutItem", put(key("p", &"s".repeat(1025)))).await,
        format!("{bad}Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
    );
}

#[tokio::test]
async fn values_may_lie_thirty_two_levels_deep() {
    let db = Db::with_table().await;
    let nested = |depth: usize| (0..depth).fold(json!({ "S": "leaf" }), |inner, _| json!({ "M": { "n": inner } }));
    db.ok("PutItem", put(merged(key("a", "b"), json!({ "d": nested(31) })))).await;
    let message = "1 validation error detected: Nesting Levels have exceeded supported limits: Attributes in the item \
                   have nested levels beyond supported limit";
    assert_eq!(db.invalid("PutItem", put(merged(key("a", "b"), json!({ "d": nested(32) })))).await, message);
    let deeper = json!({
        "TableName": "tab", "Key": key("a", "b"), "UpdateExpression": "SET e = d, f = :f",
        "ExpressionAttributeValues": { ":f": { "L": [] } },
    });
    db.ok("UpdateItem", deeper).await;
    let wrap = json!({
        "TableName": "tab", "Key": key("a", "b"), "UpdateExpression": "SET f = list_append(f, :l)",
        "ExpressionAttributeValues": { ":l": { "L": [nested(30)] } },
    });
    db.ok("UpdateItem", wrap).await;
    let over = json!({
        "TableName": "tab", "Key": key("a", "b"), "UpdateExpression": "SET f[0] = d",
    });
    assert!(db.invalid("UpdateItem", over).await.starts_with("Nesting Levels"), "31 levels inside of a list");
}

#[tokio::test]
async fn a_depth_bomb_is_refused() {
    let db = Db::with_table().await;
    for depth in [100, 10_000, 200_000] {
        let bomb = format!(
            r#"{{"TableName":"tab","Item":{{"pk":{{"S":"a"}},"sk":{{"S":"b"}},"d":{}{}{}}}}}"#,
            r#"{"L":["#.repeat(depth),
            r#"{"S":"x"}"#,
            "]}".repeat(depth),
        );
        assert!(db.call_raw("PutItem", bomb).await.is_err());
    }
    assert_eq!(db.get("a", "b").await, None);
}
