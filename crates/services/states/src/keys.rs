//! Every key type of this service, with a test of its order. The tag byte is in `updraft_store::tags`.

mod activities;
mod maps;
mod versions;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_asl::run::{FrameId, Turn, ValueId};
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, Row, tags};

use crate::mocks::case::Case;
use crate::model::execution::{EventRow, Execution, FrameRow, ValueRow};
use crate::model::machine::{Machine, Revision};
use crate::model::name::{ExecutionId, MachineId};
use crate::model::redrives::Redrives;

pub(crate) use activities::{ActivityKey, Asked, AskedKey, Wanted, WantedKey, asked};
pub(crate) use maps::{ChildKey, ChildOfKey, EndedKey, MapRunKey, OfRunKey, PlanKey, RunOfKey, started_of_run};
pub(crate) use versions::{
    AliasKey, OriginKey, PublishedKey, TokenOfKey, TokenText, VersionKey, alias_name, of_machine_number,
};

// What comes behind account and region. Never used for anything else.
const MACHINE: u8 = 1;
const REVISION: u8 = 2;
const EXECUTION: u8 = 3;
const BY_START: u8 = 4;
const FRAME: u8 = 5;
const VALUE: u8 = 6;
const EVENT: u8 = 7;
const TOKEN: u8 = 8;
const ACTIVITY: u8 = 9;
const ASKED: u8 = 10;
const WANTED: u8 = 11;
const REDRIVES: u8 = 24;
const CASE: u8 = 25;
const VERSION: u8 = 20;
const PUBLISHED: u8 = 21;
const ALIAS: u8 = 22;
const ORIGIN: u8 = 23;
const TOKEN_OF: u8 = 19;

fn scope(account: &AccountId, region: &Region, kind: u8) -> KeyBuilder {
    KeyBuilder::new(tags::STATES).scope(account, region).u8(kind)
}

fn of_machine(id: &MachineId, kind: u8) -> KeyBuilder {
    scope(&id.account, &id.region, kind).str(&id.name)
}

fn of_execution(id: &ExecutionId, kind: u8) -> KeyBuilder {
    of_machine(&id.machine, kind).str(&id.name)
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct MachineKey<'a>(pub(crate) &'a MachineId);

impl Key for MachineKey<'_> {
    type Row = Machine;
    fn encode(&self) -> Bytes {
        of_machine(self.0, MACHINE).build()
    }
}

impl MachineKey<'_> {
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, MACHINE).prefix_range()
    }
}

/// One of a machine's definitions, by its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RevisionKey<'a>(pub(crate) &'a MachineId, pub(crate) u64);

impl Key for RevisionKey<'_> {
    type Row = Revision;
    fn encode(&self) -> Bytes {
        of_machine(self.0, REVISION).u64(self.1).build()
    }
}

impl RevisionKey<'_> {
    pub(crate) fn of_machine(id: &MachineId) -> KeyRange {
        of_machine(id, REVISION).prefix_range()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ExecutionKey<'a>(pub(crate) &'a ExecutionId);

impl Key for ExecutionKey<'_> {
    type Row = Execution;
    fn encode(&self) -> Bytes {
        of_execution(self.0, EXECUTION).build()
    }
}

/// An execution in the order of lists: the last that was started comes first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByStartKey<'a>(pub(crate) &'a ExecutionId, pub(crate) UnixMillis);

/// There is nothing more to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Started;

impl Row for Started {
    const VERSION: u8 = 1;
}

impl Key for ByStartKey<'_> {
    type Row = Started;
    fn encode(&self) -> Bytes {
        let back = u64::MAX - u64::try_from(self.1.0).unwrap_or(0);
        of_machine(&self.0.machine, BY_START).u64(back).str(&self.0.name).build()
    }
}

impl ByStartKey<'_> {
    pub(crate) fn of_machine(id: &MachineId) -> KeyRange {
        of_machine(id, BY_START).prefix_range()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameKey<'a>(pub(crate) &'a ExecutionId, pub(crate) FrameId);

impl Key for FrameKey<'_> {
    type Row = FrameRow;
    fn encode(&self) -> Bytes {
        of_execution(self.0, FRAME).u64(u64::from(self.1)).build()
    }
}

impl FrameKey<'_> {
    pub(crate) fn of_execution(id: &ExecutionId) -> KeyRange {
        of_execution(id, FRAME).prefix_range()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ValueKey<'a>(pub(crate) &'a ExecutionId, pub(crate) ValueId);

