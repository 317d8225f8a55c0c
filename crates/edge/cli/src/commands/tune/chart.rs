//! What was found out as a drawing: time and cost over memory.

use std::fmt::Display;

use anyhow::{Error, Result};
use plotters::prelude::*;

use super::Tuned;
use super::figures::{Figures, Recommendation};
use super::show::dollars;

const SIZE: (u32, u32) = (900, 520);
const TIME: RGBColor = RGBColor(0x1f, 0x77, 0xb4);
const COST: RGBColor = RGBColor(0xd6, 0x60, 0x0d);
const ADVICE: RGBColor = RGBColor(0x2c, 0x8a, 0x3c);
/// Room above the highest point.
const HEADROOM: f64 = 1.15;

/// A whole SVG that needs nothing else.
pub(super) fn drawn(tuned: &Tuned<'_>) -> Result<String> {
    let mut svg = String::new();
    draw(tuned, &mut svg).map_err(|err| err.context("the chart can't be drawn"))?;
    Ok(svg)
}

fn wrong(err: impl Display) -> Error {
    Error::msg(err.to_string())
}

/// By size: time in milliseconds, or dollars.
type Points = Vec<(f64, f64)>;

fn points(tuned: &Tuned<'_>, of: fn(&Figures) -> f64) -> Points {
    let measured = tuned.rows.iter().filter_map(|row| Some((row.memory_mb, row.figures.as_ref().ok()?)));
    measured.map(|(size, figures)| (f64::from(size), of(figures))).collect()
}

fn highest(points: &Points) -> f64 {
    points.iter().map(|(_, y)| *y).fold(0.0, f64::max).max(f64::MIN_POSITIVE) * HEADROOM
}

fn draw(tuned: &Tuned<'_>, into: &mut String) -> Result<()> {
    let medians = points(tuned, |figures| figures.p50.as_secs_f64() * 1000.0);
    let slowest = points(tuned, |figures| figures.p95.as_secs_f64() * 1000.0);
    let costs = points(tuned, |figures| figures.million);
    let sizes: Vec<_> = tuned.rows.iter().map(|row| f64::from(row.memory_mb)).collect();
    let (Some(least), Some(most)) = (sizes.first(), sizes.last()) else { return Ok(()) };
    // Sizes double, so their scale is logarithmic; a single one stands in the middle.
    let memory = || (least / 1.2..most * 1.2).log_scale().with_key_points(sizes.clone());

    let area = SVGBackend::with_string(into, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(wrong)?;
    let title = format!("{}: {} calls at each size, {}", tuned.function, tuned.runs, tuned.architecture.name());
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 20))
        .margin(16)
        .x_label_area_size(48)
        .y_label_area_size(72)
        .right_y_label_area_size(72)
        .build_cartesian_2d(memory(), 0.0..highest(&slowest).max(highest(&medians)))
        .map_err(wrong)?
        .set_secondary_coord(memory(), 0.0..highest(&costs));
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("memory in MB")
        .y_desc("milliseconds")
        .x_label_formatter(&|size| format!("{size:.0}"))
        .draw()
        .map_err(wrong)?;
    let axis = &mut chart.configure_secondary_axes();
    axis.y_desc("dollars for a million calls").y_label_formatter(&|amount| dollars(*amount)).draw().map_err(wrong)?;

    for (points, colour, name) in [(&medians, TIME.mix(1.0), "median (p50)"), (&slowest, TIME.mix(0.45), "p95")] {
        let line = LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(3);
        let drawn = chart.draw_series(line).map_err(wrong)?;
        drawn.label(name).legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(2)));
    }
    let line = LineSeries::new(costs.iter().copied(), COST.stroke_width(2)).point_size(3);
    let drawn = chart.draw_secondary_series(line).map_err(wrong)?;
    drawn.label("cost").legend(|(x, y)| PathElement::new([(x, y), (x + 20, y)], COST.stroke_width(2)));
    if let Some(Recommendation { balanced, .. }) = Recommendation::of(&tuned.rows) {
        let x = f64::from(balanced);
        let upright = [(x, 0.0), (x, highest(&slowest).max(highest(&medians)))];
        let drawn = chart.draw_series(DashedLineSeries::new(upright, 4, 4, ADVICE.stroke_width(1))).map_err(wrong)?;
        let name = format!("balanced: {balanced} MB");
        drawn.label(name).legend(|(x, y)| PathElement::new([(x, y), (x + 20, y)], ADVICE.stroke_width(1)));
    }
    let labels = &mut chart.configure_series_labels();
    labels.position(SeriesLabelPosition::UpperMiddle).background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.3));
    labels.draw().map_err(wrong)?;
    area.present().map_err(wrong)
}
