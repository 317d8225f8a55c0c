//! The buckets that timers are spread over, so that many can fire at once, and several nodes share the work.

use updraft_nodes::{Epoch, Lease, Nodes};
use updraft_store::{Result, Topic, Tx};

/// How many buckets there are. Part of the rows' keys: changing it needs a migration.
pub const BUCKETS: u8 = 16;

/// One bucket, as this process sees it.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) number: u8,
    /// Who drains this bucket, among the nodes.
    pub(crate) lease: Lease,
    /// Held while draining: one drain of a bucket at a time keeps it in order and free of conflicts with itself.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

impl Bucket {
    pub(crate) fn all(nodes: &Nodes) -> Vec<Self> {
        let bucket = |number| Self {
            number,
            lease: nodes.lease(&format!("timers/{number}")),
            turn: tokio::sync::Mutex::new(()),
        };
        (0..BUCKETS).map(bucket).collect()
    }

    /// The right to drain it, while this node has it.
    pub(crate) fn mine(&self) -> Option<Mine<'_>> {
        self.lease.held().map(|epoch| Mine { bucket: self, epoch })
    }

    /// Waits for whatever drains it to stop, which it does once the lease isn't held, and lets it go.
    pub(crate) async fn let_go(&self) {
        let _turn = self.turn.lock().await;
        if self.lease.held().is_none() {
            self.lease.release();
        }
    }
}

/// A bucket that this node has, under one epoch of its lease.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mine<'a> {
    pub(crate) bucket: &'a Bucket,
    epoch: Epoch,
}

impl Mine<'_> {
    /// Whether something new may be begun under it.
    pub(crate) fn still(&self) -> bool {
        self.bucket.lease.held() == Some(self.epoch)
    }

    /// Lets `tx` commit only if no other node has the bucket by then.
    pub(crate) async fn fence(&self, tx: &mut Tx) -> Result<()> {
        self.bucket.lease.fence(tx, self.epoch).await
    }
}

/// Where the timer of this id lives. On disks, so it never changes.
pub(crate) fn bucket_of(owner: &str, id: &str) -> u8 {
    let hash = Topic::of(&[owner.as_bytes(), id.as_bytes()]).0;
    u8::try_from(hash % u64::from(BUCKETS)).unwrap_or(0)
}

/// Touched by every transaction that schedules a timer in the bucket.
pub(crate) fn topic(bucket: u8) -> Topic {
    Topic::of(&[b"timers", &[bucket]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_spread_over_all_buckets_and_stay_where_they_are() {
        let used: std::collections::BTreeSet<_> = (0..500).map(|n| bucket_of("owner", &format!("{n}"))).collect();
        assert_eq!(used.len(), usize::from(BUCKETS));
        assert_eq!([bucket_of("owner", "1"), bucket_of("owner", "2"), bucket_of("o", "wner1")], GOLDEN);
    }

    /// Rows on disks depend on these.
    const GOLDEN: [u8; 3] = [4, 15, 15];
}
