//! Runs of distributed maps as they are kept.

mod redriven;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use updraft_api_states::types::{
    DescribeMapRunOutput, MapRunExecutionCounts, MapRunItemCounts, MapRunListItem, MapRunStatus,
};
use updraft_asl::run::Turn;
use updraft_kernel::UnixMillis;
use updraft_store::Row;

use super::execution::How;
use super::name::{ExecutionId, MapRunId};

pub(crate) use redriven::Redriven;
#[cfg(test)]
pub(crate) use redriven::Share;

/// How a run stands. What changes with each child is here; what doesn't is in its [`PlanRow`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MapRun {
    /// The execution whose state it is.
    pub(crate) parent: ExecutionId,
    pub(crate) turn: Turn,
    pub(crate) started: UnixMillis,
    pub(crate) ended: Option<(UnixMillis, Outcome)>,
    /// 0: without limit.
    pub(crate) concurrency: u64,
    pub(crate) tolerated_count: u64,
    /// Of 100.
    pub(crate) tolerated_percentage: f64,
    /// Where reading goes on; `None`: all has been read.
    pub(crate) cursor: Option<Cursor>,
    pub(crate) executions: Counts,
    pub(crate) items: Counts,
    /// Why no more children are started, and those that run are stopped.
    pub(crate) stopping: Option<Stopping>,
    pub(crate) redriven: Option<Redriven>,
}

impl Row for MapRun {
    const VERSION: u8 = 2;

    /// The first version had no redrives, which are the last part.
    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        const NONE: &[u8] = &[0];
        (version == 1).then(|| postcard::from_bytes(&[body, NONE].concat()).ok()).flatten()
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    Succeeded,
    Failed,
    Aborted,
}

/// Why it comes to an end before all is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stopping {
    /// The execution that it is part of goes on without it, or has ended.
    Aborted,
    /// Error and cause.
    Failed(String, String),
}

/// A place among the items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// How many items came before.
    pub(crate) index: u64,
    /// The next item's byte, or its place in the list or in the page.
    pub(crate) at: u64,
    /// The page's token, or the file of a manifest.
    pub(crate) page: Option<Arc<str>>,
    /// Names of columns, once they are known.
    pub(crate) columns: Option<Arc<Vec<String>>>,
    /// What is read must not change meanwhile.
    pub(crate) etag: Option<Arc<str>>,
}

/// Of children, or of the items that they have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) started: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) timed_out: u64,
    pub(crate) aborted: u64,
    pub(crate) written: u64,
}

impl Counts {
    /// Those of them that wait to be redriven included.
    const fn running(&self) -> u64 {
        self.started - self.succeeded - self.failed - self.timed_out - self.aborted
    }

    pub(crate) const fn ended(&mut self, how: How, many: u64) {
        match how {
            How::Succeeded => self.succeeded += many,
            How::Failed => self.failed += many,
            How::TimedOut => self.timed_out += many,
            How::Aborted => self.aborted += many,
        }
    }
}

/// What is to be done, as JSON: the language's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlanRow(pub(crate) String);

impl Row for PlanRow {
    const VERSION: u8 = 1;
}

/// A child, by its place in the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Child {
    pub(crate) name: String,
    pub(crate) items: u64,
}

impl Row for Child {
    const VERSION: u8 = 1;
}

/// Whose child an execution is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChildOf {
    pub(crate) run: MapRunId,
    pub(crate) index: u64,
    pub(crate) items: u64,
    /// Names of the maps, from the state machine's to the one whose processor it executes.
    pub(crate) path: Vec<String>,
}

impl Row for ChildOf {
    const VERSION: u8 = 1;
}

/// A child has ended, and isn't counted yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) how: How,
    pub(crate) items: u64,
}

impl Row for Ended {
    const VERSION: u8 = 1;
}

impl MapRun {
    /// Whether more has failed than may; shares can be told once all has been read.
    pub(crate) fn fails_too_much(&self) -> bool {
        let failed = self.items.failed + self.items.timed_out;
        let all_read = self.cursor.is_none();
        let by_count = self.tolerated_count > 0 && failed > self.tolerated_count;
        #[expect(clippy::cast_precision_loss, reason = "a share of at most 100,000,000 items")]
        let share = failed as f64 * 100.0 / (self.items.started.max(1)) as f64;
        let by_share = self.tolerated_percentage > 0.0 && all_read && share > self.tolerated_percentage;
        let none = self.tolerated_count == 0 && self.tolerated_percentage <= 0.0;
        by_count || by_share || (none && failed > 0)
    }

