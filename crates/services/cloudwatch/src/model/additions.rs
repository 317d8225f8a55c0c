//! [`Additions`]: what waits in memory to be added to the store's rows, one entry per row.

use std::collections::HashMap;
use std::sync::Arc;

use updraft_kernel::UnixMillis;
use updraft_kernel::ports::{Metric, MetricBatch};

use super::level::{Level, seconds};
use super::series::{Scope, Series, SeriesId, series_id};
use super::summary::Summary;
use super::unit::Unit;

/// Values of one metric at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) series: Series,
    pub(crate) unit: Unit,
    pub(crate) level: Level,
    pub(crate) at: UnixMillis,
    pub(crate) summary: Summary,
}

/// Which row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowId {
    pub(crate) id: SeriesId,
    pub(crate) level: Level,
    /// In seconds.
    pub(crate) slot: i64,
    pub(crate) unit: Unit,
}

#[derive(Clone, Debug)]
pub(crate) struct Addition {
    pub(crate) scope: Arc<Scope>,
    pub(crate) series: Arc<Series>,
    /// When the latest of the values was measured.
    pub(crate) last: UnixMillis,
    pub(crate) summary: Summary,
}

#[derive(Debug, Default)]
pub(crate) struct Additions(HashMap<RowId, Addition>);

impl Additions {
    pub(crate) fn add(&mut self, scope: &Scope, sample: Sample) {
        let Sample { series, unit, level, at, summary } = sample;
        let row = RowId { id: series.id(scope), level, slot: level.slot(seconds(at)), unit };
        match self.0.get_mut(&row) {
            Some(known) => {
                known.summary.merge(&summary);
                known.last = known.last.max(at);
            }
            None => {
                let (scope, series) = (Arc::new(scope.clone()), Arc::new(series));
                self.0.insert(row, Addition { scope, series, last: at, summary });
            }
        }
    }

    /// Platform metrics come by the thousands, and are mostly of rows that are known: nothing is copied for those.
    pub(crate) fn add_batch(&mut self, batch: &MetricBatch) {
        let scope = Scope { account: batch.account.clone(), region: batch.region.clone() };
        let slot = Level::Minute.slot(seconds(batch.at));
        for dimensions in &batch.dimensions {
            let mut ordered: Vec<_> = dimensions.iter().map(|(name, value)| (*name, value.as_str())).collect();
            ordered.sort_unstable();
            let row_of = |metric: &Metric| {
                let unit = Unit::parse(metric.unit.as_str()).unwrap_or(Unit::NONE);
                let id = series_id(&scope, batch.namespace, metric.name, ordered.iter().copied());
                RowId { id, level: Level::Minute, slot, unit }
            };
            // Of a batch of messages there is the same metric once for each.
            let mut before: Option<(&Metric, RowId)> = None;
            for metric in &batch.metrics {
                let known = before.filter(|(other, _)| other.name == metric.name && other.unit == metric.unit);
                let row = known.map_or_else(|| row_of(metric), |(_, row)| row);
                before = Some((metric, row));
                match self.0.get_mut(&row) {
                    Some(known) => {
                        known.summary.add(metric.value, 1.0);
                        known.last = known.last.max(batch.at);
                    }
                    None => {
                        let series = series(batch.namespace, metric.name, &ordered);
                        let (scope, summary) = (Arc::new(scope.clone()), Summary::of(metric.value, 1.0));
                        self.0.insert(row, Addition { scope, series: Arc::new(series), last: batch.at, summary });
                    }
                }
            }
        }
    }

    /// Puts back what could not be written.
    pub(crate) fn put_back(&mut self, additions: Vec<(RowId, Addition)>) {
        for (row, addition) in additions {
            match self.0.get_mut(&row) {
                Some(known) => {
                    known.summary.merge(&addition.summary);
                    known.last = known.last.max(addition.last);
                }
                None => drop(self.0.insert(row, addition)),
            }
        }
    }

    /// Everything, in the order in which rows lie.
    pub(crate) fn take(&mut self) -> Vec<(RowId, Addition)> {
        let mut all: Vec<_> = self.0.drain().collect();
        all.sort_unstable_by_key(|(row, _)| *row);
        all
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&Scope) -> bool) {
        self.0.retain(|_, addition| keep(&addition.scope));
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

fn series(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Series {
    let owned = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Series::new(namespace.to_owned(), name.to_owned(), owned)
}

#[cfg(test)]
mod tests {
    use updraft_kernel::ports::{Metric, Unit as PortUnit};
    use updraft_kernel::{AccountId, Region};

    use super::*;

    fn batch(value: f64) -> MetricBatch {
        MetricBatch {
            account: AccountId::local(),
            region: Region::default_region(),
            namespace: "AWS/Lambda",
            at: UnixMillis(90_000),
            dimensions: vec![vec![], vec![("Resource", "f:1".into()), ("FunctionName", "f".into())]],
            metrics: vec![Metric { name: "Duration", unit: PortUnit::Milliseconds, value }],
        }
    }

    #[test]
    fn values_of_one_row_are_added_up() {
        let mut all = Additions::default();
        all.add_batch(&batch(1.0));
        all.add_batch(&batch(3.0));
        let scope = Scope { account: AccountId::local(), region: Region::default_region() };
        let dimensions = vec![("FunctionName".into(), "f".into()), ("Resource".into(), "f:1".into())];
        all.add(
            &scope,
            Sample {
                series: Series::new("AWS/Lambda".into(), "Duration".into(), dimensions),
                unit: Unit::parse("Milliseconds").unwrap(),
                level: Level::Minute,
                at: UnixMillis(119_999),
                summary: Summary::of(5.0, 2.0),
            },
        );
        let mut counts: Vec<_> = all.take().into_iter().map(|(row, a)| (row.slot, a.summary.count, a.last.0)).collect();
        counts.sort_by(|a, b| a.1.total_cmp(&b.1));
        assert_eq!(counts, [(60, 2.0, 90_000), (60, 4.0, 119_999)]);
        assert_eq!(all.len(), 0);
    }

    #[test]
    fn what_is_put_back_is_added_to_what_came_meanwhile() {
        let mut all = Additions::default();
        all.add_batch(&batch(1.0));
        let taken = all.take();
        all.add_batch(&batch(3.0));
        all.put_back(taken);
        assert!(all.take().iter().all(|(_, addition)| addition.summary.sum == 4.0));
    }
}
