//! `Query` and `Scan` on tables.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::db::{Db, key, merged};

async fn filled(count: usize) -> Db {
    let db = Db::with_table().await;
    for n in 0..count {
        db.put(merged(key("p", &format!("{n:03}")), json!({ "n": { "N": n.to_string() } }))).await;
    }
    db.put(key("q", "000")).await;
    db
}

fn query(condition: &str, values: Value) -> Value {
    json!({ "TableName": "tab", "KeyConditionExpression": condition, "ExpressionAttributeValues": values })
}

fn sorts(answer: &Value) -> Vec<String> {
    answer["Items"].as_array().unwrap().iter().map(|i| i["sk"]["S"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_query_reads_one_partition_in_order() {
    let db = filled(5).await;
    let p = json!({ ":p": { "S": "p" } });
    let all = db.ok("Query", query("pk = :p", p.clone())).await;
    assert_eq!(sorts(&all), ["000", "001", "002", "003", "004"]);
    assert_eq!((&all["Count"], &all["ScannedCount"]), (&json!(5), &json!(5)));
    assert_eq!(all.get("LastEvaluatedKey"), None);
    let back = db.ok("Query", merged(query("pk = :p", p), json!({ "ScanIndexForward": false }))).await;
    assert_eq!(sorts(&back), ["004", "003", "002", "001", "000"]);
    let v = json!({ ":p": { "S": "p" }, ":a": { "S": "001" }, ":b": { "S": "003" } });
    assert_eq!(sorts(&db.ok("Query", query("pk = :p AND sk BETWEEN :a AND :b", v)).await), ["001", "002", "003"]);
    let v = json!({ ":p": { "S": "p" }, ":a": { "S": "00" } });
    assert_eq!(sorts(&db.ok("Query", query("pk = :p AND begins_with(sk, :a)", v)).await).len(), 5);
    let v = json!({ ":p": { "S": "p" }, ":a": { "S": "002" } });
    assert_eq!(sorts(&db.ok("Query", query(":a < sk AND pk = :p", v)).await), ["003", "004"]);
}

#[tokio::test]
async fn pages_join_without_gap_or_overlap() {
    let db = filled(7).await;
    for forward in [true, false] {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let mut asked = query("pk = :p", json!({ ":p": { "S": "p" } }));
            asked["Limit"] = json!(3);
            asked["ScanIndexForward"] = json!(forward);
            if let Some(start) = start.take() {
                asked["ExclusiveStartKey"] = start;
            }
            let page = db.ok("Query", asked).await;
            found.extend(sorts(&page));
            match page.get("LastEvaluatedKey") {
                Some(last) => start = Some(last.clone()),
                None => break,
            }
        }
        let mut expected: Vec<String> = (0..7).map(|n| format!("{n:03}")).collect();
        if !forward {
            expected.reverse();
        }
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn a_page_that_the_limit_fills_has_a_key_even_at_the_end() {
    let db = filled(3).await;
    let asked = merged(query("pk = :p", json!({ ":p": { "S": "p" } })), json!({ "Limit": 3 }));
    let page = db.ok("Query", asked.clone()).await;
    assert_eq!(page["LastEvaluatedKey"], key("p", "002"));
    let end = db.ok("Query", merged(asked, json!({ "ExclusiveStartKey": key("p", "002") }))).await;
    assert_eq!((sorts(&end).len(), end.get("LastEvaluatedKey")), (0, None));
}

#[tokio::test]
async fn a_filter_comes_after_the_limit() {
    let db = filled(6).await;
    let mut asked = query("pk = :p", json!({ ":p": { "S": "p" }, ":n": { "N": "3" } }));
    asked["FilterExpression"] = json!("n >= :n");
    asked["Limit"] = json!(5);
    let page = db.ok("Query", asked.clone()).await;
    assert_eq!((sorts(&page).len(), &page["ScannedCount"]), (2, &json!(5)));
    asked["Select"] = json!("COUNT");
    let count = db.ok("Query", asked).await;
    assert_eq!((count.get("Items"), &count["Count"]), (None, &json!(2)));
}

#[tokio::test]
async fn a_page_ends_before_one_mebibyte() {
    let db = Db::with_table().await;
    for n in 0..4 {
        db.put(merged(key("p", &n.to_string()), json!({ "data": { "S": "x".repeat(350_000) } }))).await;
    }
    let page = db.ok("Query", query("pk = :p", json!({ ":p": { "S": "p" } }))).await;
    assert_eq!(sorts(&page), ["0", "1"], "a third would be over it");
    assert_eq!(page["LastEvaluatedKey"], key("p", "1"));
    let scan = db.ok("Scan", json!({ "TableName": "tab", "Select": "COUNT" })).await;
    assert_eq!(scan["ScannedCount"], json!(2));
}

#[tokio::test]
async fn segments_of_a_scan_share_all_items_out() {
    let db = Db::with_table().await;
    for n in 0..40 {
        db.put(key(&format!("p{n}"), "s")).await;
    }
    let whole = db.ok("Scan", json!({ "TableName": "tab" })).await;
    assert_eq!(whole["Count"], json!(40));
    let mut seen = BTreeSet::new();
    for segment in 0..3 {
        let part = db.ok("Scan", json!({ "TableName": "tab", "Segment": segment, "TotalSegments": 3 })).await;
        for item in part["Items"].as_array().unwrap() {
            assert!(seen.insert(item["pk"]["S"].as_str().unwrap().to_owned()), "twice: {item}");
        }
    }
    assert_eq!(seen.len(), 40);
}

#[tokio::test]
async fn a_scan_pages_and_filters() {
    let db = filled(5).await;
    let (mut found, mut start) = (0, None);
    loop {
        let mut asked = json!({
            "TableName": "tab", "Limit": 2,
            "FilterExpression": "attribute_exists(n)", "ProjectionExpression": "sk",
        });
        if let Some(start) = start.take() {
            asked["ExclusiveStartKey"] = start;
        }
        let page = db.ok("Scan", asked).await;
        found += page["Count"].as_u64().unwrap();
        match page.get("LastEvaluatedKey") {
            Some(last) => start = Some(last.clone()),
            None => break,
        }
    }
    assert_eq!(found, 5);
}

#[tokio::test]
async fn wrong_queries_are_told_in_awss_words() {
    let db = filled(1).await;
    let p = || json!({ ":p": { "S": "p" } });
    let base = || query("pk = :p", p());
    for (asked, message) in [
        (query("sk = :p", p()), "Query condition missed key schema element: pk"),
        (query("", p()), "Invalid KeyConditionExpression: The expression can not be empty;"),
        (
            json!({ "TableName": "tab" }),
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        ),
        (
            merged(base(), json!({ "FilterExpression": "sk = :p" })),
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk",
        ),
        (
            merged(base(), json!({ "FilterExpression": "#missing = :p" })),
            "Invalid FilterExpression: An expression attribute name used in the document path is not defined; \
             attribute name: #missing",
        ),
        (merged(base(), json!({ "IndexName": "nope" })), "The table does not have the specified index: nope"),
        (
            merged(base(), json!({ "ExclusiveStartKey": { "pk": { "S": "p" } } })),
            "The provided starting key is invalid",
        ),
        (
            merged(base(), json!({ "ExclusiveStartKey": key("q", "000") })),
            "The provided starting key is outside query boundaries based on provided conditions",
        ),
        (
            merged(base(), json!({ "Select": "SPECIFIC_ATTRIBUTES" })),
            "One or more parameter values were invalid: Must specify the AttributesToGet or ProjectionExpression when \
             choosing to get SPECIFIC_ATTRIBUTES",
        ),
        (
            query("pk = :p", json!({ ":p": { "S": "" } })),
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an \
             empty string value. Key: pk",
        ),
    ] {
        let found = db.refused("Query", asked.clone()).await;
        assert_eq!(found.message, message, "{asked}");
    }
}

#[tokio::test]
async fn wrong_segments_are_told_in_awss_words() {
    let db = Db::with_table().await;
    let scan = |extra| merged(json!({ "TableName": "tab" }), extra);
    assert_eq!(
        db.invalid("Scan", scan(json!({ "Segment": 0 }))).await,
        "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"
    );
    assert_eq!(
        db.invalid("Scan", scan(json!({ "TotalSegments": 4 }))).await,
        "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"
    );
    assert_eq!(
        db.invalid("Scan", scan(json!({ "Segment": 5, "TotalSegments": 5 }))).await,
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 5 is not less than \
         TotalSegments: 5"
    );
}
