//! Calls of versions, and what their reports say.

use std::cell::Cell;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use futures_util::future::try_join_all;
use tokio::sync::Semaphore;
use updraft_kernel::{Clock, SystemClock};

use super::Row;
use super::figures::{Architecture, Figures};
use crate::aws::{Aws, Refusal};
use crate::lambda::{self, Answer, Call};
use crate::out::To;
use crate::report::Report;

/// Calls at the beginning of each size that don't count: the first starts an instance, and the next still fills caches.
const WARMUPS: u32 = 2;
/// The memory in MB that goes with a whole processor.
const PROCESSOR_MB: u32 = 1769;
/// A call that finds no room is tried again, so often and after this.
const TRIES: u32 = 100;
const AGAIN: Duration = Duration::from_millis(100);

/// What is called, and how often.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    pub(super) aws: &'a Aws,
    pub(super) function: &'a str,
    pub(super) payload: Bytes,
    pub(super) runs: u32,
    pub(super) architecture: Architecture,
}

/// How many calls have been made, of how many.
struct Progress {
    made: Cell<u32>,
    of: u32,
}

impl Progress {
    fn step(&self) -> Result<()> {
        self.made.set(self.made.get() + 1);
        Ok(To::Remark.progress(&format!("call {} of {}", self.made.get(), self.of))?)
    }
}

impl Bench<'_> {
    /// As many sizes at a time as this machine has processors for: more would slow each other down.
    pub(super) async fn all(&self, versions: &[(u32, String)]) -> Result<Vec<Row>> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let share = u32::try_from(processors).unwrap_or(1).saturating_mul(PROCESSOR_MB);
        let room = Semaphore::new(usize::try_from(share)?);
        let sizes = u32::try_from(versions.len())?;
        let progress = Progress { made: Cell::new(0), of: sizes * (WARMUPS + self.runs) };
        let each = versions.iter().map(async |(memory_mb, version)| {
            let _taken = room.acquire_many(share.min(*memory_mb)).await?;
            let figures = self.size(version, &progress).await?;
            anyhow::Ok(Row { memory_mb: *memory_mb, figures })
        });
        try_join_all(each).await
    }

    /// One size; or what the function failed with.
    async fn size(&self, version: &str, progress: &Progress) -> Result<Result<Figures, String>> {
        let mut init = None;
        let mut reports = Vec::new();
        for call in 0..WARMUPS + self.runs {
            let answer = self.call(version).await?;
            progress.step()?;
            if let Some(failure) = answer.failure() {
                return Ok(Err(failure));
            }
            let report = answer.log.as_deref().and_then(Report::last).context(
                "the function's log has no report of the call: its SystemLogLevel hides what is measured here; set it \
                 to INFO",
            )?;
            if call < WARMUPS {
                init = init.or(report.init);
            } else {
                reports.push(report);
            }
        }
        let figures = Figures::of(&reports, init, self.architecture);
        Ok(figures.ok_or_else(|| "no call was measured".to_owned()))
    }

    async fn call(&self, version: &str) -> Result<Answer> {
        let clock = SystemClock::new();
        for _ in 0..TRIES {
            let payload = self.payload.clone();
            let call = Call { function: self.function, qualifier: Some(version), payload, event: false, tail: true };
            match lambda::invoke(self.aws, &call).await {
                Err(err) if err.downcast_ref::<Refusal>().is_some_and(|said| said.status == 429) => {
                    clock.pause(AGAIN).await;
                }
                outcome => return outcome,
            }
        }
        Err(anyhow!("there is no room for the function's calls; does it have reserved concurrency?"))
    }
}
