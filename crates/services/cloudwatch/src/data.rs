//! What `GetMetricData` is asked, and what each of its queries gives.

use std::collections::{HashMap, HashSet};

use updraft_api_cloudwatch::types::{GetMetricDataInput, MetricDataQuery, MetricStat};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::Tx;

use crate::errors::validation;
use crate::model::label::{Dynamic, Named, dynamic, generated};
use crate::model::math::{Expr, Grid, Known, Line, Value, eval, parse};
use crate::model::series::{Scope, Series};
use crate::model::statistic::Statistic;
use crate::model::unit::Unit;
use crate::model::{datum, query};
use crate::table::{self, Periods, Span};

/// AWS: queries in a request, and values of one.
const MOST_QUERIES: usize = 500;
const MOST_POINTS: i64 = 100_800;

/// A request that can be answered.
#[derive(Debug)]
pub(crate) struct Request {
    queries: Vec<Query>,
    grid: Span,
}

#[derive(Debug)]
struct Query {
    id: String,
    label: Option<String>,
    returned: bool,
    what: What,
}

#[derive(Debug)]
enum What {
    Metric(Box<Measured>),
    Math(Expr),
}

#[derive(Debug)]
struct Measured {
    series: Series,
    stat: String,
    statistic: Statistic,
    unit: Option<Unit>,
    span: Span,
}

impl Measured {
    fn named(&self) -> Named<'_> {
        Named { series: &self.series, stat: &self.stat, period: self.span.period }
    }
}

/// What a query gives; one may give several.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) id: String,
    pub(crate) line: Line,
    /// A code and what it means here.
    pub(crate) message: Option<(&'static str, String)>,
}

impl Request {
    /// # Errors
    /// AWS's, for whatever is wrong with it.
    pub(crate) fn parse(cx: &Ctx, input: GetMetricDataInput) -> Result<Self, AwsError> {
        let asked = (input.start_time, input.end_time);
        if asked.0 >= asked.1 {
            return Err(validation("The parameter StartTime must be less than the parameter EndTime."));
        }
        if input.metric_data_queries.len() > MOST_QUERIES {
            let message = format!("The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}.");
            return Err(validation(message));
        }
        check_ids(&input.metric_data_queries)?;
        let queries = (1..).zip(input.metric_data_queries).map(|(n, query)| Query::parse(cx, n, query, asked));
        let queries = queries.collect::<Result<Vec<_>, _>>()?;
        if !queries.iter().any(|query| query.returned) {
            return Err(validation("At least one of the MetricDataQueries must return data."));
        }
        let spans = queries.iter().filter_map(|query| match &query.what {
            What::Metric(measured) => Some(measured.span),
            What::Math(_) => None,
        });
        let grid = match spans.min_by_key(|span| span.start) {
            Some(span) => span,
            None => spanned(cx, asked, 60, "Period")?,
        };
        Ok(Self { queries, grid })
    }
}

fn spanned(cx: &Ctx, asked: (UnixMillis, UnixMillis), period: i32, name: &str) -> Result<Span, AwsError> {
    let span = query::span(asked.0, asked.1, period, cx.now(), name)?;
    query::check_points(&span, asked, MOST_POINTS)?;
    Ok(span)
}

fn check_ids(queries: &[MetricDataQuery]) -> Result<(), AwsError> {
    let mut seen = HashSet::new();
    for (n, MetricDataQuery { id, .. }) in (1..).zip(queries) {
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !id.starts_with(|c: char| c.is_ascii_lowercase()) || !id.chars().all(legal) {
            return Err(validation(format!(
                "The value {id} for parameter MetricDataQueries.member.{n}.Id is not matching the expected pattern \
                 ^[a-z][a-zA-Z0-9_]*$."
            )));
        }
        if !seen.insert(id) {
            return Err(validation("The values for parameter id in MetricDataQueries are not unique."));
        }
    }
    Ok(())
}

impl Query {
    fn parse(cx: &Ctx, n: usize, query: MetricDataQuery, asked: (UnixMillis, UnixMillis)) -> Result<Self, AwsError> {
        let path = format!("MetricDataQueries.member.{n}");
        let MetricDataQuery { id, metric_stat, expression, label, return_data, .. } = query;
        let what = match (metric_stat, expression) {
            (Some(_), Some(_)) => {
                return Err(validation(format!(
                    "The parameters {path}.Expression and {path}.MetricStat are mutually exclusive and you have specified \
                     both."
                )));
            }
            (None, None) => {
                return Err(validation(format!(
                    "At least one of the parameters {path}.Expression and {path}.MetricStat must be specified."
                )));
            }
            (Some(stat), None) => What::Metric(Box::new(Measured::parse(cx, &path, stat, asked)?)),
            (None, Some(text)) => What::Math(parse(&text).map_err(|wrong| in_expression(&id, &wrong.0))?),
        };
        Ok(Self { id, label, returned: return_data != Some(false), what })
    }
}

fn in_expression(id: &str, what: &str) -> AwsError {
    validation(format!("Error in expression '{id}': {what}"))
}

