//! What is told to CloudWatch about calls, under `AWS/Lambda`.

use std::time::Duration;

use updraft_kernel::ports::{FunctionSpec, Metric, MetricBatch, MetricsPort, RunOutcome, Unit, Usage};
use updraft_kernel::{AccountId, Region, UnixMillis};

const NAMESPACE: &str = "AWS/Lambda";

type Dimensions = Vec<(&'static str, String)>;

/// Whom something is measured of: a version, and the qualifier that it was called by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) function: &'a str,
    pub(crate) qualifier: Option<&'a str>,
    pub(crate) version: &'a str,
    /// AWS: when it was called, not when it ended.
    pub(crate) at: UnixMillis,
}

impl<'a> Subject<'a> {
    pub(crate) fn of(spec: &'a FunctionSpec, qualifier: Option<&'a str>, at: UnixMillis) -> Self {
        let FunctionSpec { account, region, name, version, .. } = spec;
        Self { account, region, function: name, qualifier, version, at }
    }

    /// The function; what was called; and, where that was an alias, the version which ran.
    fn dimensions(&self) -> Vec<Dimensions> {
        let function = || ("FunctionName", self.function.to_owned());
        let resource = || match self.qualifier {
            Some(qualifier) => ("Resource", format!("{}:{qualifier}", self.function)),
            None => ("Resource", self.function.to_owned()),
        };
        let mut sets = vec![vec![function()], vec![function(), resource()]];
        if self.qualifier.is_some_and(|qualifier| qualifier != self.version) {
            sets.push(vec![function(), resource(), ("ExecutedVersion", self.version.to_owned())]);
        }
        sets
    }

    fn batch(&self, dimensions: Vec<Dimensions>, metrics: Vec<Metric>) -> MetricBatch {
        let (account, region) = (self.account.clone(), self.region.clone());
        MetricBatch { account, region, namespace: NAMESPACE, at: self.at, dimensions, metrics }
    }

    /// Of the function and of all functions together.
    pub(crate) fn tell(&self, port: &dyn MetricsPort, metrics: Vec<Metric>) {
        let mut dimensions = self.dimensions();
        dimensions.push(Vec::new());
        port.record(self.batch(dimensions, metrics));
    }

    /// A call that was carried out.
    pub(crate) fn ran(&self, port: &dyn MetricsPort, outcome: &RunOutcome) {
        let Usage { concurrency, .. } = outcome.usage;
        let mut all = called(outcome);
        let mut own = all.clone();
        own.push(count("ConcurrentExecutions", concurrency.function.into()));
        own.extend(provisioned(&outcome.usage));
        all.push(count("ConcurrentExecutions", concurrency.account.into()));
        all.push(count("UnreservedConcurrentExecutions", concurrency.unreserved.into()));
        port.record(self.batch(self.dimensions(), own));
        port.record(self.batch(vec![Vec::new()], all));
    }

    /// A call that found no room.
    pub(crate) fn throttled(&self, port: &dyn MetricsPort) {
        self.tell(port, vec![count("Throttles", 1.0)]);
    }
}

fn called(outcome: &RunOutcome) -> Vec<Metric> {
    let Usage { duration, init, .. } = outcome.usage;
    // Room for what is added to it.
    let mut metrics = Vec::with_capacity(10);
    metrics.push(count("Invocations", 1.0));
    metrics.push(count("Errors", if outcome.error.is_some() { 1.0 } else { 0.0 }));
    metrics.push(count("Throttles", 0.0));
    metrics.push(millis("Duration", duration));
    metrics.extend(init.map(|init| millis("InitDuration", init)));
    metrics
}

/// Where instances are started ahead.
fn provisioned(usage: &Usage) -> impl Iterator<Item = Metric> {
    let (there, busy) = (usage.concurrency.provisioned, usage.concurrency.provisioned_busy);
    let (on, beside) = if usage.provisioned { (1.0, 0.0) } else { (0.0, 1.0) };
    let share = f64::from(busy) / f64::from(there.max(1));
    let metrics = [
        count("ProvisionedConcurrentExecutions", busy.into()),
        count("ProvisionedConcurrencyInvocations", on),
        count("ProvisionedConcurrencySpilloverInvocations", beside),
        Metric { name: "ProvisionedConcurrencyUtilization", unit: Unit::None, value: share },
    ];
    metrics.into_iter().filter(move |_| there > 0)
}

pub(crate) fn count(name: &'static str, value: f64) -> Metric {
    Metric { name, unit: Unit::Count, value }
}

pub(crate) fn millis(name: &'static str, span: Duration) -> Metric {
    Metric { name, unit: Unit::Milliseconds, value: span.as_secs_f64() * 1000.0 }
}
