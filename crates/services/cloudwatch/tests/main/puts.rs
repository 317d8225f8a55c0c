//! `PutMetricData`: what is taken, and what is refused in which words.

use serde_json::{Value, json};

use crate::support::Watch;

#[tokio::test]
async fn what_was_acknowledged_is_there_after_the_process_was_killed() {
    let watch = Watch::new();
    watch.put(json!([{ "MetricName": "m", "Value": 2.5 }])).await;
    assert_eq!(watch.killed().sums(60, 60).await, [2.5]);
}

/// Recorded: `test_put_metric_data_values_list`.
#[tokio::test]
async fn a_list_of_values_with_counts() {
    let watch = Watch::new();
    watch.put(json!([{ "MetricName": "m", "Values": [1, 10], "Counts": [2, 4], "Unit": "Count" }])).await;
    let points = watch.statistics(60, 60, json!({ "Statistics": ["Sum", "Maximum", "SampleCount"] })).await;
    let [point] = points.as_slice() else { panic!("{points:?}") };
    assert_eq!((&point["Sum"], &point["Maximum"], &point["SampleCount"]), (&json!(42.0), &json!(10.0), &json!(6.0)));
    assert_eq!((&point["Unit"], &point["Average"]), (&json!("Count"), &Value::Null));
}

#[tokio::test]
async fn values_of_one_minute_are_added_up_whoever_put_them() {
    let watch = Watch::new();
    let set = json!({ "SampleCount": 3, "Sum": 30, "Minimum": 5, "Maximum": 15 });
    watch.put(json!([{ "MetricName": "m", "StatisticValues": set }, { "MetricName": "m", "Value": 1 }])).await;
    watch.put(json!([{ "MetricName": "m", "Value": 20 }])).await;
    let all = json!({ "Statistics": ["Sum", "Minimum", "Maximum", "SampleCount", "Average"] });
    let point = watch.statistics(60, 60, all).await.remove(0);
    let told = ["SampleCount", "Sum", "Minimum", "Maximum", "Average"].map(|name| point[name].as_f64().unwrap());
    assert_eq!(told, [5.0, 51.0, 1.0, 20.0, 10.2]);
}

#[tokio::test]
async fn metrics_of_entities_are_metrics() {
    let watch = Watch::new();
    let about = json!({
        "Entity": { "KeyAttributes": { "Type": "Service", "Name": "cart" } },
        "MetricData": [{ "MetricName": "m", "Value": 3 }],
    });
    watch.ok("PutMetricData", json!({ "Namespace": "N", "EntityMetricData": [about] })).await;
    assert_eq!(watch.sums(60, 60).await, [3.0]);
}

async fn refused(watch: &Watch, datum: Value) -> String {
    let (code, message) = watch
        .refused(
            "PutMetricData",
            json!({ "Namespace": "N", "MetricData": [{ "MetricName": "ok", "Value": 1 }, datum] }),
        )
        .await;
    format!("{code}: {message}")
}

#[tokio::test]
async fn what_is_wrong_is_said_by_its_place_and_nothing_is_kept() {
    let watch = Watch::new();
    let now = watch.now();
    let dimension = |name: &str| json!({ "Name": name, "Value": "v" });
    for (datum, said) in [
        (
            json!({ "MetricName": "m", "Value": 1, "StatisticValues": { "SampleCount": 1, "Sum": 1, "Minimum": 1, "Maximum": 1 } }),
            "InvalidParameterCombinationException: The parameters MetricData.member.2.Value and \
             MetricData.member.2.StatisticValues are mutually exclusive and you have specified both.",
        ),
        (
            json!({ "MetricName": "m" }),
            "InvalidParameterCombinationException: At least one of the parameters MetricData.member.2.Value, \
             MetricData.member.2.Values and MetricData.member.2.StatisticValues must be specified.",
        ),
        (
            json!({ "MetricName": "m", "Value": "NaN" }),
            "InvalidParameterValueException: The value NaN for parameter MetricData.member.2.Value is invalid.",
        ),
        (
            json!({ "MetricName": "m", "Value": 1, "StorageResolution": 300 }),
            "InvalidParameterValueException: The parameter MetricData.member.2.StorageResolution must be a value in the \
             set [ 1, 60 ].",
        ),
        (
            json!({ "MetricName": "m", "Value": 1, "Timestamp": now - 15 * 86_400 }),
            "InvalidParameterValueException: The parameter MetricData.member.2.Timestamp must specify a time within the \
             past two weeks.",
        ),
        (
            json!({ "MetricName": "m", "Value": 1, "Timestamp": now + 3 * 3_600 }),
            "InvalidParameterValueException: The parameter MetricData.member.2.Timestamp must specify a time no more \
             than two hours in the future.",
        ),
        (
            json!({ "MetricName": "m", "Values": [1, 2], "Counts": [1] }),
            "InvalidParameterValueException: The parameters MetricData.member.2.Values and MetricData.member.2.Counts \
             must be of the same size.",
        ),
        (
            json!({ "MetricName": "m", "Values": vec![1; 151] }),
            "InvalidParameterValueException: The collection MetricData.member.2.Values must not have a size greater \
             than 150.",
        ),
        (
            json!({ "MetricName": "m", "Value": 1, "Dimensions": [dimension("a"), dimension("a")] }),
            "InvalidParameterValueException: No two dimensions in MetricData.member.2.Dimensions may have the same name: a.",
        ),
    ] {
        assert_eq!(refused(&watch, datum).await, said);
    }
    assert_eq!(watch.rows().await, 0);
}

#[tokio::test]
async fn namespaces_of_aws_are_aws_own() {
    let watch = Watch::new();
    let data = json!([{ "MetricName": "m", "Value": 1 }]);
    let (code, message) =
        watch.refused("PutMetricData", json!({ "Namespace": "AWS/Lambda", "MetricData": data })).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert_eq!(message, "The value AWS/Lambda for parameter Namespace is invalid.");
}
