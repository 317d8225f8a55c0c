//! Keeping what services measure. Implemented over the store; CloudWatch owns it.

use std::fmt;

use crate::clock::UnixMillis;
use crate::{AccountId, Region};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Count,
    Milliseconds,
    Seconds,
    Bytes,
    Percent,
    None,
}

impl Unit {
    /// As CloudWatch writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Seconds => "Seconds",
            Self::Bytes => "Bytes",
            Self::Percent => "Percent",
            Self::None => "None",
        }
    }
}

/// One value of one metric, under each of several sets of dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    pub name: &'static str,
    pub unit: Unit,
    pub value: f64,
}

/// Values measured at one moment about one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricBatch {
    pub account: AccountId,
    pub region: Region,
    /// Such as `AWS/Lambda`.
    pub namespace: &'static str,
    pub at: UnixMillis,
    /// Each value is kept once for each of these sets of names and values.
    pub dimensions: Vec<Vec<(&'static str, String)>>,
    pub metrics: Vec<Metric>,
}

pub trait MetricsPort: Send + Sync + fmt::Debug {
    /// Kept soon, not at once: metrics make nobody wait for the disk.
    fn record(&self, batch: MetricBatch);
}

/// Keeps nothing: for tests that look at nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoMetrics;

impl MetricsPort for NoMetrics {
    fn record(&self, _batch: MetricBatch) {}
}
