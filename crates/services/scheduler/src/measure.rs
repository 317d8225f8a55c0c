//! What is told to CloudWatch about schedules, under `AWS/Scheduler`.

use updraft_kernel::AwsError;
use updraft_kernel::ports::{Metric, MetricBatch, Unit};

use crate::Scheduler;
use crate::model::occasion::Occasion;

const NAMESPACE: &str = "AWS/Scheduler";

/// A target was called.
pub(crate) fn attempted(svc: &Scheduler, occasion: &Occasion, error: Option<&AwsError>) {
    let failed = error.map(|error| match error.code().status {
        429 => "TargetErrorThrottledCount",
        _ => "TargetErrorCount",
    });
    tell(svc, occasion, ["InvocationAttemptCount"].into_iter().chain(failed));
}

/// An occurrence was given up.
pub(crate) fn dropped(svc: &Scheduler, occasion: &Occasion) {
    tell(svc, occasion, ["InvocationDroppedCount"].into_iter());
}

/// What was given up was, or wasn't, put into the queue for it.
pub(crate) fn buried(svc: &Scheduler, occasion: &Occasion, taken: bool) {
    let name = if taken { "InvocationsSentToDeadLetterCount" } else { "InvocationsFailedToBeSentToDeadLetterCount" };
    tell(svc, occasion, [name].into_iter());
}

fn tell(svc: &Scheduler, occasion: &Occasion, names: impl Iterator<Item = &'static str>) {
    svc.parts.metrics.record(MetricBatch {
        account: occasion.account.clone(),
        region: occasion.region.clone(),
        namespace: NAMESPACE,
        at: svc.parts.clock.now(),
        dimensions: vec![vec![("ScheduleGroup", occasion.group.clone())]],
        metrics: names.map(|name| Metric { name, unit: Unit::Count, value: 1.0 }).collect(),
    });
}
