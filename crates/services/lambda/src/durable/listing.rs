//! The executions of a function, latest first.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{Key, KeyRange, ScanOptions, Tx};

use super::arn::ExecutionId;
use super::keys::{ExecutionKey, NameKey, StatusKey};
use super::rows::{NameRow, Status, SummaryRow};
use crate::errors::invalid_parameter;
use crate::model::name::FunctionId;

/// Which executions are wanted.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) function: &'a FunctionId,
    pub(crate) statuses: Vec<Status>,
    pub(crate) version: Option<String>,
    pub(crate) name: Option<&'a str>,
    pub(crate) after: Option<UnixMillis>,
    pub(crate) before: Option<UnixMillis>,
    pub(crate) oldest_first: bool,
    /// Those that come later than this one.
    pub(crate) from: Option<Place>,
    pub(crate) limit: usize,
}

/// Where an execution stands in a list.
pub(crate) type Place = (UnixMillis, String);

#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) started: UnixMillis,
    pub(crate) id: String,
    pub(crate) status: Status,
    pub(crate) summary: SummaryRow,
}

pub(crate) fn marker((at, id): &Place) -> String {
    STANDARD.encode(format!("{} {id}", at.0))
}

/// # Errors
/// If it is none.
pub(crate) fn read_marker(marker: &str) -> Result<Place, AwsError> {
    let read = || {
        let text = String::from_utf8(STANDARD.decode(marker).ok()?).ok()?;
        let (at, id) = text.split_once(' ')?;
        Some((UnixMillis(at.parse().ok()?), id.to_owned()))
    };
    read().ok_or_else(|| invalid_parameter("Invalid marker"))
}

/// A page, and where the next one begins, if there is one.
///
/// # Errors
/// If the store fails.
pub(crate) async fn list(tx: &mut Tx, wanted: &Wanted<'_>) -> Result<(Vec<Listed>, Option<Place>), AwsError> {
    let mut found = match wanted.name {
        Some(name) => by_name(tx, wanted, name).await?,
        None => by_status(tx, wanted).await?,
    };
    let more = found.len() > wanted.limit;
    found.truncate(wanted.limit);
    let last = found.last().filter(|_| more).map(|last| (last.started, last.id.clone()));
    Ok((found, last))
}

async fn by_name(tx: &mut Tx, wanted: &Wanted<'_>, name: &str) -> Result<Vec<Listed>, AwsError> {
    let FunctionId { account, region, .. } = wanted.function;
    let Some(NameRow(id)) = tx.row(&NameKey(wanted.function, name)).await? else { return Ok(Vec::new()) };
    let id = ExecutionId { account: account.clone(), region: region.clone(), id };
    let Some(row) = tx.row(&ExecutionKey(&id)).await? else { return Ok(Vec::new()) };
    let key = StatusKey { function: wanted.function, status: row.status, started: row.started, id: &id.id };
    let Some(summary) = tx.row(&key).await? else { return Ok(Vec::new()) };
    let listed = Listed { started: row.started, id: id.id, status: row.status, summary };
    Ok(Some(listed).filter(|listed| wanted.has(listed)).into_iter().collect())
}

/// Of each status as many as a page may need, put in order.
async fn by_status(tx: &mut Tx, wanted: &Wanted<'_>) -> Result<Vec<Listed>, AwsError> {
    let mut all = Vec::new();
    for status in &wanted.statuses {
        all.extend(of_status(tx, wanted, *status).await?);
    }
    all.sort_by(|one, other| (one.started, &one.id).cmp(&(other.started, &other.id)));
    if !wanted.oldest_first {
        all.reverse();
    }
    all.truncate(wanted.limit + 1);
    Ok(all)
}

async fn of_status(tx: &mut Tx, wanted: &Wanted<'_>, status: Status) -> Result<Vec<Listed>, AwsError> {
    let mut range = wanted.range(status);
    let mut found = Vec::new();
    loop {
        let mut options = ScanOptions::limit(wanted.limit + 1);
        options.reverse = !wanted.oldest_first;
        let page = tx.rows::<StatusKey<'_>>(range.clone(), options).await?;
        let resume = page.resume().cloned();
        for (key, summary) in page.rows {
            let (started, id) = StatusKey::read(&key)?;
            let listed = Listed { started, id, status, summary };
            if wanted.has(&listed) {
                found.push(listed);
            }
        }
        match resume.filter(|_| found.len() <= wanted.limit) {
            Some(last) => range = if wanted.oldest_first { range.after(&last) } else { range.before(last) },
            None => return Ok(found),
        }
    }
}

impl Wanted<'_> {
    /// Where the executions of one status are that may be wanted.
    fn range(&self, status: Status) -> KeyRange {
        let mut range = StatusKey::all(self.function, status);
        if let Some(after) = self.after {
            range.start = range.start.max(StatusKey::from(self.function, status, after));
        }
        if let Some(before) = self.before {
            let end = StatusKey::from(self.function, status, UnixMillis(before.0.saturating_add(1)));
            range.end = range.end.min(end);
        }
        if let Some((started, id)) = &self.from {
            let key = StatusKey { function: self.function, status, started: *started, id }.encode();
            range = if self.oldest_first { range.after(&key) } else { range.before(key) };
        }
        range
    }

    fn has(&self, listed: &Listed) -> bool {
        let place = (listed.started, &listed.id);
        let later = |from: &Place| {
            let from = (from.0, &from.1);
            if self.oldest_first { place > from } else { place < from }
        };
        self.statuses.contains(&listed.status)
            && self.version.as_ref().is_none_or(|version| *version == listed.summary.version)
            && self.after.is_none_or(|after| listed.started > after)
            && self.before.is_none_or(|before| listed.started < before)
            && self.from.as_ref().is_none_or(later)
    }
}