impl Key for ValueKey<'_> {
    type Row = ValueRow;
    fn encode(&self) -> Bytes {
        of_execution(self.0, VALUE).u64(u64::from(self.1)).build()
    }
}

impl ValueKey<'_> {
    pub(crate) fn of_execution(id: &ExecutionId) -> KeyRange {
        of_execution(id, VALUE).prefix_range()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct EventKey<'a>(pub(crate) &'a ExecutionId, pub(crate) u64);

impl Key for EventKey<'_> {
    type Row = EventRow;
    fn encode(&self) -> Bytes {
        of_execution(self.0, EVENT).u64(self.1).build()
    }
}

impl EventKey<'_> {
    pub(crate) fn of_execution(id: &ExecutionId) -> KeyRange {
        of_execution(id, EVENT).prefix_range()
    }
}

/// How often an execution was redriven.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RedrivesKey<'a>(pub(crate) &'a ExecutionId);

impl Key for RedrivesKey<'_> {
    type Row = Redrives;
    fn encode(&self) -> Bytes {
        of_execution(self.0, REDRIVES).build()
    }
}

/// Of an execution that was started for a test case of mocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CaseKey<'a>(pub(crate) &'a ExecutionId);

impl Key for CaseKey<'_> {
    type Row = Case;
    fn encode(&self) -> Bytes {
        of_execution(self.0, CASE).build()
    }
}

/// Who has the token may end the task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) token: &'a str,
}

/// Whose token it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) execution: ExecutionId,
    pub(crate) turn: Turn,
}

impl Row for Token {
    const VERSION: u8 = 1;
}

impl Key for TokenKey<'_> {
    type Row = Token;
    fn encode(&self) -> Bytes {
        scope(self.account, self.region, TOKEN).str(self.token).build()
    }
}

/// The last part of a key of those that end with a number.
pub(crate) fn number(key: &[u8]) -> Result<u64> {
    let mut reader = KeyReader::new(key, tags::STATES)?;
    let _scope = (reader.str()?, reader.str()?);
    let _kind = reader.u8()?;
    let _names = (reader.str()?, reader.str()?);
    reader.u64()
}

/// The machine's name.
pub(crate) fn machine_name(key: &[u8]) -> Result<String> {
    let mut reader = KeyReader::new(key, tags::STATES)?;
    let _scope = (reader.str()?, reader.str()?);
    let _kind = reader.u8()?;
    reader.str()
}

/// When an execution was started, counted backwards, and its name.
pub(crate) fn started(key: &[u8]) -> Result<(u64, String)> {
    let mut reader = KeyReader::new(key, tags::STATES)?;
    let _scope = (reader.str()?, reader.str()?);
    let _kind = reader.u8()?;
    let _machine = reader.str()?;
    Ok((reader.u64()?, reader.str()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(name: &str) -> MachineId {
        MachineId { account: AccountId::local(), region: Region::default_region(), name: name.into() }
    }

    fn execution(of: &str, name: &str) -> ExecutionId {
        ExecutionId { machine: machine(of), name: name.into() }
    }

    #[test]
    fn lists_begin_with_what_was_started_last() {
        let (a, b, c) = (execution("m", "a"), execution("m", "b"), execution("n", "c"));
        let sorted = [
            ByStartKey(&b, UnixMillis(2)).encode(),
            ByStartKey(&a, UnixMillis(1)).encode(),
            ByStartKey(&c, UnixMillis(9)).encode(),
        ];
        assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(sorted.iter().filter(|key| ByStartKey::of_machine(&machine("m")).contains(key)).count(), 2);
        assert_eq!(started(&sorted[0]).unwrap(), (u64::MAX - 2, "b".to_owned()));
    }

    #[test]
    fn events_come_in_their_order_and_apart_from_other_executions() {
        let (a, b) = (execution("m", "a"), execution("m", "ab"));
        let sorted = [EventKey(&a, 2).encode(), EventKey(&a, 300).encode(), EventKey(&b, 1).encode()];
        assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(sorted.iter().filter(|key| EventKey::of_execution(&a).contains(key)).count(), 2);
        assert_eq!(number(&sorted[1]).unwrap(), 300);
        assert_eq!(machine_name(&MachineKey(&machine("m")).encode()).unwrap(), "m");
    }

    #[test]
    fn golden_keys() {
        let shown = |key: &Bytes| key.escape_ascii().to_string();
        let scope = r"\x1c\x02000000000000\x00\x02us-east-1\x00";
        assert_eq!(shown(&MachineKey(&machine("m")).encode()), format!(r"{scope}\x15\x01\x02m\x00"));
    }
}
