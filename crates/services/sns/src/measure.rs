//! What is told to CloudWatch about topics, under `AWS/SNS`.

use std::collections::BTreeMap;

use updraft_kernel::UnixMillis;
use updraft_kernel::ports::{Metric, MetricBatch, Unit};

use crate::Sns;
use crate::model::filter::Why;
use crate::model::name::TopicId;

const NAMESPACE: &str = "AWS/SNS";

/// What came of handing messages on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) delivered: u32,
    /// Given up.
    pub(crate) failed: u32,
    pub(crate) filtered_out: BTreeMap<Why, u32>,
    /// To a dead-letter queue.
    pub(crate) redriven: u32,
    pub(crate) not_redriven: u32,
}

impl Tally {
    pub(crate) fn filtered_out(&mut self, why: Why) {
        *self.filtered_out.entry(why).or_default() += 1;
    }
}

/// As each reason to filter is counted by itself, beside `NumberOfNotificationsFilteredOut`.
fn filtered_for(why: Why) -> &'static str {
    match why {
        Why::Attributes => "NumberOfNotificationsFilteredOut-MessageAttributes",
        Why::NoAttributes => "NumberOfNotificationsFilteredOut-NoMessageAttributes",
        Why::InvalidAttributes => "NumberOfNotificationsFilteredOut-InvalidAttributes",
        Why::Body => "NumberOfNotificationsFilteredOut-MessageBody",
        Why::InvalidBody => "NumberOfNotificationsFilteredOut-InvalidMessageBody",
    }
}

/// So many messages, of so many bytes altogether.
pub(crate) fn published(svc: &Sns, topic: &TopicId, at: UnixMillis, (count, size): (usize, usize)) {
    let number = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    if count > 0 {
        let count = metric("NumberOfMessagesPublished", number(count));
        let size = Metric { name: "PublishSize", unit: Unit::Bytes, value: number(size) };
        tell(svc, topic, at, vec![count, size]);
    }
}

pub(crate) fn sent(svc: &Sns, topic: &TopicId, tally: Tally) {
    let all = [
        ("NumberOfNotificationsDelivered", tally.delivered),
        ("NumberOfNotificationsFailed", tally.failed),
        ("NumberOfNotificationsFilteredOut", tally.filtered_out.values().sum()),
        ("NumberOfNotificationsRedrivenToDlq", tally.redriven),
        ("NumberOfNotificationsFailedToRedriveToDlq", tally.not_redriven),
    ];
    let filtered = tally.filtered_out.iter().map(|(why, count)| (filtered_for(*why), *count));
    let counted = all.into_iter().chain(filtered).filter(|(_, count)| *count > 0);
    let metrics: Vec<_> = counted.map(|(name, count)| metric(name, count.into())).collect();
    if !metrics.is_empty() {
        tell(svc, topic, svc.parts.clock.now(), metrics);
    }
}

fn metric(name: &'static str, value: f64) -> Metric {
    Metric { name, unit: Unit::Count, value }
}

fn tell(svc: &Sns, topic: &TopicId, at: UnixMillis, metrics: Vec<Metric>) {
    svc.parts.metrics.record(MetricBatch {
        account: topic.account.clone(),
        region: topic.region.clone(),
        namespace: NAMESPACE,
        at,
        dimensions: vec![vec![("TopicName", topic.name.clone())]],
        metrics,
    });
}
