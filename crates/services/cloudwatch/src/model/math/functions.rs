//! The functions of metric math.

use std::collections::BTreeMap;

use super::eval::{Evaluation, mapped};
use super::{Expr, Line, Value, Wrong};

/// Those of AWS that need what isn't here.
const ELSEWHERE: [&str; 7] = [
    "ANOMALY_DETECTION_BAND",
    "DB_PERF_INSIGHTS",
    "INSIGHT_RULE_METRIC",
    "LAMBDA",
    "PERF_INSIGHTS",
    "SEARCH",
    "SERVICE_QUOTA",
];

pub(super) fn call(evaluation: &Evaluation<'_>, name: &str, arguments: &[Expr]) -> Result<Value, Wrong> {
    match (name, arguments) {
        ("METRICS", filter) => metrics(evaluation, filter),
        ("FILL", [of, with]) => fill(evaluation, of, with),
        ("IF", [condition, then]) => choice(evaluation, condition, then, None),
        ("IF", [condition, then, other]) => choice(evaluation, condition, then, Some(other)),
        ("TIME_SERIES", [number]) => constant(evaluation, number),
        (_, [of]) => single(name, evaluation.value(of)?),
        _ => Err(unknown(name)),
    }
}

fn unknown(name: &str) -> Wrong {
    match ELSEWHERE.contains(&name) {
        true => Wrong::new(format!("The function {name} is not implemented; COMPAT.md says what is.")),
        false => Wrong::new(format!("Unknown function {name}, or not with that many arguments.")),
    }
}

fn single(name: &str, of: Value) -> Result<Value, Wrong> {
    match name {
        "ABS" => mapped(of, |value| Some(value.abs())),
        "CEIL" => mapped(of, |value| Some(value.ceil())),
        "FLOOR" => mapped(of, |value| Some(value.floor())),
        "LOG" => mapped(of, |value| Some(value.ln())),
        "LOG10" => mapped(of, |value| Some(value.log10())),
        "AVG" => aggregated(of, |values| Some(sum(values) / count(values))),
        "SUM" => aggregated(of, |values| Some(sum(values))),
        "MIN" => aggregated(of, |values| values.iter().copied().reduce(f64::min)),
        "MAX" => aggregated(of, |values| values.iter().copied().reduce(f64::max)),
        "STDDEV" => aggregated(of, |values| Some(deviation(values))),
        "DATAPOINT_COUNT" => each(of, |line| Ok(Value::Number(count(&values(&line))))),
        "FIRST" => end(of, |line| line.points.values().next().copied()),
        "LAST" => end(of, |line| line.points.values().next_back().copied()),
        "METRIC_COUNT" => match of {
            Value::Many(all) => Ok(Value::Number(all.iter().map(|_| 1.0).sum())),
            _ => Err(Wrong::new("METRIC_COUNT takes a list.")),
        },
        "PERIOD" => match of {
            #[expect(clippy::cast_precision_loss, reason = "a period is far below 2^53 seconds")]
            Value::One(line) => Ok(Value::Number(line.period as f64)),
            _ => Err(Wrong::new("PERIOD takes a time series.")),
        },
        "DIFF" => lines(of, |line| steps(line, |_, before, value| value - before)),
        #[expect(clippy::cast_precision_loss, reason = "a time in seconds is far below 2^53")]
        "DIFF_TIME" => lines(of, |line| steps(line, |passed, _, _| passed as f64)),
        #[expect(clippy::cast_precision_loss, reason = "a time in seconds is far below 2^53")]
        "RATE" => lines(of, |line| steps(line, |passed, before, value| (value - before) / passed as f64)),
        "RUNNING_SUM" => lines(of, running_sum),
        "REMOVE_EMPTY" => match of {
            Value::Many(all) => Ok(Value::Many(all.into_iter().filter(|line| !line.points.is_empty()).collect())),
            one => Ok(one),
        },
        _ => Err(unknown(name)),
    }
}

