//! `GetMetricData`, and metrics in log lines.

use serde_json::{Value, json};
use updraft_kernel::ports::{LogBatch, LogLine};
use updraft_kernel::{AccountId, Region, UnixMillis};

use crate::support::Watch;

/// A query of `N`'s metric `m`, with `more` in it.
fn query(id: &str, stat: &str, period: i64, more: Value) -> Value {
    let mut query = json!({
        "Id": id,
        "MetricStat": { "Metric": { "Namespace": "N", "MetricName": "m" }, "Period": period, "Stat": stat },
    });
    query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    query
}

fn input(watch: &Watch, queries: Value, more: Value) -> Value {
    let (start, end) = (watch.now() - 600, watch.now() + 60);
    let mut input = json!({ "MetricDataQueries": queries, "StartTime": start, "EndTime": end });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

async fn data(watch: &Watch, queries: Value) -> Vec<Value> {
    let told = watch.ok("GetMetricData", input(watch, queries, json!({}))).await;
    assert_eq!(told["Messages"], json!([]));
    told["MetricDataResults"].as_array().unwrap().clone()
}

/// Of ten minutes: one to ten, the last one now.
async fn ten(watch: &Watch) {
    for n in 1..=10 {
        let at = watch.now() - 60 * (10 - n);
        watch.put(json!([{ "MetricName": "m", "Value": n, "Timestamp": at }])).await;
    }
}

#[tokio::test]
async fn values_are_told_latest_first_or_as_asked() {
    let watch = Watch::new();
    ten(&watch).await;
    let one = data(&watch, json!([query("a", "Sum", 300, json!({}))])).await.remove(0);
    assert_eq!((&one["Id"], &one["Label"], &one["StatusCode"]), (&json!("a"), &json!("m"), &json!("Complete")));
    assert_eq!(one["Values"].as_array().unwrap().len(), one["Timestamps"].as_array().unwrap().len());
    let ascending =
        input(&watch, json!([query("a", "Maximum", 60, json!({}))]), json!({ "ScanBy": "TimestampAscending" }));
    let told = watch.ok("GetMetricData", ascending).await;
    let values: Vec<_> = (1..=10).map(f64::from).collect();
    assert_eq!(told["MetricDataResults"][0]["Values"], json!(values));
    let none = data(&watch, json!([query("a", "p99", 60, json!({ "Label": "mine ${LABEL}" }))])).await.remove(0);
    assert_eq!(none["Label"], "mine m");
}

/// Recorded: `test_get_metric_data_different_units_no_unit_in_query`.
#[tokio::test]
async fn of_several_units_the_first_is_told() {
    let watch = Watch::new();
    for (unit, value) in [("Seconds", 2), ("Milliseconds", 60_000), ("Count", 5)] {
        watch.put(json!([{ "MetricName": "m", "Value": value, "Unit": unit }])).await;
        let told = data(&watch, json!([query("a", "Sum", 60, json!({}))])).await.remove(0);
        match unit {
            "Seconds" => assert_eq!((&told["Values"], &told["Messages"]), (&json!([2.0]), &Value::Null)),
            "Milliseconds" => {
                let said =
                    json!([{ "Code": "MultipleUnits", "Value": "Multiple units returned: '[Milliseconds, Seconds]'" }]);
                assert_eq!((&told["Values"], &told["Messages"]), (&json!([60_000.0]), &said));
            }
            _ => assert_eq!(told["Values"], json!([5.0])),
        }
    }
}

#[tokio::test]
async fn expressions_are_calculated_from_other_queries() {
    let watch = Watch::new();
    ten(&watch).await;
    let hidden = json!({ "ReturnData": false });
    let queries = json!([
        query("low", "Minimum", 60, hidden.clone()),
        query("high", "Maximum", 60, hidden),
        { "Id": "both", "Expression": "low + high", "Label": "two times" },
        { "Id": "share", "Expression": "100 * high / MAX(high)" },
        { "Id": "all", "Expression": "METRICS()" },
    ]);
    let told = data(&watch, queries).await;
    let shown: Vec<_> = told.iter().map(|one| (one["Id"].as_str().unwrap(), one["Label"].as_str().unwrap())).collect();
    let expected = [("both", "two times"), ("share", "share"), ("all", "m Minimum"), ("all", "m Maximum")];
    assert_eq!(shown, expected);
    assert_eq!(told[0]["Values"][0], 20.0);
    assert_eq!(told[1]["Values"][1], 90.0);
}

#[tokio::test]
async fn pages_hold_every_value_once() {
    let watch = Watch::new();
    ten(&watch).await;
    for scan in ["TimestampAscending", "TimestampDescending"] {
        let mut values = Vec::new();
        let mut token = Value::Null;
        let mut pages = 0;
        loop {
            let queries = json!([query("a", "Sum", 60, json!({})), query("b", "Maximum", 60, json!({}))]);
            let mut input = input(&watch, queries, json!({ "MaxDatapoints": 4, "ScanBy": scan }));
            if !token.is_null() {
                input["NextToken"] = token;
            }
            let page = watch.ok("GetMetricData", input).await;
            pages += 1;
            for one in page["MetricDataResults"].as_array().unwrap() {
                let more = one["Values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap());
                values.extend(more.map(|value| (one["Id"].as_str().unwrap().to_owned(), value)));
            }
            token = page["NextToken"].clone();
            if token.is_null() {
                break;
            }
            assert_eq!(page["MetricDataResults"].as_array().unwrap().last().unwrap()["StatusCode"], "PartialData");
        }
        assert_eq!((values.len(), pages), (20, 5), "{scan}");
        let numbers: Vec<_> = (1..=10).map(f64::from).collect();
        for id in ["a", "b"] {
            let mut mine: Vec<_> = values.iter().filter(|(of, _)| of == id).map(|(_, value)| *value).collect();
            if scan == "TimestampDescending" {
                mine.reverse();
            }
            assert_eq!(mine, numbers);
        }
    }
}

#[tokio::test]
async fn what_cant_be_asked() {
    let watch = Watch::new();
    let fine = || query("a", "Sum", 60, json!({}));
    for (queries, said) in [
        (
            json!([query("A", "Sum", 60, json!({}))]),
            "The value A for parameter MetricDataQueries.member.1.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.",
        ),
        (json!([fine(), fine()]), "The values for parameter id in MetricDataQueries are not unique."),
        (
            json!([query("a", "Sum", 60, json!({ "Expression": "1" }))]),
            "The parameters MetricDataQueries.member.1.Expression and MetricDataQueries.member.1.MetricStat are mutually \
             exclusive and you have specified both.",
        ),
        (
            json!([fine(), { "Id": "b" }]),
            "At least one of the parameters MetricDataQueries.member.2.Expression and \
             MetricDataQueries.member.2.MetricStat must be specified.",
        ),
        (
            json!([query("a", "Most", 60, json!({}))]),
            "The value Most for parameter MetricDataQueries.member.1.MetricStat.Stat is not supported.",
        ),
        (json!([fine(), { "Id": "b", "Expression": "gone + 1" }]), "Error in expression 'b': Unknown identifier: gone"),
        (
            json!([fine(), { "Id": "b", "Expression": "1 + 1" }]),
            "Error in expression 'b': The expression must give time series.",
        ),
        (
            json!([query("a", "Sum", 60, json!({ "ReturnData": false }))]),
            "At least one of the MetricDataQueries must return data.",
        ),
    ] {
        let (code, message) = watch.refused("GetMetricData", input(&watch, queries, json!({}))).await;
        assert_eq!((code.as_str(), message.as_str()), ("ValidationException", said));
    }
    let (code, _) = watch.refused("GetMetricData", input(&watch, json!([fine()]), json!({ "NextToken": "x" }))).await;
    assert_eq!(code, "InvalidNextToken");
    let long = json!({ "StartTime": 0 });
    let (_, message) = watch.refused("GetMetricData", input(&watch, json!([fine()]), long)).await;
    assert!(message.contains("exceeds the limit of 100800"), "{message}");
}

#[tokio::test]
async fn metrics_in_log_lines_are_metrics() {
    let watch = Watch::new();
    let line = |message: Value| LogLine { at: UnixMillis(watch.now() * 1000), message: message.to_string() };
    let about =
        json!({ "CloudWatchMetrics": [{ "Namespace": "N", "Dimensions": [["D"]], "Metrics": [{ "Name": "m" }] }] });
    let batch = LogBatch {
        account: AccountId::local(),
        region: Region::default_region(),
        group: "/aws/lambda/f".to_owned(),
        stream: "s".to_owned(),
        lines: vec![
            line(json!({ "_aws": about, "D": "d", "m": 3 })),
            line(json!({ "_aws": about, "D": "d", "m": 4 })),
            line(json!({ "_aws": about, "D": "d", "m": "no number" })),
            line(json!({ "other": 1 })),
        ],
    };
    watch.inner.look_through(&batch);
    let sum = json!({ "Statistics": ["Sum"], "Dimensions": [{ "Name": "D", "Value": "d" }] });
    assert_eq!(watch.statistics(60, 60, sum).await[0]["Sum"], 7.0);
    let listed = watch.ok("ListMetrics", json!({ "Namespace": "AWS/Logs" })).await;
    assert_eq!(
        listed["Metrics"],
        json!([{
            "Namespace": "AWS/Logs", "MetricName": "EMFValidationErrors",
            "Dimensions": [{ "Name": "LogGroupName", "Value": "/aws/lambda/f" }],
        }])
    );
}
