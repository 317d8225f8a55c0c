//! What is counted about every request, in one place, and how it is shown to Prometheus.

use std::time::Duration;

use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry, TextEncoder};

/// Upper bounds of the latency buckets, in seconds: from a memory read to a function's time-out.
const BUCKETS: [f64; 14] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0, 900.0];

/// Counters of the gateway.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    latency: HistogramVec,
    retries: IntCounter,
    panics: IntCounter,
}

impl Metrics {
    /// # Errors
    /// If two of the metrics had one name, which a test rules out.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("updraft_requests_total", "Requests by service, operation and status class."),
            &["service", "operation", "status"],
        )?;
        let latency = HistogramVec::new(
            HistogramOpts::new("updraft_request_seconds", "Time from the request's head to its answer.")
                .buckets(BUCKETS.to_vec()),
            &["service", "operation"],
        )?;
        let retries = IntCounter::new("updraft_conflict_retries_total", "Operations run again after a conflict.")?;
        let panics = IntCounter::new("updraft_panics_total", "Panics caught; each is a bug.")?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(latency.clone()))?;
        registry.register(Box::new(retries.clone()))?;
        registry.register(Box::new(panics.clone()))?;
        Ok(Self { registry, requests, latency, retries, panics })
    }

    pub fn observe(&self, service: &str, operation: &str, status: u16, took: Duration) {
        let class = match status / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        self.requests.with_label_values(&[service, operation, class]).inc();
        self.latency.with_label_values(&[service, operation]).observe(took.as_secs_f64());
    }

    pub fn retried(&self) {
        self.retries.inc();
    }

    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// How many panics were caught since the start.
    #[must_use]
    pub fn panics(&self) -> u64 {
        self.panics.get()
    }

    /// In Prometheus' text format.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if let Err(err) = TextEncoder::new().encode(&self.registry.gather(), &mut out) {
            tracing::error!(error = %err, "the metrics could not be encoded");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_observed_is_shown() {
        let metrics = Metrics::new().unwrap();
        metrics.observe("dynamodb", "PutItem", 200, Duration::from_millis(2));
        metrics.observe("dynamodb", "PutItem", 400, Duration::from_millis(2));
        let text = String::from_utf8(metrics.text()).unwrap();
        assert!(
            text.contains(r#"updraft_requests_total{operation="PutItem",service="dynamodb",status="4xx"} 1"#),
            "{text}"
        );
        assert!(text.contains(r#"updraft_request_seconds_count{operation="PutItem",service="dynamodb"} 2"#), "{text}");
    }
}
