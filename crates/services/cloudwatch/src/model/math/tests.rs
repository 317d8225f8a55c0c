//! Expressions and what they give.

use std::collections::HashMap;

use super::*;

fn line(label: &str, points: &[(i64, f64)]) -> Line {
    Line { label: label.into(), period: 60, points: points.iter().copied().collect() }
}

fn known() -> Known<'static> {
    let expressions =
        [("e1", "m1 + 1"), ("e2", "e1 * 2"), ("loop", "loop + 1")].map(|(id, text)| (id, parse(text).unwrap()));
    Known {
        grid: Grid { start: 0, end: 300 },
        metrics: vec![
            ("m1", line("one", &[(0, 1.0), (60, 2.0), (180, 5.0)])),
            ("m2", line("two", &[(0, 4.0), (60, 0.0), (120, 8.0)])),
        ],
        expressions: HashMap::from(expressions),
    }
}

fn value(text: &str) -> Result<Value, Wrong> {
    eval(&known(), &parse(text)?)
}

/// What a time series holds.
fn points(text: &str) -> Vec<(i64, f64)> {
    match value(text) {
        Ok(Value::One(line)) => line.points.into_iter().collect(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn operators_and_their_precedence() {
    for (text, number) in [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("10 - 4 - 3", 3.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("-2 * 3", -6.0),
        ("8 / 4 / 2", 1.0),
        ("1 + 1 == 2 && 3 > 4 || 1", 1.0),
        ("1 != 1 OR 2 <= 1", 0.0),
        (".5 + 1.25", 1.75),
    ] {
        assert_eq!(value(text), Ok(Value::Number(number)), "{text}");
    }
}

#[test]
fn time_series_are_calculated_where_both_have_values() {
    assert_eq!(points("m1 + m2"), [(0, 5.0), (60, 2.0)]);
    assert_eq!(points("100 * m1"), [(0, 100.0), (60, 200.0), (180, 500.0)]);
    assert_eq!(points("m1 / m2"), [(0, 0.25)], "a division by zero gives nothing");
    assert_eq!(points("m1 > 1"), [(0, 0.0), (60, 1.0), (180, 1.0)]);
    assert_eq!(points("e2"), [(0, 4.0), (60, 6.0), (180, 12.0)]);
}

#[test]
fn lists_are_aggregated_by_time_and_time_series_to_numbers() {
    assert_eq!(points("SUM(METRICS())"), [(0, 5.0), (60, 2.0), (120, 8.0), (180, 5.0)]);
    assert_eq!(points("MAX([m1, m2])"), [(0, 4.0), (60, 2.0), (120, 8.0), (180, 5.0)]);
    assert_eq!(points("AVG(METRICS(\"two\"))"), points("m2"));
    assert_eq!(value("MAX(m1)"), Ok(Value::Number(5.0)));
    assert_eq!(points("m1 - MIN(m1)"), [(0, 0.0), (60, 1.0), (180, 4.0)]);
    assert_eq!(value("METRIC_COUNT(METRICS()) * DATAPOINT_COUNT(m1) * PERIOD(m1)"), Ok(Value::Number(360.0)));
    assert_eq!(value("STDDEV([m1, m1])").map(|_| ()), Ok(()));
    assert_eq!(value("FIRST(m1) + LAST(m2)"), Ok(Value::Number(9.0)));
}

#[test]
fn gaps_are_filled() {
    let times = |values: [f64; 5]| values.into_iter().zip(0..).map(|(value, n)| (n * 60, value)).collect::<Vec<_>>();
    assert_eq!(points("FILL(m1, 0)"), times([1.0, 2.0, 0.0, 5.0, 0.0]));
    assert_eq!(points("FILL(m1, REPEAT)"), times([1.0, 2.0, 2.0, 5.0, 5.0]));
    assert_eq!(points("FILL(m1, LINEAR)"), times([1.0, 2.0, 3.5, 5.0, 0.0])[..4]);
    assert_eq!(points("FILL(m1, m2)"), times([1.0, 2.0, 8.0, 5.0, 0.0])[..4]);
    assert_eq!(points("TIME_SERIES(7)"), times([7.0; 5]));
}

#[test]
fn values_of_neighbours() {
    assert_eq!(points("DIFF(m1)"), [(60, 1.0), (180, 3.0)]);
    assert_eq!(points("DIFF_TIME(m1)"), [(60, 60.0), (180, 120.0)]);
    assert_eq!(points("RATE(m1)"), [(60, 1.0 / 60.0), (180, 0.025)]);
    assert_eq!(points("RUNNING_SUM(m1)"), [(0, 1.0), (60, 3.0), (180, 8.0)]);
    assert_eq!(points("CEIL(m1 / 2) + FLOOR(ABS(0 - m1))"), [(0, 2.0), (60, 3.0), (180, 8.0)]);
}

#[test]
fn conditions_choose() {
    assert_eq!(points("IF(m1 > 1, m1, 0)"), [(0, 0.0), (60, 2.0), (180, 5.0)]);
    assert_eq!(points("IF(m1 > 1, m1)"), [(60, 2.0), (180, 5.0)]);
    assert_eq!(points("IF(1, m1, m2)"), points("m1"));
}

#[test]
fn what_is_wrong_is_said() {
    for (text, said) in [
        ("", "The expression ends where an operand is missing."),
        ("m1 +", "The expression ends where an operand is missing."),
        ("(m1", "A parenthesis isn't closed."),
        ("m1 m2", "Unexpected m2."),
        ("m9", "Unknown identifier: m9"),
        ("NO(m1)", "Unknown function NO, or not with that many arguments."),
        ("SEARCH('x', 'Sum')", "The function SEARCH is not implemented; COMPAT.md says what is."),
        ("m1 ~ m2", "Unexpected '~'."),
        ("'open", "A quoted text has no end."),
        ("1.2.3", "1.2.3 is no number."),
        ("loop", "loop refers to itself, or over too many others."),
        ("m1 + 'x'", "A text is no operand."),
    ] {
        assert_eq!(value(text), Err(Wrong::new(said)), "{text}");
    }
    for deep in ["(".repeat(5_000), "[".repeat(5_000), "-".repeat(5_000), "2^".repeat(5_000)] {
        assert!(parse(&deep).is_err(), "and no stack runs over");
    }
}