    pub(crate) const fn status(&self) -> MapRunStatus {
        match self.ended {
            None => MapRunStatus::Running,
            Some((_, Outcome::Succeeded)) => MapRunStatus::Succeeded,
            Some((_, Outcome::Failed)) => MapRunStatus::Failed,
            Some((_, Outcome::Aborted)) => MapRunStatus::Aborted,
        }
    }

    /// `waiting`: items that are known of and that no child has yet.
    pub(crate) fn described(&self, id: &MapRunId, waiting: u64) -> DescribeMapRunOutput {
        DescribeMapRunOutput {
            map_run_arn: id.arn().to_string(),
            execution_arn: self.parent.arn().to_string(),
            status: self.status(),
            start_date: self.started,
            stop_date: self.ended.map(|(at, _)| at),
            max_concurrency: to_wire(self.concurrency),
            tolerated_failure_percentage: self.tolerated_percentage,
            tolerated_failure_count: to_wire(self.tolerated_count),
            item_counts: self.items_of(waiting),
            execution_counts: self.executions_of(),
            // AWS: of a run that never was redriven, nothing of the kind is told.
            redrive_count: self.redriven.as_ref().map(|redriven| to_wire(u64::from(redriven.count))),
            redrive_date: self.redriven.as_ref().map(|redriven| redriven.at),
        }
    }

    pub(crate) fn listed(&self, id: &MapRunId) -> MapRunListItem {
        MapRunListItem {
            execution_arn: self.parent.arn().to_string(),
            map_run_arn: id.arn().to_string(),
            state_machine_arn: id.machine().arn().to_string(),
            start_date: self.started,
            stop_date: self.ended.map(|(at, _)| at),
        }
    }
}

impl MapRun {
    fn items_of(&self, waiting: u64) -> MapRunItemCounts {
        let (counts, pending) = (self.items, self.pending().items);
        MapRunItemCounts {
            pending: to_wire(waiting),
            running: to_wire(counts.running() - pending),
            succeeded: to_wire(counts.succeeded),
            failed: to_wire(counts.failed),
            timed_out: to_wire(counts.timed_out),
            aborted: to_wire(counts.aborted),
            total: to_wire(counts.started + waiting),
            results_written: to_wire(counts.written),
            failures_not_redrivable: self.redriven.as_ref().map(|redriven| to_wire(redriven.lost.items)),
            pending_redrive: self.redriven.as_ref().map(|_| to_wire(pending)),
        }
    }

    fn executions_of(&self) -> MapRunExecutionCounts {
        let (counts, pending) = (self.executions, self.pending().executions);
        MapRunExecutionCounts {
            pending: 0,
            running: to_wire(counts.running() - pending),
            succeeded: to_wire(counts.succeeded),
            failed: to_wire(counts.failed),
            timed_out: to_wire(counts.timed_out),
            aborted: to_wire(counts.aborted),
            total: to_wire(counts.started),
            results_written: to_wire(counts.written),
            failures_not_redrivable: self.redriven.as_ref().map(|redriven| to_wire(redriven.lost.executions)),
            pending_redrive: self.redriven.as_ref().map(|_| to_wire(pending)),
        }
    }
}

fn to_wire<T: TryFrom<u64> + Default>(count: u64) -> T {
    T::try_from(count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(tolerated_count: u64, tolerated_percentage: f64, failed: u64, all_read: bool) -> MapRun {
        let machine = crate::model::name::tests::machine("m");
        let items = Counts { started: 10, failed, ..Counts::default() };
        MapRun {
            parent: ExecutionId { machine, name: "e".into() },
            turn: Turn { frame: 0, number: 1 },
            started: UnixMillis(0),
            ended: None,
            concurrency: 0,
            tolerated_count,
            tolerated_percentage,
            cursor: (!all_read).then(Cursor::default),
            executions: items,
            items,
            stopping: None,
            redriven: None,
        }
    }

    #[test]
    fn more_may_not_fail_than_is_tolerated() {
        let fails = |count, share, failed, all_read| run(count, share, failed, all_read).fails_too_much();
        assert_eq!([fails(0, 0.0, 0, true), fails(0, 0.0, 1, false)], [false, true]);
        assert_eq!([fails(2, 0.0, 2, false), fails(2, 0.0, 3, false)], [false, true]);
        assert_eq!([fails(0, 20.0, 2, true), fails(0, 20.0, 3, true), fails(0, 20.0, 3, false)], [false, true, false]);
        assert_eq!([fails(5, 20.0, 3, true), fails(2, 50.0, 3, true), fails(0, 100.0, 10, true)], [true, true, false]);
    }
}
