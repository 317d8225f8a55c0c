//! CloudWatch's embedded metric format: log lines that hold measured values and say which of them are metrics.

use serde_json::{Map, Value};
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::LogLine;

use super::additions::Sample;
use super::datum::{self, MAX_DIMENSIONS};
use super::level::Level;
use super::series::Series;
use super::summary::Summary;
use super::unit::Unit;

/// AWS: so many values of one metric in a line, and so many metrics of one directive.
const MAX_VALUES: usize = 100;
const MAX_METRICS: usize = 100;

/// Why a line, or a part of it, gave no metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It is no JSON.
    Parsing,
    /// It isn't as the format wants it.
    Validation,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) samples: Vec<Sample>,
    pub(crate) troubles: Vec<Trouble>,
}

/// What a line of a log group holds, and what was wrong with it, which AWS counts under `AWS/Logs`.
pub(crate) fn samples(group: &str, line: &LogLine) -> Vec<Sample> {
    // Few lines are such ones: nothing else is spent on the others.
    if !line.message.contains("\"CloudWatchMetrics\"") {
        return Vec::new();
    }
    let Found { mut samples, troubles } = extract(&line.message, line.at, line.at);
    samples.extend(troubles.into_iter().map(|trouble| trouble.counted(group, line.at)));
    samples
}

impl Trouble {
    fn counted(self, group: &str, at: UnixMillis) -> Sample {
        let name = match self {
            Self::Parsing => "EMFParsingErrors",
            Self::Validation => "EMFValidationErrors",
        };
        let dimensions = vec![("LogGroupName".to_owned(), group.to_owned())];
        let series = Series::new("AWS/Logs".to_owned(), name.to_owned(), dimensions);
        let unit = Unit::parse("Count").unwrap_or(Unit::NONE);
        Sample { series, unit, level: Level::Minute, at, summary: Summary::of(1.0, 1.0) }
    }
}

/// `at` is the log event's time.
pub(crate) fn extract(line: &str, at: UnixMillis, now: UnixMillis) -> Found {
    let mut found = Found::default();
    let Ok(Value::Object(root)) = serde_json::from_str(line) else {
        found.troubles.push(Trouble::Parsing);
        return found;
    };
    // A line may well have a member of that name and mean something else by it.
    let Some(about) = root.get("_aws").and_then(Value::as_object) else { return found };
    let Some(directives) = about.get("CloudWatchMetrics") else { return found };
    let at = about.get("Timestamp").map_or(Some(at), |given| given.as_i64().map(UnixMillis));
    match (directives, at.filter(|at| datum::is_timely(*at, now))) {
        (Value::Array(all), Some(at)) => all.iter().for_each(|one| directive(&root, one, at, &mut found)),
        _ => found.troubles.push(Trouble::Validation),
    }
    found
}

fn directive(root: &Map<String, Value>, directive: &Value, at: UnixMillis, found: &mut Found) {
    let namespace = directive.get("Namespace").and_then(Value::as_str).filter(|name| datum::is_namespace(name));
    let metrics = directive.get("Metrics").and_then(Value::as_array).filter(|all| all.len() <= MAX_METRICS);
    let sets = dimension_sets(root, directive.get("Dimensions"));
    let (Some(namespace), Some(metrics), Some(sets)) = (namespace, metrics, sets) else {
        return found.troubles.push(Trouble::Validation);
    };
    for metric in metrics {
        let Some((name, unit, level, summary)) = measured(root, metric) else {
            found.troubles.push(Trouble::Validation);
            continue;
        };
        for set in &sets {
            let series = Series::new(namespace.to_owned(), name.to_owned(), set.clone());
            found.samples.push(Sample { series, unit, level, at, summary: summary.clone() });
        }
    }
}

/// Names and values of each set; one of none where nothing is said.
fn dimension_sets(root: &Map<String, Value>, sets: Option<&Value>) -> Option<Vec<Vec<(String, String)>>> {
    let sets = match sets {
        None => return Some(vec![Vec::new()]),
        Some(sets) => sets.as_array()?,
    };
    if sets.is_empty() {
        return Some(vec![Vec::new()]);
    }
    let dimension = |name: &Value| {
        let name = name.as_str().filter(|name| datum::is_dimension_name(name))?;
        let value = root.get(name)?.as_str().filter(|value| datum::is_dimension_value(value))?;
        Some((name.to_owned(), value.to_owned()))
    };
    let set = |set: &Value| {
        let names = set.as_array().filter(|names| names.len() <= MAX_DIMENSIONS)?;
        names.iter().map(dimension).collect()
    };
    sets.iter().map(set).collect()
}

