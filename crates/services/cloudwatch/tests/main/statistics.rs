//! `GetMetricStatistics`.

use serde_json::{Value, json};

use crate::support::Watch;

#[tokio::test]
async fn periods_are_counted_from_the_start() {
    let watch = Watch::new();
    let now = watch.now();
    for (ago, value) in [(30, 1), (90, 2), (150, 4), (330, 8)] {
        watch.put(json!([{ "MetricName": "m", "Value": value, "Timestamp": now - ago }])).await;
    }
    assert_eq!(watch.sums(600, 60).await, [8.0, 4.0, 2.0, 1.0], "in the order of time");
    assert_eq!(watch.sums(600, 300).await, [8.0, 7.0]);
    assert_eq!(watch.sums(600, 3600).await, [15.0]);
    assert_eq!(watch.sums(60, 60).await, [1.0], "only what was asked for");
}

#[tokio::test]
async fn percentiles_are_told_where_the_values_are_known() {
    let watch = Watch::new();
    let values: Vec<_> = (1..=100).collect();
    watch.put(json!([{ "MetricName": "m", "Values": values }])).await;
    let asked = json!({ "ExtendedStatistics": ["p50", "p99.5", "tm(10%:90%)", "IQM"] });
    let point = watch.statistics(60, 60, asked.clone()).await.remove(0);
    let told = json!({ "p50": 50.0, "p99.5": 100.0, "tm(10%:90%)": 50.5, "IQM": 50.5 });
    assert_eq!(point["ExtendedStatistics"], told);

    let set = json!({ "SampleCount": 3, "Sum": 30, "Minimum": 5, "Maximum": 15 });
    watch.put(json!([{ "MetricName": "m", "StatisticValues": set }])).await;
    let point = watch.statistics(60, 60, asked).await.remove(0);
    assert_eq!(point["ExtendedStatistics"], Value::Null, "the values of a set aren't known");
}

#[tokio::test]
async fn units_and_dimensions_are_kept_apart() {
    let watch = Watch::new();
    let dimensions = |value: &str| json!([{ "Name": "b", "Value": value }, { "Name": "a", "Value": "x" }]);
    watch
        .put(json!([
            { "MetricName": "m", "Value": 1, "Unit": "Seconds" },
            { "MetricName": "m", "Value": 2, "Unit": "Milliseconds" },
            { "MetricName": "m", "Value": 4, "Dimensions": dimensions("1") },
            { "MetricName": "m", "Value": 8, "Dimensions": dimensions("2") },
        ]))
        .await;
    let points = watch.statistics(60, 60, json!({ "Statistics": ["Sum"] })).await;
    let units: Vec<_> = points.iter().map(|point| point["Unit"].as_str().unwrap()).collect();
    assert_eq!(units, ["Seconds", "Milliseconds"]);
    let one = json!({ "Statistics": ["Sum"], "Unit": "Milliseconds" });
    assert_eq!(watch.statistics(60, 60, one).await[0]["Sum"], 2.0);
    let ordered = json!([{ "Name": "a", "Value": "x" }, { "Name": "b", "Value": "2" }]);
    let of_dimensions = json!({ "Statistics": ["Sum"], "Dimensions": ordered });
    assert_eq!(watch.statistics(60, 60, of_dimensions).await[0]["Sum"], 8.0);
    let part = json!({ "Statistics": ["Sum"], "Dimensions": [{ "Name": "a", "Value": "x" }] });
    assert_eq!(watch.statistics(60, 60, part).await, Vec::<Value>::new(), "AWS adds up no dimensions");
}

#[tokio::test]
async fn high_resolution_is_told_by_the_second() {
    let watch = Watch::new();
    let now = watch.now();
    for ago in [1, 2, 2, 12] {
        watch.put(json!([{ "MetricName": "m", "Value": 1, "StorageResolution": 1, "Timestamp": now - ago }])).await;
    }
    assert_eq!(watch.sums(20, 1).await, [1.0, 2.0, 1.0]);
    assert_eq!(watch.sums(20, 10).await, [1.0, 3.0]);
}

/// Recorded: `test_invalid_amount_of_datapoints`.
#[tokio::test]
async fn what_cant_be_asked() {
    let watch = Watch::new();
    let now = watch.now();
    let ask = |more: Value| {
        let mut input =
            json!({ "Namespace": "N", "MetricName": "m", "Period": 60, "StartTime": now - 86_400, "EndTime": now });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    for (more, code, message) in [
        (
            json!({ "Period": 1, "Statistics": ["Sum"] }),
            "InvalidParameterCombinationException",
            "You have requested up to 86400 datapoints, which exceeds the limit of 1440. You may reduce the datapoints \
             requested by increasing Period, or decreasing the time range.",
        ),
        (
            json!({ "EndTime": now - 86_400, "Statistics": ["Sum"] }),
            "InvalidParameterValueException",
            "The parameter StartTime must be less than the parameter EndTime.",
        ),
        (
            json!({}),
            "InvalidParameterCombinationException",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ),
        (
            json!({ "ExtendedStatistics": ["p101"] }),
            "InvalidParameterValueException",
            "The value p101 for parameter ExtendedStatistics.member.1 is invalid.",
        ),
    ] {
        let refused = watch.refused("GetMetricStatistics", ask(more)).await;
        assert_eq!(refused, (code.to_owned(), message.to_owned()));
    }
    let none = watch.ok("GetMetricStatistics", ask(json!({ "Statistics": ["Sum"] }))).await;
    assert_eq!(none, json!({ "Label": "m", "Datapoints": [] }));
}
