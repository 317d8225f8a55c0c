//! The table.

use anyhow::{Result, bail};
use serde_json::{Value, json};

/// What a ratio, or a value with no reference, must keep.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bar {
    AtMost(f64),
    AtLeast(f64),
    /// Kept for later comparison, not judged.
    Recorded,
}

/// One number of ours, and what it is held against.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    name: String,
    ours: f64,
    unit: Unit,
    against: Vec<Against>,
}

#[derive(Clone, Debug)]
struct Against {
    name: String,
    /// `None`: the bar is for the value itself.
    value: Option<f64>,
    bar: Bar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Micros,
    PerSecond,
    MiB,
    MiBPerSecond,
    Bytes,
}

impl Figure {
    pub(crate) fn new(name: impl Into<String>, ours: f64, unit: Unit) -> Self {
        Self { name: name.into(), ours, unit, against: Vec::new() }
    }

    /// Held against a floor or a peer, measured in the same run.
    pub(crate) fn against(mut self, name: impl Into<String>, value: f64, bar: Bar) -> Self {
        self.against.push(Against { name: name.into(), value: Some(value), bar });
        self
    }

    /// Held against a fixed number in the figure's own unit.
    pub(crate) fn within(mut self, bar: Bar) -> Self {
        self.against.push(Against { name: "–".to_owned(), value: None, bar });
        self
    }
}

impl Against {
    fn measure(&self, ours: f64) -> f64 {
        self.value.map_or(ours, |value| ours / value)
    }

    fn kept(&self, ours: f64) -> Option<bool> {
        match self.bar {
            Bar::AtMost(limit) => Some(self.measure(ours) <= limit),
            Bar::AtLeast(limit) => Some(self.measure(ours) >= limit),
            Bar::Recorded => None,
        }
    }
}

#[derive(Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
    failed: Vec<String>,
}

impl Report {
    pub(crate) fn add(&mut self, figures: Vec<Figure>) {
        self.figures.extend(figures);
    }

    pub(crate) fn fail(&mut self, group: &str, err: &anyhow::Error) {
        eprintln!("  not measured: {err:#}");
        self.failed.push(format!("{group}: {err:#}"));
    }

    /// Missed bars are shown, not failed on: the numbers are for judgement. What couldn't be measured is a failure.
    pub(crate) fn print(&self, as_json: bool) -> Result<()> {
        if as_json {
            println!("{:#}", self.json());
        } else {
            self.table();
        }
        if !self.failed.is_empty() {
            bail!("not measured:\n  {}", self.failed.join("\n  "));
        }
        Ok(())
    }

    fn table(&self) {
        println!("| figure | ours | floor or peer | its value | ratio | bar | |");
        println!("|---|---:|---|---:|---:|---|---|");
        for figure in &self.figures {
            let ours = shown(figure.ours, figure.unit);
            if figure.against.is_empty() {
                println!("| {} | {ours} | – | – | – | recorded | |", figure.name);
            }
            for against in &figure.against {
                println!("| {} | {ours} | {} |", figure.name, cells(figure, against));
            }
        }
    }

    fn json(&self) -> Value {
        let figure = |f: &Figure| {
            let against = f.against.iter().map(|a| json!({ "name": a.name, "value": a.value, "kept": a.kept(f.ours) }));
            json!({ "name": f.name, "ours": f.ours, "unit": format!("{:?}", f.unit), "against": against.collect::<Vec<_>>() })
        };
        json!({ "figures": self.figures.iter().map(figure).collect::<Vec<_>>(), "failed": self.failed })
    }
}

fn cells(figure: &Figure, against: &Against) -> String {
    let value = against.value.map_or("–".to_owned(), |value| shown(value, figure.unit));
    let ratio = against.value.map_or("–".to_owned(), |value| format!("{:.2}", figure.ours / value));
    let times = if against.value.is_some() { "×" } else { "" };
    let bar = match against.bar {
        Bar::AtMost(limit) if against.value.is_none() => format!("≤ {}", shown(limit, figure.unit)),
        Bar::AtMost(limit) => format!("≤ {limit}{times}"),
        Bar::AtLeast(limit) => format!("≥ {limit}{times}"),
        Bar::Recorded => "recorded".to_owned(),
    };
    let verdict = match against.kept(figure.ours) {
        Some(true) => "ok",
        Some(false) => "MISSED",
        None => "",
    };
    format!("{} | {value} | {ratio} | {bar} | {verdict}", against.name)
}

fn shown(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Micros if value >= 10_000.0 => format!("{:.1} ms", value / 1000.0),
        Unit::Micros => format!("{value:.0} µs"),
        Unit::PerSecond => format!("{value:.0}/s"),
        Unit::MiB => format!("{value:.1} MiB"),
        Unit::Bytes => format!("{value:.0} B"),
        Unit::MiBPerSecond => format!("{value:.0} MiB/s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_judge_ratios_where_there_is_a_reference_and_values_where_not() {
        let judged = |figure: &Figure| figure.against[0].kept(figure.ours);
        let figure = Figure::new("f", 30.0, Unit::Micros);
        assert_eq!(judged(&figure.clone().against("floor", 20.0, Bar::AtMost(1.5))), Some(true));
        assert_eq!(judged(&figure.clone().against("floor", 19.0, Bar::AtMost(1.5))), Some(false));
        assert_eq!(judged(&figure.clone().against("peer", 10.0, Bar::AtLeast(3.0))), Some(true));
        assert_eq!(judged(&figure.clone().within(Bar::AtMost(29.0))), Some(false));
        assert_eq!(judged(&figure.within(Bar::Recorded)), None);
    }
}
