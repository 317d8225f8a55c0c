//! Settings as they are shown: from [`Settings`] to names and texts.

use crate::model::queue::{Allowed, Settings};

/// AWS: what a KMS key has of which nothing was said.
const REUSE: u32 = 300;

/// The attributes that can be set, in the order of their names.
pub(crate) const SETTABLE: [&str; 15] = [
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

/// What only first-in-first-out queues have.
const FIFO: [&str; 4] = ["ContentBasedDeduplication", "DeduplicationScope", "FifoQueue", "FifoThroughputLimit"];

impl Settings {
    /// AWS: a standard queue doesn't know what only others have, even if it is only asked for.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.fifo.is_some() || !FIFO.contains(&name)
    }

    /// The text of an attribute; `None` where this queue has none of it.
    pub(crate) fn shown(&self, name: &str) -> Option<String> {
        let either = |second: bool, [no, yes]: [&str; 2]| Some(if second { yes } else { no }.to_owned());
        match name {
            "VisibilityTimeout" => Some(self.visibility.to_string()),
            "MaximumMessageSize" => Some(self.max_size.to_string()),
            "MessageRetentionPeriod" => Some(self.retention.to_string()),
            "DelaySeconds" => Some(self.delay.to_string()),
            "ReceiveMessageWaitTimeSeconds" => Some(self.wait.to_string()),
            "Policy" => self.policy.clone(),
            "RedrivePolicy" => self.redrive.as_ref().map(|policy| policy.written.clone()),
            "RedriveAllowPolicy" => self.redrive_allow.as_ref().map(|policy| policy.written.clone()),
            "FifoQueue" => self.fifo.as_ref().map(|_| "true".to_owned()),
            "ContentBasedDeduplication" => self.fifo.as_ref().map(|fifo| fifo.by_content.to_string()),
            "DeduplicationScope" => either(self.fifo.as_ref()?.per_group, ["queue", "messageGroup"]),
            "FifoThroughputLimit" => either(self.fifo.as_ref()?.limit_per_group, ["perQueue", "perMessageGroupId"]),
            "KmsMasterKeyId" => self.encryption.key.clone(),
            "KmsDataKeyReusePeriodSeconds" => {
                let reuse = self.encryption.reuse.or_else(|| self.encryption.key.as_ref().map(|_| REUSE));
                reuse.map(|seconds| seconds.to_string())
            }
            "SqsManagedSseEnabled" => Some(self.encryption.managed.to_string()),
            _ => None,
        }
    }

    /// Whether a queue's `RedriveAllowPolicy` lets the queue of this ARN name it.
    pub(crate) fn takes_dead_letters_of(&self, source: &str) -> bool {
        match self.redrive_allow.as_ref().map(|policy| &policy.who) {
            None | Some(Allowed::All) => true,
            Some(Allowed::None) => false,
            Some(Allowed::Queues(arns)) => arns.iter().any(|arn| arn == source),
        }
    }
}
