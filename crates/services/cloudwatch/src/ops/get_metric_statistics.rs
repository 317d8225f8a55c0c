//! `GetMetricStatistics`.

use std::collections::BTreeMap;

use updraft_api_cloudwatch::types::{Datapoint, GetMetricStatisticsInput, GetMetricStatisticsOutput, StandardUnit};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::StoreExt;

use crate::CloudWatch;
use crate::errors::{invalid_combination, invalid_value};
use crate::model::series::{Scope, Series};
use crate::model::statistic::Statistic;
use crate::model::summary::Summary;
use crate::model::unit::Unit;
use crate::model::{datum, query};
use crate::table;

/// AWS: in one answer.
const MOST_POINTS: i64 = 1_440;

pub(crate) async fn get_metric_statistics(
    svc: &CloudWatch,
    cx: &Ctx,
    input: GetMetricStatisticsInput,
) -> Result<GetMetricStatisticsOutput, AwsError> {
    let wanted = Wanted::parse(&input)?;
    let span = query::span(input.start_time, input.end_time, input.period, cx.now(), "Period")?;
    query::check_points(&span, (input.start_time, input.end_time), MOST_POINTS)?;
    let unit = input.unit.as_ref().and_then(|unit| Unit::parse(unit.as_str()));
    let dimensions = datum::dimensions("", input.dimensions.unwrap_or_default())?;
    let (scope, label) = (Scope::of(cx), input.metric_name.clone());
    let series = Series::new(input.namespace, input.metric_name, dimensions);

    svc.settled().await?;
    let mut tx = svc.store.read().await?;
    let found = table::periods(&mut tx, &scope, series.id(&scope), span).await?;
    let mut points = Vec::new();
    for (known, periods) in found.into_iter().filter(|(known, _)| unit.is_none_or(|unit| unit == *known)) {
        let point = |(start, summary)| wanted.point(start, &summary, known);
        points.extend(periods.into_iter().map(point));
    }
    points.sort_by_key(|point| point.timestamp);
    Ok(GetMetricStatisticsOutput { label: Some(label), datapoints: Some(points) })
}

/// Statistics by their names.
struct Wanted {
    simple: Vec<Statistic>,
    extended: Vec<(String, Statistic)>,
}

impl Wanted {
    fn parse(input: &GetMetricStatisticsInput) -> Result<Self, AwsError> {
        let simple: Vec<_> = input.statistics.iter().flatten().collect();
        let extended: Vec<_> = input.extended_statistics.iter().flatten().collect();
        match (simple.is_empty(), extended.is_empty()) {
            (true, true) => {
                let message = "At least one of the parameters Statistics and ExtendedStatistics must be specified.";
                return Err(invalid_combination(message));
            }
            (false, false) => {
                let message = "The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.";
                return Err(invalid_combination(message));
            }
            _ => {}
        }
        let extended = (1..).zip(extended).map(|(n, name)| match Statistic::extended(name) {
            Some(statistic) => Ok((name.clone(), statistic)),
            None => {
                Err(invalid_value(format!("The value {name} for parameter ExtendedStatistics.member.{n} is invalid.")))
            }
        });
        let extended = extended.collect::<Result<_, _>>()?;
        let simple = simple.into_iter().filter_map(|name| Statistic::simple(name.as_str())).collect();
        Ok(Self { simple, extended })
    }

    fn point(&self, start: i64, summary: &Summary, unit: Unit) -> Datapoint {
        let mut point = Datapoint {
            timestamp: Some(UnixMillis(start.saturating_mul(1000))),
            unit: Some(StandardUnit::from(unit.as_str())),
            ..Datapoint::default()
        };
        for statistic in &self.simple {
            let value = statistic.of(summary);
            match statistic {
                Statistic::SampleCount => point.sample_count = value,
                Statistic::Average => point.average = value,
                Statistic::Sum => point.sum = value,
                Statistic::Minimum => point.minimum = value,
                Statistic::Maximum => point.maximum = value,
                _ => {}
            }
        }
        let extended = |(name, statistic): &(String, Statistic)| Some((name.clone(), statistic.of(summary)?));
        let extended: BTreeMap<_, _> = self.extended.iter().filter_map(extended).collect();
        point.extended_statistics = (!extended.is_empty()).then_some(extended);
        point
    }
}
