//! What is known of a version beside what clients said of it: how far it is replicated, and until when it is restored.
//!
//! In rows of their own, since few versions have any: a bucket that has such rows says so, and all others are spared the
//! look.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{Key, Row, Tx};

use super::keys::ASIDE;
use crate::config::{self, Kind};
use crate::keys::{Numbered, ObjectVersionKey};
use crate::model::bucket::Bucket;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Aside {
    pub(crate) replication: Option<Replication>,
    pub(crate) restore: Option<Restore>,
}

impl Row for Aside {
    const VERSION: u8 = 1;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Replication {
    /// It came from another bucket.
    Replica,
    /// It goes to these.
    To(Vec<Way>),
}

/// On its way to a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Way {
    /// The bucket's name.
    pub(crate) to: String,
    pub(crate) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Pending,
    Completed,
    Failed,
}

/// A copy that can be read of what is archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Restore {
    /// From then on.
    pub(crate) ready: UnixMillis,
    /// Until then.
    pub(crate) until: UnixMillis,
    /// It is there, and that was told.
    pub(crate) done: bool,
}

/// Beside a version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AsideKey<'a>(pub(crate) ObjectVersionKey<'a>);

impl Key for AsideKey<'_> {
    type Row = Aside;

    fn encode(&self) -> Bytes {
        self.0.bucket.beside().u8(ASIDE).str(self.0.key).u64(self.0.version).build()
    }
}

fn key<'a>(bucket: &'a Bucket, (key, order): (&'a str, u64)) -> AsideKey<'a> {
    AsideKey(ObjectVersionKey { bucket: Numbered::of(bucket), key, version: order })
}

/// What is known of a version; nothing, mostly.
///
/// # Errors
/// If the store fails.
pub(crate) async fn of(tx: &mut Tx, bucket: &Bucket, place: (&str, u64)) -> Result<Aside, AwsError> {
    if !bucket.has(Kind::Aside) {
        return Ok(Aside::default());
    }
    Ok(tx.row(&key(bucket, place)).await?.unwrap_or_default())
}

/// # Errors
/// If a row can't be encoded.
pub(crate) async fn put(tx: &mut Tx, bucket: &Bucket, place: (&str, u64), aside: &Aside) -> Result<(), AwsError> {
    tx.put_row(&key(bucket, place), aside)?;
    config::mark(tx, bucket, Kind::Aside).await
}

/// With its version.
pub(crate) fn remove(tx: &mut Tx, bucket: &Bucket, place: (&str, u64)) {
    if bucket.has(Kind::Aside) {
        tx.delete_row(&key(bucket, place));
    }
}

impl Aside {
    /// `x-amz-replication-status`.
    pub(crate) fn replication_status(&self) -> Option<&'static str> {
        Some(match self.replication.as_ref()? {
            Replication::Replica => "REPLICA",
            Replication::To(ways) if ways.iter().any(|way| way.state == State::Failed) => "FAILED",
            Replication::To(ways) if ways.iter().any(|way| way.state == State::Pending) => "PENDING",
            Replication::To(_) => "COMPLETED",
        })
    }

    /// The replication to a bucket has come that far. `false`: nothing was known of one.
    pub(crate) fn reached(&mut self, to: &str, state: State) -> bool {
        let Some(Replication::To(ways)) = &mut self.replication else { return false };
        let way = ways.iter_mut().find(|way| way.to == to);
        way.map(|way| way.state = state).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::golden;

    #[test]
    fn golden_asides() {
        let way = |state| Way { to: "b".into(), state };
        let ways = vec![way(State::Pending), way(State::Completed), way(State::Failed)];
        let restore = Restore { ready: UnixMillis(1), until: UnixMillis(2), done: true };
        let aside = Aside { replication: Some(Replication::To(ways)), restore: Some(restore) };
        golden(&aside, r"\x01\x01\x01\x03\x01b\x00\x01b\x01\x01b\x02\x01\x02\x04\x01");
        golden(&Aside { replication: Some(Replication::Replica), restore: None }, r"\x01\x01\x00\x00");
    }

    #[test]
    fn a_version_is_replicated_once_it_is_everywhere() {
        let way = |to: &str| Way { to: to.into(), state: State::Pending };
        let mut aside = Aside { replication: Some(Replication::To(vec![way("a"), way("b")])), restore: None };
        assert!(aside.reached("a", State::Completed));
        assert_eq!(aside.replication_status(), Some("PENDING"));
        assert!(aside.reached("b", State::Completed));
        assert_eq!(aside.replication_status(), Some("COMPLETED"));
        assert!(aside.reached("b", State::Failed) && !aside.reached("c", State::Failed));
        assert_eq!(aside.replication_status(), Some("FAILED"));
        assert_eq!(Aside::default().replication_status(), None);
    }
}
