//! A mapping while it is polled: what its poller and its calls share.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;
use updraft_kernel::ports::{Mapping, Metric, MetricBatch, Unit};
use updraft_kernel::{Ctx, Identity, RequestId, RngExt};

use crate::filter::Filters;
use crate::load::Load;
use crate::pollers::Parts;
use crate::scaling::Scaling;
use crate::source::Source;

/// What a mapping that works says.
const OK: &str = "OK";
/// Between two changes of what is said (real time): success and failure may take turns.
const CALM: Duration = Duration::from_secs(1);
/// Who calls functions.
const CALLER: &str = "lambda.amazonaws.com";

#[derive(Debug)]
pub(crate) struct Mapped<S> {
    pub(crate) mapping: Arc<Mapping>,
    pub(crate) source: S,
    pub(crate) parts: Arc<Parts>,
    pub(crate) load: Arc<Load>,
    pub(crate) scaling: Mutex<Scaling>,
    filters: Filters,
    told: Mutex<Told>,
}

/// What `LastProcessingResult` was last made to be.
#[derive(Debug)]
struct Told {
    result: String,
    at: Option<Duration>,
}

impl<S> Mapped<S> {
    /// # Errors
    /// If a filter isn't a pattern.
    pub(crate) fn new(mapping: Arc<Mapping>, source: S, parts: Arc<Parts>, load: Arc<Load>) -> Result<Self, String> {
        let filters = Filters::parse(&mapping.filters)?;
        let scaling = Mutex::new(Scaling::new(mapping.max_concurrency));
        // AWS: a mapping of a queue that has had no trouble says nothing; one of a stream says first that nothing came.
        let first = if mapping.stream.is_some() { "" } else { OK };
        let told = Mutex::new(Told { result: first.to_owned(), at: None });
        Ok(Self { mapping, source, parts, load, scaling, filters, told })
    }

    /// The context of one call.
    pub(crate) fn cx(&self, trace: Option<&str>) -> Ctx {
        let (mapping, parts) = (&self.mapping, &self.parts);
        Ctx {
            identity: Arc::new(Identity::service(mapping.account.clone(), CALLER)),
            account: mapping.account.clone(),
            region: mapping.region.clone(),
            request_id: RequestId::new(parts.rng.uuid()),
            clock: Arc::clone(&parts.clock),
            rng: Arc::clone(&parts.rng),
            endpoint: "".into(),
            trace: trace.map(Arc::from),
            source_ip: None,
            via: None,
        }
    }

    /// Whether the function is to get such a record of a stream: patterns see what the function gets.
    pub(crate) fn passes(&self, event: &Value) -> bool {
        self.filters.take(|| event.clone())
    }

    /// It works.
    pub(crate) async fn fine(&self) {
        self.tell(OK).await;
    }

    pub(crate) async fn problem(&self, what: &str) {
        self.tell(&format!("PROBLEM: {what}")).await;
    }

    async fn tell(&self, result: &str) {
        if !self.told.lock().is_news(result, self.parts.clock.monotonic()) {
            return;
        }
        let Some(mappings) = self.parts.mappings.upgrade() else { return };
        if let Err(err) = mappings.processed(&self.mapping, result).await {
            tracing::warn!(uuid = self.mapping.uuid, error = ?err, "what came of a mapping can't be kept");
        }
    }

    /// For mappings that want to be counted.
    pub(crate) fn count(&self, counts: &[(&'static str, usize)]) {
        let metric = |&(name, value): &(&'static str, usize)| {
            let value = f64::from(u32::try_from(value).unwrap_or(u32::MAX));
            Metric { name, unit: Unit::Count, value }
        };
        let metrics: Vec<_> = counts.iter().filter(|(_, value)| *value > 0).map(metric).collect();
        if !self.mapping.counts || metrics.is_empty() {
            return;
        }
        self.parts.metrics.record(MetricBatch {
            account: self.mapping.account.clone(),
            region: self.mapping.region.clone(),
            namespace: "AWS/Lambda",
            at: self.parts.clock.now(),
            dimensions: vec![vec![("EventSourceMappingUUID", self.mapping.uuid.clone())]],
            metrics,
        });
    }
}

impl<S: Source> Mapped<S> {
    /// Whether the function is to get such a record.
    pub(crate) fn takes(&self, event: &Value) -> bool {
        self.filters.take(|| self.source.seen(event))
    }
}

impl Told {
    fn is_news(&mut self, result: &str, at: Duration) -> bool {
        if self.result == result || self.at.is_some_and(|last| at < last + CALM) {
            return false;
        }
        *self = Self { result: result.to_owned(), at: Some(at) };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_news_is_told_and_not_too_often() {
        let mut told = Told { result: OK.into(), at: None };
        assert!(!told.is_news(OK, Duration::ZERO), "all is well, as it was");
        assert!(told.is_news("PROBLEM: x", Duration::ZERO));
        assert!(!told.is_news("PROBLEM: x", CALM) && !told.is_news(OK, CALM / 2));
        assert!(told.is_news(OK, CALM));
    }
}
