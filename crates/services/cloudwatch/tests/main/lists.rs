//! `ListMetrics`.

use serde_json::{Value, json};

use crate::support::Watch;

async fn names(watch: &Watch, filter: Value) -> Vec<String> {
    let answer = watch.ok("ListMetrics", filter).await;
    let shown = |metric: &Value| {
        let dimensions = metric["Dimensions"].as_array().unwrap().iter();
        let dimensions =
            dimensions.map(|d| format!("{}={}", d["Name"].as_str().unwrap(), d["Value"].as_str().unwrap()));
        let dimensions: Vec<_> = dimensions.collect();
        format!("{}[{}]", metric["MetricName"].as_str().unwrap(), dimensions.join(","))
    };
    answer["Metrics"].as_array().unwrap().iter().map(shown).collect()
}

#[tokio::test]
async fn metrics_are_found_by_namespace_name_and_dimensions() {
    let watch = Watch::new();
    let dimensions = json!([{ "Name": "b", "Value": "2" }, { "Name": "a", "Value": "1" }]);
    watch
        .put(json!([
            { "MetricName": "m", "Value": 1 },
            { "MetricName": "m", "Value": 1, "Dimensions": dimensions },
            { "MetricName": "other", "Value": 1 },
        ]))
        .await;
    let all = json!({ "Namespace": "N" });
    let mut found = names(&watch, all).await;
    found.sort();
    assert_eq!(found, ["m[]", "m[a=1,b=2]", "other[]"]);
    for (filter, expected) in [
        (json!({ "MetricName": "other" }), vec!["other[]"]),
        (json!({ "Namespace": "N", "Dimensions": [{ "Name": "a" }] }), vec!["m[a=1,b=2]"]),
        (json!({ "Dimensions": [{ "Name": "a", "Value": "1" }, { "Name": "b" }] }), vec!["m[a=1,b=2]"]),
        (json!({ "Dimensions": [{ "Name": "a", "Value": "2" }] }), vec![]),
        (json!({ "Namespace": "Other" }), vec![]),
        (json!({ "OwningAccount": "111111111111" }), vec![]),
    ] {
        assert_eq!(names(&watch, filter.clone()).await, expected, "{filter}");
    }
    let linked = watch.ok("ListMetrics", json!({ "MetricName": "other", "IncludeLinkedAccounts": true })).await;
    assert_eq!(linked["OwningAccounts"], json!(["000000000000"]));
}

#[tokio::test]
async fn pages_have_five_hundred() {
    let watch = Watch::new();
    let data: Vec<_> = (0..501).map(|n| json!({ "MetricName": format!("m{n:03}"), "Value": 1 })).collect();
    watch.put(json!(data)).await;
    let first = watch.ok("ListMetrics", json!({ "Namespace": "N" })).await;
    assert_eq!(first["Metrics"].as_array().unwrap().len(), 500);
    let token = first["NextToken"].as_str().unwrap();
    let second = watch.ok("ListMetrics", json!({ "Namespace": "N", "NextToken": token })).await;
    assert_eq!(second["Metrics"], json!([{ "Namespace": "N", "MetricName": "m500", "Dimensions": [] }]));
    assert_eq!(second["NextToken"], Value::Null);
    for wrong in ["nonsense!", "AAAA"] {
        let (code, _) = watch.refused("ListMetrics", json!({ "Namespace": "N", "NextToken": wrong })).await;
        assert_eq!(code, "InvalidNextToken");
    }
}

#[tokio::test]
async fn metrics_are_active_for_three_hours_and_listed_for_two_weeks() {
    let watch = Watch::new();
    watch.put(json!([{ "MetricName": "m", "Value": 1 }])).await;
    let active = json!({ "RecentlyActive": "PT3H" });
    assert_eq!(names(&watch, active.clone()).await, ["m[]"]);
    watch.pass(3 * 3_600 + 900);
    assert_eq!(names(&watch, active).await, Vec::<String>::new());
    assert_eq!(names(&watch, json!({})).await, ["m[]"]);
    watch.pass(14 * 86_400);
    assert_eq!(names(&watch, json!({})).await, Vec::<String>::new());
}
