//! What `PutMetricData` is given, checked and made into samples.

use updraft_api_cloudwatch::types::{Dimension, MetricDatum, StatisticSet};
use updraft_kernel::{AwsError, UnixMillis};

use super::additions::Sample;
use super::level::Level;
use super::series::Series;
use super::summary::Summary;
use super::unit::Unit;
use crate::errors::{invalid_combination, invalid_value, missing};

/// AWS: values of one metric in a request, metrics in a request, dimensions of a metric.
const MAX_VALUES: usize = 150;
const MAX_METRICS: usize = 1_000;
pub(crate) const MAX_DIMENSIONS: usize = 30;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// AWS: up to two weeks old, and up to two hours ahead.
pub(crate) fn is_timely(at: UnixMillis, now: UnixMillis) -> bool {
    (now.0.saturating_sub(14 * DAY)..=now.0.saturating_add(2 * HOUR)).contains(&at.0)
}

/// AWS: within ±2^360.
pub(crate) fn is_value(value: f64) -> bool {
    value.is_finite() && value.abs() <= 2_f64.powi(360)
}

pub(crate) fn is_namespace(name: &str) -> bool {
    is_name(name, 255) && !name.starts_with(':')
}

pub(crate) fn is_metric_name(name: &str) -> bool {
    is_name(name, 255)
}

pub(crate) fn is_dimension_name(name: &str) -> bool {
    is_name(name, 255) && !name.starts_with(':')
}

pub(crate) fn is_dimension_value(value: &str) -> bool {
    is_name(value, 1_024)
}

fn is_name(text: &str, most: usize) -> bool {
    let printable = |c: char| c.is_ascii() && !c.is_ascii_control();
    text.len() <= most && text.chars().all(printable) && !text.trim().is_empty()
}

/// # Errors
/// AWS's, for whatever is wrong with the whole.
pub(crate) fn check_all(namespace: &str, data: &[(String, MetricDatum)]) -> Result<(), AwsError> {
    if namespace.starts_with("AWS/") || !is_namespace(namespace) {
        return Err(invalid_value(format!("The value {namespace} for parameter Namespace is invalid.")));
    }
    if data.is_empty() {
        return Err(missing("MetricData"));
    }
    if data.len() > MAX_METRICS {
        return Err(invalid_value(format!(
            "The collection MetricData must not have a size greater than {MAX_METRICS}."
        )));
    }
    Ok(())
}

/// `path` is how the caller knows it, such as `MetricData.member.1`.
///
/// # Errors
/// AWS's, for whatever is wrong with it.
pub(crate) fn sample(namespace: &str, path: &str, datum: MetricDatum, now: UnixMillis) -> Result<Sample, AwsError> {
    if !is_metric_name(&datum.metric_name) {
        return Err(invalid(path, "MetricName", &datum.metric_name));
    }
    let at = datum.timestamp.unwrap_or(now);
    check_time(path, at, now)?;
    let level = match datum.storage_resolution {
        None | Some(60) => Level::Minute,
        Some(1) => Level::Second,
        Some(_) => {
            let message = format!("The parameter {path}.StorageResolution must be a value in the set [ 1, 60 ].");
            return Err(invalid_value(message));
        }
    };
    let unit = datum.unit.as_ref().and_then(|unit| Unit::parse(unit.as_str())).unwrap_or(Unit::NONE);
    let dimensions = dimensions(&format!("{path}."), datum.dimensions.clone().unwrap_or_default())?;
    let summary = summary(path, &datum)?;
    Ok(Sample { series: Series::new(namespace.to_owned(), datum.metric_name, dimensions), unit, level, at, summary })
}

fn invalid(path: &str, member: &str, value: &str) -> AwsError {
    invalid_value(format!("The value {value} for parameter {path}.{member} is invalid."))
}

fn check_time(path: &str, at: UnixMillis, now: UnixMillis) -> Result<(), AwsError> {
    if is_timely(at, now) {
        return Ok(());
    }
    let what = if at < now { "within the past two weeks" } else { "no more than two hours in the future" };
    Err(invalid_value(format!("The parameter {path}.Timestamp must specify a time {what}.")))
}

/// # Errors
/// AWS's, where one isn't a dimension or there are too many. `path` is what the caller knows them by, with its dot.
pub(crate) fn dimensions(path: &str, all: Vec<Dimension>) -> Result<Vec<(String, String)>, AwsError> {
    if all.len() > MAX_DIMENSIONS {
        let message = format!("The collection {path}Dimensions must not have a size greater than {MAX_DIMENSIONS}.");
        return Err(invalid_value(message));
    }
    let mut out: Vec<(String, String)> = Vec::with_capacity(all.len());
    for (n, Dimension { name, value }) in (1..).zip(all) {
        let invalid = |part, value: &str| {
            let message = format!("The value {value} for parameter {path}Dimensions.member.{n}.{part} is invalid.");
            Err(invalid_value(message))
        };
        if !is_dimension_name(&name) {
            return invalid("Name", &name);
        }
        if !is_dimension_value(&value) {
            return invalid("Value", &value);
        }
        if out.iter().any(|(known, _)| *known == name) {
            return Err(invalid_value(format!(
                "No two dimensions in {path}Dimensions may have the same name: {name}."
            )));
        }
        out.push((name, value));
    }
    Ok(out)
}