impl Measured {
    fn parse(cx: &Ctx, path: &str, stat: MetricStat, asked: (UnixMillis, UnixMillis)) -> Result<Self, AwsError> {
        let MetricStat { metric, period, stat, unit } = stat;
        let Some(statistic) = Statistic::parse(&stat) else {
            return Err(validation(format!("The value {stat} for parameter {path}.MetricStat.Stat is not supported.")));
        };
        let missing = |name: &str| validation(format!("The parameter {path}.MetricStat.Metric.{name} is required."));
        let namespace = metric.namespace.ok_or_else(|| missing("Namespace"))?;
        let name = metric.metric_name.ok_or_else(|| missing("MetricName"))?;
        let dimensions = metric.dimensions.unwrap_or_default();
        let dimensions = datum::dimensions(&format!("{path}.MetricStat.Metric."), dimensions)?;
        let span = spanned(cx, asked, period, &format!("{path}.MetricStat.Period"))?;
        let unit = unit.and_then(|unit| Unit::parse(unit.as_str()));
        Ok(Self { series: Series::new(namespace, name, dimensions), stat, statistic, unit, span })
    }
}

/// What the request's queries give, in its order.
///
/// # Errors
/// AWS's, for an expression that gives nothing that can be told; or if the store fails.
pub(crate) async fn answer(tx: &mut Tx, cx: &Ctx, request: &Request) -> Result<Vec<Answered>, AwsError> {
    let measured = |query: &Query| matches!(query.what, What::Metric(_));
    let named: Vec<_> = request.queries.iter().filter_map(|query| query.named()).collect();
    let mut metrics = HashMap::new();
    for query in request.queries.iter().filter(|query| measured(query)) {
        if let What::Metric(what) = &query.what {
            metrics.insert(query.id.as_str(), read(tx, cx, query, what, &named).await?);
        }
    }
    let lines = |query: &Query| Some((query.id.clone(), metrics.get(query.id.as_str())?.line.clone()));
    let lines: Vec<_> = request.queries.iter().filter_map(lines).collect();
    let known = Known {
        grid: Grid { start: request.grid.start, end: request.grid.end },
        metrics: lines.iter().map(|(id, line)| (id.as_str(), line.clone())).collect(),
        expressions: request.queries.iter().filter_map(Query::expression).collect(),
    };
    let mut all = Vec::new();
    for query in request.queries.iter().filter(|query| query.returned) {
        match &query.what {
            What::Metric(_) => all.extend(metrics.remove(query.id.as_str())),
            What::Math(expr) => all.extend(calculated(cx, &known, query, expr)?),
        }
    }
    Ok(all)
}

impl Query {
    fn named(&self) -> Option<Named<'_>> {
        match &self.what {
            What::Metric(measured) => Some(measured.named()),
            What::Math(_) => None,
        }
    }

    fn expression(&self) -> Option<(&str, Expr)> {
        match &self.what {
            What::Metric(_) => None,
            What::Math(expr) => Some((self.id.as_str(), expr.clone())),
        }
    }

    fn labelled(&self, cx: &Ctx, line: Line, generated: &str) -> Line {
        let values: Vec<_> = line.points.values().copied().collect();
        let (account, region) = (cx.account.as_str(), cx.region.as_str());
        let known = Dynamic { generated, named: self.named(), account, region, values: &values };
        let label = self.label.as_deref().map_or_else(|| generated.to_owned(), |label| dynamic(label, &known));
        Line { label, ..line }
    }
}

async fn read(tx: &mut Tx, cx: &Ctx, query: &Query, what: &Measured, all: &[Named<'_>]) -> Result<Answered, AwsError> {
    let scope = Scope::of(cx);
    let mut found = table::periods(tx, &scope, what.series.id(&scope), what.span).await?;
    if let Some(wanted) = what.unit {
        found.retain(|unit, _| *unit == wanted);
    }
    let message = several(&found);
    // AWS: of several units, the first by its name is told.
    let first = found.into_iter().min_by_key(|(unit, _)| unit.as_str());
    let periods = first.map(|(_, periods)| periods).unwrap_or_default();
    let value = |(start, summary)| Some((start, what.statistic.of(&summary)?));
    let points = periods.into_iter().filter_map(value).collect();
    let line = Line { label: String::new(), period: what.span.period, points };
    let line = query.labelled(cx, line, &generated(all, what.named()));
    Ok(Answered { id: query.id.clone(), line, message })
}

/// Recorded: `test_get_metric_data_different_units_no_unit_in_query`.
fn several(found: &Periods) -> Option<(&'static str, String)> {
    let mut units: Vec<_> = found.keys().map(|unit| unit.as_str()).collect();
    units.sort_unstable();
    (units.len() > 1).then(|| ("MultipleUnits", format!("Multiple units returned: '[{}]'", units.join(", "))))
}

fn calculated(cx: &Ctx, known: &Known<'_>, query: &Query, expr: &Expr) -> Result<Vec<Answered>, AwsError> {
    let lines = match eval(known, expr).map_err(|wrong| in_expression(&query.id, &wrong.0))? {
        Value::One(line) => vec![(query.id.clone(), line)],
        Value::Many(all) => all.into_iter().map(|line| (line.label.clone(), line)).collect(),
        Value::Number(_) | Value::Text(_) => {
            return Err(in_expression(&query.id, "The expression must give time series."));
        }
    };
    let answered = |(generated, line): (String, Line)| Answered {
        id: query.id.clone(),
        line: query.labelled(cx, line, &generated),
        message: None,
    };
    Ok(lines.into_iter().map(answered).collect())
}
