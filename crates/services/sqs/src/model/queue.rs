//! A queue, and what its attributes say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;
use updraft_store::Row;

/// A queue as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Queue {
    /// What its messages are found by. Never given again.
    pub(crate) number: u64,
    pub(crate) created: UnixMillis,
    /// Of attributes: `LastModifiedTimestamp`.
    pub(crate) modified: UnixMillis,
    pub(crate) settings: Settings,
    pub(crate) tags: BTreeMap<String, String>,
    /// When it was emptied last.
    pub(crate) purged: Option<UnixMillis>,
}

impl Row for Queue {
    const VERSION: u8 = 1;
}

/// Attributes that can be set, as what they mean. Times in seconds, sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// `VisibilityTimeout`.
    pub(crate) visibility: u32,
    /// `MaximumMessageSize`.
    pub(crate) max_size: u32,
    /// `MessageRetentionPeriod`.
    pub(crate) retention: u32,
    /// `DelaySeconds`.
    pub(crate) delay: u32,
    /// `ReceiveMessageWaitTimeSeconds`.
    pub(crate) wait: u32,
    pub(crate) redrive: Option<Redrive>,
    /// `None`: every queue may name this one.
    pub(crate) redrive_allow: Option<RedriveAllow>,
    /// `None`: a standard queue.
    pub(crate) fifo: Option<Fifo>,
    /// JSON, as it was given.
    pub(crate) policy: Option<String>,
    pub(crate) encryption: Encryption,
}

/// `RedrivePolicy`: where messages go that were received too often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Redrive {
    /// An ARN.
    pub(crate) target: String,
    /// `maxReceiveCount`.
    pub(crate) max_receives: u32,
    /// The policy as it is to be shown again.
    pub(crate) written: String,
}

/// `RedriveAllowPolicy`: whose dead letters this queue takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RedriveAllow {
    pub(crate) who: Allowed,
    /// The policy as it is to be shown again.
    pub(crate) written: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Allowed {
    All,
    None,
    /// ARNs.
    Queues(Vec<String>),
}

/// What only first-in-first-out queues have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fifo {
    /// `ContentBasedDeduplication`.
    pub(crate) by_content: bool,
    /// `DeduplicationScope` is `messageGroup`.
    pub(crate) per_group: bool,
    /// `FifoThroughputLimit` is `perMessageGroupId`.
    pub(crate) limit_per_group: bool,
}

/// Kept and shown; the store itself encrypts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Encryption {
    /// `KmsMasterKeyId`.
    pub(crate) key: Option<String>,
    /// `KmsDataKeyReusePeriodSeconds`.
    pub(crate) reuse: Option<u32>,
    /// `SqsManagedSseEnabled`.
    pub(crate) managed: bool,
}