fn measured<'a>(root: &Map<String, Value>, metric: &'a Value) -> Option<(&'a str, Unit, Level, Summary)> {
    let name = metric.get("Name")?.as_str().filter(|name| datum::is_metric_name(name))?;
    let unit = metric.get("Unit").map_or(Some(Unit::NONE), |unit| unit.as_str().and_then(Unit::parse))?;
    let level = match metric.get("StorageResolution").map(Value::as_i64) {
        None | Some(Some(60)) => Level::Minute,
        Some(Some(1)) => Level::Second,
        Some(_) => return None,
    };
    let number = |value: &Value| value.as_f64().filter(|value| datum::is_value(*value));
    let values: Vec<f64> = match root.get(name)? {
        Value::Array(all) if all.len() <= MAX_VALUES => all.iter().map(number).collect::<Option<_>>()?,
        one => vec![number(one)?],
    };
    let (first, rest) = values.split_first()?;
    let mut summary = Summary::of(*first, 1.0);
    rest.iter().for_each(|value| summary.add(*value, 1.0));
    Some((name, unit, level, summary))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_893_456_000_000);

    fn told(line: &Value) -> Found {
        extract(&line.to_string(), NOW, NOW)
    }

    fn shown(found: &Found) -> Vec<String> {
        let one = |Sample { series, unit, level, at, summary }: &Sample| {
            let dimensions: Vec<_> = series.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let (count, sum) = (summary.count, summary.sum);
            let Series { namespace, name, .. } = series;
            format!(
                "{namespace} {name} [{}] {} {} {} {count} {sum}",
                dimensions.join(","),
                unit.as_str(),
                level.step(),
                at.0 - NOW.0
            )
        };
        found.samples.iter().map(one).collect()
    }

    #[test]
    fn a_line_with_everything() {
        let line = json!({
            "_aws": {
                "Timestamp": NOW.0 - 5,
                "CloudWatchMetrics": [{
                    "Namespace": "Shop",
                    "Dimensions": [["Service"], ["Service", "Env"], []],
                    "Metrics": [
                        { "Name": "Latency", "Unit": "Milliseconds", "StorageResolution": 1 },
                        { "Name": "Sales" },
                    ],
                }],
            },
            "Service": "cart",
            "Env": "prod",
            "Latency": [1.5, 2.5, 4],
            "Sales": 3,
            "Other": { "a": [1] },
        });
        let found = told(&line);
        assert_eq!(found.troubles, []);
        assert_eq!(
            shown(&found),
            [
                "Shop Latency [Service=cart] Milliseconds 1 -5 3 8",
                "Shop Latency [Env=prod,Service=cart] Milliseconds 1 -5 3 8",
                "Shop Latency [] Milliseconds 1 -5 3 8",
                "Shop Sales [Service=cart] None 60 -5 1 3",
                "Shop Sales [Env=prod,Service=cart] None 60 -5 1 3",
                "Shop Sales [] None 60 -5 1 3",
            ]
        );
    }

    fn with(change: impl FnOnce(&mut Value)) -> Value {
        let mut line = json!({
            "_aws": { "CloudWatchMetrics": [{ "Namespace": "N", "Dimensions": [["D"]], "Metrics": [{ "Name": "M" }] }] },
            "D": "d",
            "M": 1,
        });
        change(&mut line);
        line
    }

    #[test]
    fn the_events_time_stands_in_for_one_that_is_missing() {
        assert_eq!(shown(&told(&with(|_| {}))), ["N M [D=d] None 60 0 1 1"]);
    }

    #[test]
    fn what_isnt_valid_gives_nothing_and_is_counted() {
        let changes: [fn(&mut Value); 10] = [
            |line| line["_aws"]["CloudWatchMetrics"][0]["Namespace"] = json!(""),
            |line| line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"] = json!("Parsecs"),
            |line| line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["StorageResolution"] = json!(5),
            |line| line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] = json!([["Gone"]]),
            |line| line["_aws"]["CloudWatchMetrics"] = json!({}),
            |line| line["_aws"]["Timestamp"] = json!("now"),
            |line| line["_aws"]["Timestamp"] = json!(1),
            |line| line["D"] = json!(7),
            |line| line["M"] = json!("1"),
            |line| line["M"] = json!(vec![1; 101]),
        ];
        for (n, change) in changes.into_iter().enumerate() {
            let found = told(&with(change));
            assert_eq!((shown(&found), found.troubles), (vec![], vec![Trouble::Validation]), "{n}");
        }
        assert_eq!(extract("{\"_aws\": ", NOW, NOW).troubles, [Trouble::Parsing]);
    }

    #[test]
    fn another_use_of_the_name_is_none_of_our_business() {
        for line in [json!({ "_aws": 1 }), json!({ "_aws": {} }), json!({ "x": { "_aws": {} } })] {
            assert_eq!(told(&line), Found::default());
        }
    }
}
