//! What was found out, for a person or for a program.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::figures::{Figures, Recommendation, request};
use super::{Row, Tuned};
use crate::out::{self, Look, To};

/// The columns that a narrow terminal goes without, the first one first.
const DISPENSABLE: [&str; 4] = ["PEAK", "COLD START", "BILLED", "P95"];
const GAP: &str = "  ";

pub(super) fn result(tuned: &Tuned<'_>, json: bool) -> Result<()> {
    if json {
        return Ok(out::line(&as_json(tuned).to_string())?);
    }
    let Tuned { function, architecture, runs, rows, .. } = tuned;
    let about = format!("{}, {runs} calls at each size", architecture.name());
    out::line(&format!("{} {}", out::bold(function), out::dim(&about)))?;
    let [head, lines @ ..] = &*table(rows, To::Answer.width()) else { return Ok(()) };
    out::line(&out::dim(head))?;
    for (row, line) in rows.iter().zip(lines) {
        match &row.figures {
            Ok(_) => out::line(line)?,
            Err(what) => out::line(&format!("{line}{GAP}{}", out::red(&format!("failed: {what}"))))?,
        }
    }
    if let Some(advice) = Recommendation::of(rows) {
        recommended(tuned, advice)?;
    }
    let note = "Prices of us-east-1; times of this machine, which compare with each other rather than with AWS's.";
    Ok(out::remark(&To::Remark.paint(Look::Dim, note))?)
}

/// A head and a line for each size, no wider than `width` if that can be done.
fn table(rows: &[Row], width: Option<usize>) -> Vec<String> {
    let mut columns = columns(rows);
    let wide = |columns: &[Vec<String>]| columns.iter().map(|cells| longest(cells) + GAP.len()).sum::<usize>();
    for name in DISPENSABLE {
        if width.is_some_and(|width| wide(&columns) > width + GAP.len()) {
            columns.retain(|cells| cells.first().is_none_or(|first| first != name));
        }
    }
    let line = |at: usize| {
        let cells = columns.iter().map(|cells| {
            let (cell, width) = (cells.get(at).map_or("", String::as_str), longest(cells));
            format!("{cell:>width$}")
        });
        cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
    };
    (0..=rows.len()).map(line).collect()
}

fn longest(cells: &[String]) -> usize {
    cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0)
}

/// Each with its head.
fn columns(rows: &[Row]) -> Vec<Vec<String>> {
    let column = |head: &str, cell: fn(&Figures) -> String| {
        let cells = rows.iter().map(|row| row.figures.as_ref().map_or_else(|_| String::new(), cell));
        std::iter::once(head.to_owned()).chain(cells).collect::<Vec<_>>()
    };
    let sizes = rows.iter().map(|row| format!("{} MB", row.memory_mb));
    vec![
        std::iter::once("MEMORY".to_owned()).chain(sizes).collect(),
        column("P50", |figures| span(figures.p50)),
        column("P95", |figures| span(figures.p95)),
        column("BILLED", |figures| span(figures.billed)),
        column("COLD START", |figures| figures.init.map_or_else(|| "-".to_owned(), span)),
        column("PEAK", |figures| format!("{} MB", figures.peak_mb)),
        column("1M CALLS", |figures| dollars(figures.million)),
    ]
}

fn recommended(tuned: &Tuned<'_>, advice: Recommendation) -> Result<()> {
    out::line("")?;
    let Recommendation { cheapest, fastest, balanced } = advice;
    for (what, size, look) in
        [("cheapest", cheapest, Look::Bold), ("fastest", fastest, Look::Bold), ("balanced", balanced, Look::Green)]
    {
        let figures = tuned.rows.iter().find(|row| row.memory_mb == size).and_then(|row| row.figures.as_ref().ok());
        let Some(figures) = figures else { continue };
        let size_said = To::Answer.paint(look, &format!("{:>8}", format!("{size} MB")));
        let now = if size == tuned.memory_mb { ", as it is" } else { "" };
        let why = format!("{}, {} for a million calls{now}", span(figures.p50), dollars(figures.million));
        out::line(&format!("{what:<9}{size_said}{GAP}{}", out::dim(&why)))?;
    }
    Ok(())
}

fn span(span: Duration) -> String {
    let millis = span.as_secs_f64() * 1000.0;
    if millis < 100.0 { format!("{millis:.2} ms") } else { format!("{millis:.0} ms") }
}

pub(super) fn dollars(amount: f64) -> String {
    if amount < 10.0 { format!("${amount:.3}") } else { format!("${amount:.2}") }
}

fn as_json(tuned: &Tuned<'_>) -> Value {
    let millis = |span: Duration| (span.as_secs_f64() * 1_000_000.0).round() / 1000.0;
    let size = |row: &Row| match &row.figures {
        Ok(figures) => json!({
            "memoryMB": row.memory_mb, "p50Millis": millis(figures.p50), "p95Millis": millis(figures.p95),
            "billedMillis": millis(figures.billed), "initMillis": figures.init.map(millis),
            "maxMemoryUsedMB": figures.peak_mb, "dollarsPerMillion": figures.million,
        }),
        Err(what) => json!({ "memoryMB": row.memory_mb, "error": what }),
    };
    let advice = Recommendation::of(&tuned.rows).map(|advice| {
        let Recommendation { cheapest, fastest, balanced } = advice;
        json!({ "cheapest": cheapest, "fastest": fastest, "balanced": balanced })
    });
    let prices = json!({
        "region": "us-east-1", "dollarsPerGBSecond": tuned.architecture.gb_second(), "dollarsPerRequest": request(),
    });
    json!({
        "function": tuned.function, "architecture": tuned.architecture.name(), "runs": tuned.runs,
        "memoryMB": tuned.memory_mb, "sizes": tuned.rows.iter().map(size).collect::<Vec<_>>(),
        "recommendation": advice, "prices": prices,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(memory_mb: u32) -> Row {
        let millis = Duration::from_millis;
        let (p50, p95, billed) = (millis(12), millis(123), millis(13));
        let figures = Figures { p50, p95, billed, peak_mb: 40, init: None, million: 0.25 };
        Row { memory_mb, figures: Ok(figures) }
    }

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let rows = [row(128), Row { memory_mb: 10_240, figures: Err("no".to_owned()) }];
        let expected = [
            "  MEMORY       P50     P95    BILLED  COLD START   PEAK  1M CALLS",
            "  128 MB  12.00 ms  123 ms  13.00 ms           -  40 MB    $0.250",
            "10240 MB",
        ];
        assert_eq!(table(&rows, None), expected);
        assert_eq!(table(&rows, Some(200)), expected);
    }

    #[test]
    fn a_narrow_terminal_gets_what_matters_most() {
        let lines = table(&[row(128)], Some(40));
        assert_eq!(lines[0], "MEMORY       P50     P95  1M CALLS", "{lines:?}");
        assert!(table(&[row(128)], Some(10))[0].starts_with("MEMORY"));
        for width in 26..80 {
            assert!(table(&[row(128)], Some(width)).iter().all(|line| line.chars().count() <= width), "{width}");
        }
    }
}
