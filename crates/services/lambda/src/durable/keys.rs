//! Keys of executions. Under Lambda's: what is looked for by a function's name, and behind each execution's id
//! everything that goes with it, so that one range is the whole of it.

use bytes::Bytes;
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, tags};

use super::arn::ExecutionId;
use super::rows::{
    CheckpointRow, ChunkRow, EventRow, ExecutionRow, NameRow, OperationRow, PendingRow, SequenceRow, Status,
    SummaryRow, UpdatedRow,
};
use crate::model::name::FunctionId;

/// The kind of row, among Lambda's.
const DURABLE: u8 = 32;

const EXECUTION: u8 = 1;
const NAME: u8 = 2;
const STATUS: u8 = 3;

const OPERATION: u8 = 1;
const SEQUENCE: u8 = 2;
const EVENT: u8 = 3;
const DATA: u8 = 4;
const PENDING: u8 = 5;
const UPDATED: u8 = 6;
const CHECKPOINT: u8 = 7;

fn execution(id: &ExecutionId) -> KeyBuilder {
    let scope = KeyBuilder::new(tags::LAMBDA).scope(&id.account, &id.region).u8(DURABLE);
    scope.u8(EXECUTION).str(&id.id)
}

fn function(id: &FunctionId, kind: u8) -> KeyBuilder {
    let scope = KeyBuilder::new(tags::LAMBDA).scope(&id.account, &id.region).u8(DURABLE);
    scope.u8(kind).str(&id.name)
}

pub(crate) struct ExecutionKey<'a>(pub(crate) &'a ExecutionId);

impl ExecutionKey<'_> {
    /// The execution and everything that goes with it.
    pub(crate) fn whole(&self) -> KeyRange {
        execution(self.0).prefix_range()
    }
}

/// Which execution of a function has a name.
pub(crate) struct NameKey<'a>(pub(crate) &'a FunctionId, pub(crate) &'a str);

/// A function's executions by their status and then by when they began: what lists read.
pub(crate) struct StatusKey<'a> {
    pub(crate) function: &'a FunctionId,
    pub(crate) status: Status,
    pub(crate) started: UnixMillis,
    pub(crate) id: &'a str,
}

impl StatusKey<'_> {
    pub(crate) fn all(function_id: &FunctionId, status: Status) -> KeyRange {
        function(function_id, STATUS).u8(status as u8).prefix_range()
    }

    /// Where those begin that started at `at` or later.
    pub(crate) fn from(function_id: &FunctionId, status: Status, at: UnixMillis) -> Bytes {
        function(function_id, STATUS).u8(status as u8).millis(at).build()
    }

    /// # Errors
    /// If it isn't such a key.
    pub(crate) fn read(key: &[u8]) -> Result<(UnixMillis, String), AwsError> {
        let mut reader = KeyReader::new(key, tags::LAMBDA)?;
        skip_to_last(&mut reader)?;
        Ok((reader.millis()?, reader.str()?))
    }
}

/// An operation, by when it was first heard of.
pub(crate) struct OperationKey<'a>(pub(crate) &'a ExecutionId, pub(crate) u64);

impl OperationKey<'_> {
    pub(crate) fn all(id: &ExecutionId) -> KeyRange {
        execution(id).u8(OPERATION).prefix_range()
    }
}

/// The number of the operation that the function names so.
pub(crate) struct SequenceKey<'a>(pub(crate) &'a ExecutionId, pub(crate) &'a str);

/// An event of the history, the first being 1.
pub(crate) struct EventKey<'a>(pub(crate) &'a ExecutionId, pub(crate) u64);

/// A piece of what doesn't fit into the row it belongs to.
pub(crate) struct ChunkKey<'a>(pub(crate) &'a ExecutionId, pub(crate) u64, pub(crate) u64);

impl ChunkKey<'_> {
    pub(crate) fn of(id: &ExecutionId, number: u64) -> KeyRange {
        execution(id).u8(DATA).u64(number).prefix_range()
    }
}

/// An operation that something outside of the function will end.
pub(crate) struct PendingKey<'a>(pub(crate) &'a ExecutionId, pub(crate) u64);

impl PendingKey<'_> {
    pub(crate) fn all(id: &ExecutionId) -> KeyRange {
        execution(id).u8(PENDING).prefix_range()
    }
}

/// An operation that something outside of the function changed.
pub(crate) struct UpdatedKey<'a>(pub(crate) &'a ExecutionId, pub(crate) u64);

impl UpdatedKey<'_> {
    pub(crate) fn all(id: &ExecutionId) -> KeyRange {
        execution(id).u8(UPDATED).prefix_range()
    }
}

/// The last checkpoint, should its client ask again.
pub(crate) struct CheckpointKey<'a>(pub(crate) &'a ExecutionId);

