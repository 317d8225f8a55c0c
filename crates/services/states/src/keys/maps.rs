//! Runs of distributed maps, and their children.

use bytes::Bytes;
use updraft_kernel::UnixMillis;
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, tags};

use super::{Started, of_execution, of_machine};
use crate::model::map_run::{Child, ChildOf, Ended, MapRun, PlanRow};
use crate::model::name::{ExecutionId, MapRunId};

// What comes behind account and region, as in `keys`.
const RUN: u8 = 30;
const PLAN: u8 = 31;
const OF_EXECUTION: u8 = 32;
const CHILD: u8 = 33;
const CHILD_OF: u8 = 34;
const ENDED: u8 = 35;
const BY_START: u8 = 36;

fn of_run(id: &MapRunId, kind: u8) -> KeyBuilder {
    of_machine(id.machine(), kind).str(id.name())
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct MapRunKey<'a>(pub(crate) &'a MapRunId);

impl Key for MapRunKey<'_> {
    type Row = MapRun;
    fn encode(&self) -> Bytes {
        of_run(self.0, RUN).build()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct PlanKey<'a>(pub(crate) &'a MapRunId);

impl Key for PlanKey<'_> {
    type Row = PlanRow;
    fn encode(&self) -> Bytes {
        of_run(self.0, PLAN).build()
    }
}

/// A run of an execution: the last that was started comes first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunOfKey<'a>(pub(crate) &'a ExecutionId, pub(crate) UnixMillis, pub(crate) &'a MapRunId);

impl Key for RunOfKey<'_> {
    type Row = MapRunId;
    fn encode(&self) -> Bytes {
        of_execution(self.0, OF_EXECUTION).u64(backwards(self.1)).str(&self.2.machine().name).str(self.2.name()).build()
    }
}

impl RunOfKey<'_> {
    pub(crate) fn of_execution(id: &ExecutionId) -> KeyRange {
        of_execution(id, OF_EXECUTION).prefix_range()
    }
}

fn backwards(at: UnixMillis) -> u64 {
    u64::MAX - u64::try_from(at.0).unwrap_or(0)
}

/// A child, in the order of its items.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChildKey<'a>(pub(crate) &'a MapRunId, pub(crate) u64);

impl Key for ChildKey<'_> {
    type Row = Child;
    fn encode(&self) -> Bytes {
        of_run(self.0, CHILD).u64(self.1).build()
    }
}

impl ChildKey<'_> {
    pub(crate) fn of_run(id: &MapRunId) -> KeyRange {
        of_run(id, CHILD).prefix_range()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ChildOfKey<'a>(pub(crate) &'a ExecutionId);

impl Key for ChildOfKey<'_> {
    type Row = ChildOf;
    fn encode(&self) -> Bytes {
        of_execution(self.0, CHILD_OF).build()
    }
}

/// A child that has ended and isn't counted yet: a row of its own, so that those which end at once don't meet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndedKey<'a>(pub(crate) &'a MapRunId, pub(crate) u64);

impl Key for EndedKey<'_> {
    type Row = Ended;
    fn encode(&self) -> Bytes {
        of_run(self.0, ENDED).u64(self.1).build()
    }
}

impl EndedKey<'_> {
    pub(crate) fn of_run(id: &MapRunId) -> KeyRange {
        of_run(id, ENDED).prefix_range()
    }
}

/// A child in the order of lists: the last that was started comes first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfRunKey<'a>(pub(crate) &'a MapRunId, pub(crate) UnixMillis, pub(crate) &'a str);

impl Key for OfRunKey<'_> {
    type Row = Started;
    fn encode(&self) -> Bytes {
        of_run(self.0, BY_START).u64(backwards(self.1)).str(self.2).build()
    }
}

impl OfRunKey<'_> {
    pub(crate) fn of_run(id: &MapRunId) -> KeyRange {
        of_run(id, BY_START).prefix_range()
    }
}

/// When a child was started, and its name.
pub(crate) fn started_of_run(key: &[u8]) -> Result<(UnixMillis, String)> {
    let mut reader = KeyReader::new(key, tags::STATES)?;
    let _scope = (reader.str()?, reader.str()?);
    let _kind = reader.u8()?;
    let _run = (reader.str()?, reader.str()?);
    let at = i64::try_from(u64::MAX - reader.u64()?).unwrap_or(i64::MAX);
    Ok((UnixMillis(at), reader.str()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::name::tests::machine;

    fn run(name: &str) -> MapRunId {
        MapRunId(ExecutionId { machine: machine("m/l"), name: name.into() })
    }

    #[test]
    fn children_come_in_the_order_of_their_items_and_apart_from_those_of_other_runs() {
        let (a, b) = (run("a"), run("ab"));
        let sorted = [ChildKey(&a, 2).encode(), ChildKey(&a, 300).encode(), ChildKey(&b, 1).encode()];
        assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(sorted.iter().filter(|key| ChildKey::of_run(&a).contains(key)).count(), 2);
        assert_eq!(super::super::number(&sorted[1]).unwrap(), 300);
        assert!(!EndedKey::of_run(&a).contains(&sorted[0]));
    }

    #[test]
    fn lists_begin_with_what_was_started_last() {
        let (run, execution) = (run("a"), ExecutionId { machine: machine("m"), name: "e".into() });
        assert!(OfRunKey(&run, UnixMillis(2), "a").encode() < OfRunKey(&run, UnixMillis(1), "b").encode());
        let key = |at| RunOfKey(&execution, UnixMillis(at), &run).encode();
        assert!(key(2) < key(1) && RunOfKey::of_execution(&execution).contains(&key(1)));
    }
}
