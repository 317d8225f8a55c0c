//! What CloudWatch is told: `AWS/SQS`, by `QueueName`.

use updraft_kernel::UnixMillis;
use updraft_kernel::ports::{Metric, MetricBatch, MetricsPort, Unit};

use super::counts::Gauge;
use super::place::Spot;

pub(crate) fn sent(port: &dyn MetricsPort, spot: &Spot, now: UnixMillis, sizes: impl Iterator<Item = usize>) {
    let mut metrics: Vec<Metric> = sizes.map(|size| metric("SentMessageSize", Unit::Bytes, size)).collect();
    metrics.push(metric("NumberOfMessagesSent", Unit::Count, metrics.len()));
    record(port, spot, now, metrics);
}

/// How full it is.
pub(crate) fn gauge(port: &dyn MetricsPort, spot: &Spot, now: UnixMillis, gauge: Gauge) {
    let Gauge { counts, oldest } = gauge;
    let age = oldest.map_or(0, |sent| now.since(sent).as_secs());
    let metrics = vec![
        metric("ApproximateNumberOfMessagesVisible", Unit::Count, counts.visible),
        metric("ApproximateNumberOfMessagesNotVisible", Unit::Count, counts.not_visible),
        metric("ApproximateNumberOfMessagesDelayed", Unit::Count, counts.delayed),
        metric("ApproximateAgeOfOldestMessage", Unit::Seconds, usize::try_from(age).unwrap_or(usize::MAX)),
    ];
    record(port, spot, now, metrics);
}

/// None is an empty receive.
pub(crate) fn received(port: &dyn MetricsPort, spot: &Spot, now: UnixMillis, count: usize) {
    let name = if count == 0 { "NumberOfEmptyReceives" } else { "NumberOfMessagesReceived" };
    record(port, spot, now, vec![metric(name, Unit::Count, count.max(1))]);
}

pub(crate) fn deleted(port: &dyn MetricsPort, spot: &Spot, now: UnixMillis, count: usize) {
    if count > 0 {
        record(port, spot, now, vec![metric("NumberOfMessagesDeleted", Unit::Count, count)]);
    }
}

fn metric(name: &'static str, unit: Unit, value: usize) -> Metric {
    Metric { name, unit, value: u32::try_from(value).map_or(f64::MAX, f64::from) }
}

fn record(port: &dyn MetricsPort, spot: &Spot, at: UnixMillis, metrics: Vec<Metric>) {
    port.record(MetricBatch {
        account: spot.name.account.clone(),
        region: spot.name.region.clone(),
        namespace: "AWS/SQS",
        at,
        dimensions: vec![vec![("QueueName", spot.name.name.clone())]],
        metrics,
    });
}
