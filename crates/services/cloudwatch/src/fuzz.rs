//! Doors for fuzzing, and nothing else.

use std::collections::HashMap;

use updraft_kernel::UnixMillis;

use crate::model::embedded;
use crate::model::label::{Dynamic, dynamic};
use crate::model::math::{Grid, Known, Line, eval, parse};
use crate::model::statistic::Statistic;
use crate::model::summary::Summary;

/// Any text as an expression, over two time series.
pub fn expression(text: &str) {
    let line = |label: &str, points: [(i64, f64); 2]| Line { label: label.into(), period: 60, points: points.into() };
    let metrics = vec![("m1", line("one", [(0, 1.0), (60, 0.0)])), ("m2", line("two", [(60, 2.0), (120, -1.0)]))];
    if let Ok(expr) = parse(text) {
        let known =
            Known { grid: Grid { start: 0, end: 300 }, metrics, expressions: HashMap::from([("e1", expr.clone())]) };
        std::hint::black_box(eval(&known, &expr).is_ok());
    }
}

/// Any text as a statistic, as a label, and as a line of a log.
pub fn texts(text: &str) {
    let mut summary = Summary::of(1.0, 2.0);
    summary.add(5.0, 1.0);
    std::hint::black_box(Statistic::parse(text).and_then(|statistic| statistic.of(&summary)));
    let known = Dynamic { generated: "g", named: None, account: "a", region: "r", values: &[1.0] };
    std::hint::black_box(dynamic(text, &known));
    std::hint::black_box(embedded::extract(text, UnixMillis(0), UnixMillis(0)));
}
