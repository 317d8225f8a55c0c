//! Executions that stand still because somebody wants it.

use std::time::Duration;

use updraft_kernel::{AwsError, UnixMillis};

use super::event::Happened;
use super::rows::{Asked, Pause, Phase, Status};
use super::timers::What;
use super::work::Work;
use crate::errors::conflict;

/// AWS: the longest that any execution takes, paused or not.
const LONGEST: Duration = Duration::from_hours(366 * 24);
/// AWS: for how long a request by the same token is the same request.
pub(crate) const SAME_REQUEST: Duration = Duration::from_mins(15);

impl Work<'_> {
    /// # Errors
    /// If the execution doesn't run.
    pub(crate) async fn pause(&mut self, asked: Asked) -> Result<(), AwsError> {
        if self.is_same(&asked) {
            return Ok(());
        }
        if self.row.status != Status::Running {
            return Err(conflict(format!("The execution can't be paused: its status is {}.", self.word())));
        }
        let (reason, stops_timeout) = (asked.reason.clone(), asked.stops_timeout);
        self.row.pause = Some(Pause { requested: self.now, reason, stops_timeout, began: None, owes: false });
        self.row.asked = Some(asked);
        self.row.status = Status::Pausing;
        match self.row.turn.phase {
            // It goes on to its next checkpoint.
            Phase::Running { .. } => Ok(()),
            Phase::Idle => self.pause_now(false).await,
            // It isn't under way yet, and is owed from now on.
            Phase::Due | Phase::Backoff => {
                self.wait_no_more(What::Invoke).await?;
                self.row.turn.phase = Phase::Idle;
                self.pause_now(true).await
            }
        }
    }

    /// From now on nothing is invoked. `owes`: something would have been.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn pause_now(&mut self, owes: bool) -> Result<(), AwsError> {
        let Some(pause) = &mut self.row.pause else { return Ok(()) };
        (pause.began, pause.owes) = (Some(self.now), pause.owes || owes);
        let (requested, reason, stops_timeout) = (pause.requested, pause.reason.clone(), pause.stops_timeout);
        self.row.status = Status::Paused;
        self.record(None, Happened::ExecutionPaused { requested, reason, stops_timeout })?;
        if stops_timeout { self.wait(What::Timeout, self.last_moment()).await } else { Ok(()) }
    }

    /// # Errors
    /// If the execution isn't paused.
    pub(crate) async fn resume(&mut self, asked: Asked) -> Result<(), AwsError> {
        if self.is_same(&asked) {
            return Ok(());
        }
        let Some(pause) = self.row.pause.take() else {
            return Err(conflict(format!("The execution can't be resumed: its status is {}.", self.word())));
        };
        let reason = asked.reason.clone();
        self.row.asked = Some(asked);
        self.row.status = Status::Running;
        self.start_timeout(&pause).await?;
        if pause.began.is_some() {
            self.record(None, Happened::ExecutionResumed { requested: self.now, reason })?;
        }
        if pause.owes { self.wake().await } else { Ok(()) }
    }

    fn is_same(&self, asked: &Asked) -> bool {
        asked.token.is_some()
            && self.row.asked.as_ref().is_some_and(|before| {
                Asked { at: asked.at, ..before.clone() } == *asked && asked.at.since(before.at) < SAME_REQUEST
            })
    }

    fn word(&self) -> String {
        self.row.status.shown().as_str().to_owned()
    }

    /// Later by as long as the pause took.
    async fn start_timeout(&mut self, pause: &Pause) -> Result<(), AwsError> {
        let Some(began) = pause.began.filter(|_| pause.stops_timeout) else { return Ok(()) };
        self.row.deadline = self.row.deadline.plus(self.now.since(began)).min(self.last_moment());
        self.wait(What::Timeout, self.row.deadline).await
    }

    /// When the execution times out, paused or not.
    fn last_moment(&self) -> UnixMillis {
        self.row.started.plus(LONGEST)
    }

    /// When it times out, as things stand.
    pub(crate) fn expected_timeout(&self) -> Option<UnixMillis> {
        let paused = self.row.pause.as_ref().is_some_and(|pause| pause.stops_timeout && pause.began.is_some());
        self.row.status.is_open().then(|| if paused { self.last_moment() } else { self.row.deadline })
    }
}
