//! Every key type of this service, with a test of its order. The tag byte is in updraft_store::tags.

pub(crate) mod messages;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, Row, tags};

use crate::model::move_task::MoveTask;
use crate::model::queue::Queue;

/// Kinds of rows within the tag; never reused.
const QUEUE: u8 = 1;
/// Behind it, a queue's number: everything that the queue holds.
const HELD: u8 = 2;
const DELETED: u8 = 3;
const MOVE: u8 = 4;

/// A queue by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) name: &'a str,
}

impl<'a> QueueKey<'a> {
    /// All queues of this account and region whose names begin with this one's.
    pub(crate) fn starting(self) -> KeyRange {
        scope(self.account, self.region, QUEUE).str_starting(self.name)
    }

    pub(crate) fn deleted(self) -> DeletedKey<'a> {
        DeletedKey(self)
    }

    pub(crate) fn move_task(self, started: UnixMillis, id: &'a str) -> MoveKey<'a> {
        MoveKey { queue: self, started, id }
    }

    /// All that move messages out of this queue, in the order in which they started.
    pub(crate) fn move_tasks(self) -> KeyRange {
        scope(self.account, self.region, MOVE).str(self.name).prefix_range()
    }
}

impl Key for QueueKey<'_> {
    type Row = Queue;

    fn encode(&self) -> Bytes {
        scope(self.account, self.region, QUEUE).str(self.name).build()
    }
}

/// The name in a queue's key.
pub(crate) fn name(key: &[u8]) -> Result<String> {
    let mut reader = KeyReader::new(key, tags::SQS)?;
    let (_account, _region, _kind) = (reader.str()?, reader.str()?, reader.u8()?);
    reader.str()
}

/// A name that can't be given to a new queue yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeletedKey<'a>(QueueKey<'a>);

/// When the queue of a name was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deleted {
    pub(crate) at: UnixMillis,
}

impl Row for Deleted {
    const VERSION: u8 = 1;
}

impl Key for DeletedKey<'_> {
    type Row = Deleted;

    fn encode(&self) -> Bytes {
        scope(self.0.account, self.0.region, DELETED).str(self.0.name).build()
    }
}

/// A task that moves messages out of a queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MoveKey<'a> {
    queue: QueueKey<'a>,
    started: UnixMillis,
    id: &'a str,
}

impl Key for MoveKey<'_> {
    type Row = MoveTask;

    fn encode(&self) -> Bytes {
        let QueueKey { account, region, name } = self.queue;
        scope(account, region, MOVE).str(name).millis(self.started).str(self.id).build()
    }
}

/// What every key begins with of what a queue holds: it goes with the queue.
pub(crate) fn held(account: &AccountId, region: &Region, number: u64) -> KeyBuilder {
    scope(account, region, HELD).u64(number)
}

fn scope(account: &AccountId, region: &Region, kind: u8) -> KeyBuilder {
    KeyBuilder::new(tags::SQS).scope(account, region).u8(kind)
}