fn values(line: &Line) -> Vec<f64> {
    line.points.values().copied().collect()
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

fn count(values: &[f64]) -> f64 {
    values.iter().map(|_| 1.0).sum()
}

fn deviation(values: &[f64]) -> f64 {
    let mean = sum(values) / count(values);
    let squares: Vec<_> = values.iter().map(|value| (value - mean).powi(2)).collect();
    (sum(&squares) / count(values)).sqrt()
}

/// Of a time series one number; of a list a time series, each value of those that the list has at that time.
fn aggregated(of: Value, to: impl Fn(&[f64]) -> Option<f64>) -> Result<Value, Wrong> {
    match of {
        Value::One(line) => Ok(Value::Number(to(&values(&line)).unwrap_or(f64::NAN))),
        Value::Many(all) => {
            let mut by_time: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
            for (at, value) in all.iter().flat_map(|line| &line.points) {
                by_time.entry(*at).or_default().push(*value);
            }
            let points = by_time.iter().filter_map(|(at, values)| Some((*at, to(values)?))).collect();
            let period = all.iter().map(|line| line.period).max().unwrap_or(60);
            Ok(Value::One(Line { label: String::new(), period, points }))
        }
        Value::Number(number) => Ok(Value::Number(to(&[number]).unwrap_or(f64::NAN))),
        Value::Text(_) => Err(Wrong::new("A text is no time series.")),
    }
}

fn each(of: Value, to: impl Fn(Line) -> Result<Value, Wrong>) -> Result<Value, Wrong> {
    match of {
        Value::One(line) => to(line),
        _ => Err(Wrong::new("The function takes a time series.")),
    }
}

fn end(of: Value, which: impl Fn(&Line) -> Option<f64>) -> Result<Value, Wrong> {
    match of {
        Value::One(line) => Ok(Value::Number(which(&line).unwrap_or(f64::NAN))),
        Value::Many(all) if all.is_empty() => Err(Wrong::new("The list is empty.")),
        _ => Err(Wrong::new("The function takes a time series.")),
    }
}

fn lines(of: Value, to: impl Fn(Line) -> Line) -> Result<Value, Wrong> {
    match of {
        Value::One(line) => Ok(Value::One(to(line))),
        Value::Many(all) => Ok(Value::Many(all.into_iter().map(to).collect())),
        _ => Err(Wrong::new("The function takes time series.")),
    }
}

/// Of each value and the one before: seconds passed, that one, this one.
fn steps(line: Line, of: impl Fn(i64, f64, f64) -> f64) -> Line {
    let behind = line.points.iter().skip(1);
    let step =
        |((before_at, before), (at, value)): ((&i64, &f64), (&i64, &f64))| (*at, of(at - before_at, *before, *value));
    let points = line.points.iter().zip(behind).map(step).collect();
    Line { points, ..line }
}

fn running_sum(line: Line) -> Line {
    let mut total = 0.0;
    let mut sum = |(at, value): (&i64, &f64)| {
        total += value;
        (*at, total)
    };
    let points = line.points.iter().map(&mut sum).collect();
    Line { points, ..line }
}

fn metrics(evaluation: &Evaluation<'_>, filter: &[Expr]) -> Result<Value, Wrong> {
    let wanted = match filter {
        [] => "",
        [Expr::Text(text)] => text,
        _ => return Err(Wrong::new("METRICS takes nothing, or a text.")),
    };
    let named = evaluation.known.metrics.iter().filter(|(id, line)| id.contains(wanted) || line.label.contains(wanted));
    Ok(Value::Many(named.map(|(_, line)| line.clone()).collect()))
}

/// One time series of the same value throughout.
fn constant(evaluation: &Evaluation<'_>, number: &Expr) -> Result<Value, Wrong> {
    let Value::Number(number) = evaluation.value(number)? else {
        return Err(Wrong::new("TIME_SERIES takes a number."));
    };
    let period = evaluation.known.metrics.iter().map(|(_, line)| line.period).max().unwrap_or(60);
    let points = times(evaluation, period).map(|at| (at, number)).collect();
    Ok(Value::One(Line { label: String::new(), period, points }))
}

/// The beginnings of all periods that are asked for.
fn times(evaluation: &Evaluation<'_>, period: i64) -> impl Iterator<Item = i64> {
    let grid = evaluation.known.grid;
    let step = usize::try_from(period.max(1)).unwrap_or(usize::MAX);
    (grid.start..grid.end).step_by(step)
}

fn fill(evaluation: &Evaluation<'_>, of: &Expr, with: &Expr) -> Result<Value, Wrong> {
    let of = evaluation.value(of)?;
    match with {
        Expr::Name(name) if name == "REPEAT" => lines(of, |line| filled(evaluation, line, repeated)),
        Expr::Name(name) if name == "LINEAR" => lines(of, |line| filled(evaluation, line, between)),
        with => match evaluation.value(with)? {
            Value::Number(number) => lines(of, |line| filled(evaluation, line, |_, _| Some(number))),
            Value::One(other) => lines(of, |line| filled(evaluation, line, |_, at| other.points.get(&at).copied())),
            _ => Err(Wrong::new("FILL fills with a number, a time series, REPEAT or LINEAR.")),
        },
    }
}

fn filled(evaluation: &Evaluation<'_>, line: Line, with: impl Fn(&Line, i64) -> Option<f64>) -> Line {
    let value = |at| line.points.get(&at).copied().or_else(|| with(&line, at)).map(|value| (at, value));
    let points = times(evaluation, line.period).filter_map(value).collect();
    Line { points, ..line }
}

fn repeated(line: &Line, at: i64) -> Option<f64> {
    line.points.range(..at).next_back().map(|(_, value)| *value)
}

#[expect(clippy::cast_precision_loss, reason = "a time in seconds is far below 2^53")]
fn between(line: &Line, at: i64) -> Option<f64> {
    let (before, low) = line.points.range(..at).next_back()?;
    let (after, high) = line.points.range(at..).next()?;
    let share = (at - before) as f64 / (after - before) as f64;
    Some(low + (high - low) * share)
}

/// Value by value: that of `then` where the condition holds, else that of `other`.
fn choice(evaluation: &Evaluation<'_>, condition: &Expr, then: &Expr, other: Option<&Expr>) -> Result<Value, Wrong> {
    let condition = evaluation.value(condition)?;
    let then = evaluation.value(then)?;
    let other = other.map(|other| evaluation.value(other)).transpose()?;
    if let Value::Number(number) = condition {
        return match (number != 0.0, other) {
            (true, _) => Ok(then),
            (false, Some(other)) => Ok(other),
            (false, None) => Err(Wrong::new("IF has nothing to give where its condition doesn't hold.")),
        };
    }
    let Value::One(condition) = condition else {
        return Err(Wrong::new("IF takes a time series or a number for its condition."));
    };
    let at_time = |value: &Value, at: i64| match value {
        Value::Number(number) => Ok(Some(*number)),
        Value::One(line) => Ok(line.points.get(&at).copied()),
        _ => Err(Wrong::new("IF gives a time series or a number.")),
    };
    let mut points = BTreeMap::new();
    for (at, holds) in &condition.points {
        let chosen = if *holds != 0.0 { Some(&then) } else { other.as_ref() };
        if let Some(value) = chosen.map(|chosen| at_time(chosen, *at)).transpose()?.flatten() {
            points.insert(*at, value);
        }
    }
    Ok(Value::One(Line { points, ..condition }))
}
