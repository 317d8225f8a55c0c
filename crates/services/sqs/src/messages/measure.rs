//! What CloudWatch is told: `AWS/SQS`, by `QueueName`.

use updraft_kernel::UnixMillis;
use updraft_kernel::ports::{Metric, MetricBatch, MetricsPort, Unit};

use super::counts::{Gauge, Groups};
use super::place::Spot;

/// Those of these sizes, and so many that were told what was told before.
pub(crate) fn sent(
    port: &dyn MetricsPort,
    spot: &Spot,
    now: UnixMillis,
    (sizes, duplicates): (impl Iterator<Item = usize>, usize),
) {
    let mut metrics: Vec<Metric> = sizes.map(|size| metric("SentMessageSize", Unit::Bytes, size)).collect();
    let count = metrics.len();
    if count > 0 {
        metrics.push(metric("NumberOfMessagesSent", Unit::Count, count));
    }
    if duplicates > 0 && spot.is_fifo() {
        metrics.push(metric("NumberOfDeduplicatedSentMessages", Unit::Count, duplicates));
    }
    record(port, spot, now, metrics);
}

/// How full it is.
pub(crate) fn gauge(port: &dyn MetricsPort, spot: &Spot, now: UnixMillis, gauge: Gauge) {
    let Gauge { counts, oldest, groups } = gauge;
    let count = |name, value| metric(name, Unit::Count, value);
    let mut metrics = vec![
        count("ApproximateNumberOfMessagesVisible", counts.visible),
        count("ApproximateNumberOfMessagesNotVisible", counts.not_visible),
        count("ApproximateNumberOfMessagesDelayed", counts.delayed),
        age("ApproximateAgeOfOldestMessage", oldest, now),
    ];
    match groups {
        Groups::None => {}
        Groups::InFlight(groups) => metrics.push(count("ApproximateNumberOfGroupsWithInflightMessages", groups)),
        Groups::Fair(quiet) => metrics.extend([
            count("ApproximateNumberOfNoisyGroups", quiet.noisy_groups),
            count("ApproximateNumberOfMessagesVisibleInQuietGroups", quiet.counts.visible),
            count("ApproximateNumberOfMessagesNotVisibleInQuietGroups", quiet.counts.not_visible),
            count("ApproximateNumberOfMessagesDelayedInQuietGroups", quiet.counts.delayed),
            age("ApproximateAgeOfOldestMessageInQuietGroups", quiet.oldest, now),
        ]),
    }
    record(port, spot, now, metrics);
}

fn age(name: &'static str, oldest: Option<UnixMillis>, now: UnixMillis) -> Metric {
    let seconds = oldest.map_or(0, |sent| now.since(sent).as_secs());
    metric(name, Unit::Seconds, usize::try_from(seconds).unwrap_or(usize::MAX))
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
    if metrics.is_empty() {
        return;
    }
    port.record(MetricBatch {
        account: spot.name.account.clone(),
        region: spot.name.region.clone(),
        namespace: "AWS/SQS",
        at,
        dimensions: vec![vec![("QueueName", spot.name.name.clone())]],
        metrics,
    });
}