/// Over the account, the region, two kinds, a name and a number.
fn skip_to_last(reader: &mut KeyReader<'_>) -> Result<(), AwsError> {
    for _ in 0..2 {
        reader.str()?;
    }
    for _ in 0..2 {
        reader.u8()?;
    }
    reader.str()?;
    reader.u8()?;
    Ok(())
}

/// The last part of an operation's, an event's or a mark's key.
///
/// # Errors
/// If it isn't such a key.
pub(crate) fn number_of(key: &[u8]) -> Result<u64, AwsError> {
    let mut reader = KeyReader::new(key, tags::LAMBDA)?;
    skip_to_last(&mut reader)?;
    Ok(reader.u64()?)
}

macro_rules! keys {
    ($($key:ident => $row:ident: |$of:ident| $made:expr;)*) => {
        $(impl Key for $key<'_> {
            type Row = $row;

            fn encode(&self) -> Bytes {
                let $of = self;
                $made.build()
            }
        })*
    };
}

keys! {
    ExecutionKey => ExecutionRow: |of| execution(of.0);
    NameKey => NameRow: |of| function(of.0, NAME).str(of.1);
    StatusKey => SummaryRow: |of| function(of.function, STATUS).u8(of.status as u8).millis(of.started).str(of.id);
    OperationKey => OperationRow: |of| execution(of.0).u8(OPERATION).u64(of.1);
    SequenceKey => SequenceRow: |of| execution(of.0).u8(SEQUENCE).str(of.1);
    EventKey => EventRow: |of| execution(of.0).u8(EVENT).u64(of.1);
    ChunkKey => ChunkRow: |of| execution(of.0).u8(DATA).u64(of.1).u64(of.2);
    PendingKey => PendingRow: |of| execution(of.0).u8(PENDING).u64(of.1);
    UpdatedKey => UpdatedRow: |of| execution(of.0).u8(UPDATED).u64(of.1);
    CheckpointKey => CheckpointRow: |of| execution(of.0).u8(CHECKPOINT);
}

#[cfg(test)]
mod tests {
    use updraft_kernel::{AccountId, Region};

    use super::*;

    fn id(id: &str) -> ExecutionId {
        ExecutionId { account: AccountId::local(), region: Region::default_region(), id: id.into() }
    }

    #[test]
    fn operations_and_events_follow_their_numbers() {
        let id = &id("x");
        let (operation, event) = (|n| OperationKey(id, n).encode(), |n| EventKey(id, n).encode());
        assert!(operation(9) < operation(10) && operation(255) < operation(256) && event(99) < event(1000));
        assert!(OperationKey::all(id).contains(&operation(u64::MAX)) && !OperationKey::all(id).contains(&event(1)));
        assert_eq!((number_of(&operation(300)).unwrap(), number_of(&event(2)).unwrap()), (300, 2));
        assert!(ChunkKey::of(id, 1).contains(&ChunkKey(id, 1, 9).encode()));
        assert!(!ChunkKey::of(id, 1).contains(&ChunkKey(id, 11, 0).encode()));
    }

    #[test]
    fn a_whole_execution_is_one_range_and_nobody_elses() {
        let (mine, other) = (id("x"), id("xx"));
        let whole = ExecutionKey(&mine).whole();
        let rows = [
            ExecutionKey(&mine).encode(),
            OperationKey(&mine, 1).encode(),
            SequenceKey(&mine, "op").encode(),
            EventKey(&mine, 1).encode(),
            ChunkKey(&mine, 1, 1).encode(),
            PendingKey(&mine, 1).encode(),
            UpdatedKey(&mine, 1).encode(),
            CheckpointKey(&mine).encode(),
        ];
        assert!(rows.iter().all(|key| whole.contains(key)));
        assert!(!whole.contains(&ExecutionKey(&other).encode()));
        assert!(!whole.contains(&NameKey(&mine.function("x"), "x").encode()));
    }

    #[test]
    fn lists_are_in_the_order_of_their_beginnings() {
        let function = id("x").function("f");
        let key =
            |status, at, id: &str| StatusKey { function: &function, status, started: UnixMillis(at), id }.encode();
        assert!(key(Status::Running, 5, "b") < key(Status::Running, 6, "a"));
        assert!(StatusKey::all(&function, Status::Running).contains(&key(Status::Running, 5, "b")));
        assert!(!StatusKey::all(&function, Status::Running).contains(&key(Status::Failed, 5, "b")));
        assert!(StatusKey::from(&function, Status::Running, UnixMillis(5)) < key(Status::Running, 5, "a"));
        assert_eq!(StatusKey::read(&key(Status::Failed, 7, "b")).unwrap(), (UnixMillis(7), "b".to_owned()));
    }
}
