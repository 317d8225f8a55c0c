//! What is told to CloudWatch about rules, under `AWS/Events`.

use updraft_kernel::Ctx;
use updraft_kernel::ports::{Metric, MetricBatch, Unit};

use crate::EventBridge;
use crate::model::name::RuleId;

const NAMESPACE: &str = "AWS/Events";

/// What came of handing something on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Tried, for the first time or again.
    pub(crate) attempts: u32,
    pub(crate) retries: u32,
    pub(crate) delivered: u32,
    /// Given up.
    pub(crate) failed: u32,
    /// To a dead-letter queue.
    pub(crate) buried: u32,
    pub(crate) not_buried: u32,
}

/// Of one request: entries, those that weren't taken, and bytes.
pub(crate) fn put(svc: &EventBridge, cx: &Ctx, (entries, failed, size): (usize, usize, usize)) {
    let number = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let metrics = vec![
        count("PutEventsApproximateCallCount", 1.0),
        count("PutEventsEntriesCount", number(entries)),
        count("PutEventsFailedEntriesCount", number(failed)),
        Metric { name: "PutEventsRequestSize", unit: Unit::Bytes, value: number(size) },
    ];
    svc.parts.metrics.record(MetricBatch {
        account: cx.account.clone(),
        region: cx.region.clone(),
        namespace: NAMESPACE,
        at: cx.now(),
        dimensions: vec![vec![]],
        metrics,
    });
}

/// An event matched a rule of so many targets.
pub(crate) fn matched(svc: &EventBridge, rule: &RuleId, targets: usize) {
    let mut metrics = vec![count("MatchedEvents", 1.0), count("TriggeredRules", 1.0)];
    if targets > 0 {
        metrics.push(count("Invocations", f64::from(u32::try_from(targets).unwrap_or(u32::MAX))));
    }
    tell(svc, rule, metrics);
}

pub(crate) fn sent(svc: &EventBridge, rule: &RuleId, tally: Tally) {
    let all = [
        ("InvocationAttempts", tally.attempts),
        ("RetryInvocationAttempts", tally.retries),
        ("SuccessfulInvocationAttempts", tally.delivered),
        ("FailedInvocations", tally.failed),
        ("InvocationsSentToDlq", tally.buried),
        ("InvocationsFailedToBeSentToDlq", tally.not_buried),
    ];
    let metrics: Vec<_> =
        all.into_iter().filter(|(_, times)| *times > 0).map(|(name, times)| count(name, times.into())).collect();
    if !metrics.is_empty() {
        tell(svc, rule, metrics);
    }
}

fn count(name: &'static str, value: f64) -> Metric {
    Metric { name, unit: Unit::Count, value }
}

/// AWS: a rule of the default bus is known by its name alone.
fn tell(svc: &EventBridge, rule: &RuleId, metrics: Vec<Metric>) {
    let name = ("RuleName", rule.name.clone());
    let dimensions =
        if rule.bus.is_default() { vec![name] } else { vec![("EventBusName", rule.bus.name.clone()), name] };
    svc.parts.metrics.record(MetricBatch {
        account: rule.bus.account.clone(),
        region: rule.bus.region.clone(),
        namespace: NAMESPACE,
        at: svc.parts.clock.now(),
        dimensions: vec![dimensions],
        metrics,
    });
}
