//! Keeping what functions print. Implemented over the store; CloudWatch Logs will own it.

use std::fmt;

use crate::clock::UnixMillis;
use crate::{AccountId, AwsError, BoxFuture, Region};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub at: UnixMillis,
    pub message: String,
}

/// Which lines are wanted, oldest first.
#[derive(Clone, Debug)]
pub struct LogQuery {
    pub account: AccountId,
    pub region: Region,
    /// Such as `/aws/lambda/name`.
    pub group: String,
    pub from: UnixMillis,
    pub limit: usize,
    /// Where the last page ended.
    pub after: Option<Vec<u8>>,
}

#[derive(Clone, Debug, Default)]
pub struct LogPage {
    /// Stream name and line.
    pub lines: Vec<(String, LogLine)>,
    /// Hand it back in [`LogQuery::after`] for what follows.
    pub next: Option<Vec<u8>>,
}

/// Lines of one stream, to be kept.
#[derive(Clone, Debug)]
pub struct LogBatch {
    pub account: AccountId,
    pub region: Region,
    pub group: String,
    pub stream: String,
    pub lines: Vec<LogLine>,
}

pub trait LogsPort: Send + Sync + fmt::Debug {
    /// Kept soon, not at once: logs don't make an invocation wait for the disk.
    fn append(&self, batch: LogBatch);
    fn read<'a>(&'a self, query: LogQuery) -> BoxFuture<'a, Result<LogPage, AwsError>>;
    /// Completes when there may be new lines in the group of `query` since this was called: to be called before the
    /// read whose end is waited for. Where there is no way to tell, it never does.
    fn changed(&self, query: &LogQuery) -> BoxFuture<'static, ()> {
        let _ = query;
        Box::pin(std::future::pending())
    }
}

/// Keeps nothing: for tests that look at nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoLogs;

impl LogsPort for NoLogs {
    fn append(&self, _batch: LogBatch) {}

    fn read<'a>(&'a self, _query: LogQuery) -> BoxFuture<'a, Result<LogPage, AwsError>> {
        Box::pin(std::future::ready(Ok(LogPage::default())))
    }
}