fn summary(path: &str, datum: &MetricDatum) -> Result<Summary, AwsError> {
    let given = [
        datum.value.map(|_| "Value"),
        datum.statistic_values.as_ref().map(|_| "StatisticValues"),
        datum.values.as_ref().map(|_| "Values"),
    ];
    let given: Vec<_> = given.into_iter().flatten().collect();
    if let [first, second, ..] = given.as_slice() {
        return Err(invalid_combination(format!(
            "The parameters {path}.{first} and {path}.{second} are mutually exclusive and you have specified both."
        )));
    }
    match (datum.value, &datum.statistic_values, &datum.values) {
        (Some(value), ..) => Ok(Summary::of(checked(path, "Value", value)?, 1.0)),
        (_, Some(set), _) => told(path, set),
        (_, _, Some(values)) => counted(path, values, datum.counts.as_deref()),
        _ => Err(invalid_combination(format!(
            "At least one of the parameters {path}.Value, {path}.Values and {path}.StatisticValues must be specified."
        ))),
    }
}

fn checked(path: &str, member: &str, value: f64) -> Result<f64, AwsError> {
    if is_value(value) { Ok(value) } else { Err(invalid(path, member, &value.to_string())) }
}

fn told(path: &str, set: &StatisticSet) -> Result<Summary, AwsError> {
    let number = |name: &str, value| checked(path, &format!("StatisticValues.{name}"), value);
    let count = number("SampleCount", set.sample_count)?;
    let (sum, min, max) = (number("Sum", set.sum)?, number("Minimum", set.minimum)?, number("Maximum", set.maximum)?);
    if count <= 0.0 {
        return Err(invalid_value(format!("The parameter {path}.StatisticValues.SampleCount must be greater than 0.")));
    }
    if min > max {
        return Err(invalid_combination(format!(
            "The parameter {path}.StatisticValues.Maximum must be greater than or equal to \
             {path}.StatisticValues.Minimum."
        )));
    }
    Ok(Summary::told(count, sum, min, max))
}

fn counted(path: &str, values: &[f64], counts: Option<&[f64]>) -> Result<Summary, AwsError> {
    if values.len() > MAX_VALUES {
        return Err(invalid_value(format!(
            "The collection {path}.Values must not have a size greater than {MAX_VALUES}."
        )));
    }
    if counts.is_some_and(|counts| counts.len() != values.len()) {
        return Err(invalid_value(format!("The parameters {path}.Values and {path}.Counts must be of the same size.")));
    }
    let mut all: Option<Summary> = None;
    for (n, value) in values.iter().enumerate() {
        let member = |list: &str| format!("{list}.member.{}", n + 1);
        let value = checked(path, &member("Values"), *value)?;
        let count = counts.and_then(|counts| counts.get(n).copied()).unwrap_or(1.0);
        if !is_value(count) || count < 0.0 {
            return Err(invalid(path, &member("Counts"), &count.to_string()));
        }
        if count == 0.0 {
            continue;
        }
        match &mut all {
            Some(all) => all.add(value, count),
            None => all = Some(Summary::of(value, count)),
        }
    }
    all.ok_or_else(|| missing(&format!("{path}.Values")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_the_times_that_are_taken() {
        let now = UnixMillis(100 * DAY);
        for (at, taken) in
            [(86 * DAY, true), (86 * DAY - 1, false), (100 * DAY + 2 * HOUR, true), (100 * DAY + 2 * HOUR + 1, false)]
        {
            assert_eq!(is_timely(UnixMillis(at), now), taken, "{at}");
        }
    }

    #[test]
    fn both_sides_of_what_a_value_and_a_name_may_be() {
        for value in [2_f64.powi(360), -2_f64.powi(360), 0.0] {
            assert!(is_value(value));
        }
        for value in [2_f64.powi(360) * 1.01, f64::NAN, f64::INFINITY] {
            assert!(!is_value(value));
        }
        assert!(is_dimension_name(&"x".repeat(255)) && !is_dimension_name(&"x".repeat(256)));
        assert!(is_dimension_value(&"x".repeat(1024)) && !is_dimension_value(&"x".repeat(1025)));
        for wrong in ["", "   ", "a\u{7}", "ü"] {
            assert!(!is_dimension_value(wrong), "{wrong}");
        }
        assert!(!is_dimension_name(":a") && is_dimension_value(":a") && !is_namespace(":a"));
    }
}
