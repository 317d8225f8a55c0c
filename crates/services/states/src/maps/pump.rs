//! Moves a run on.

use updraft_asl::run::{Selector, Signal};
use updraft_kernel::AwsError;
use updraft_store::{ScanOptions, StoreExt, Tx};

use super::batch::{self, Batch, Wrong};
use super::desk::Papers;
use super::read::Unreadable;
use super::{Kept, child, finish, redrive};
use crate::StepFunctions;
use crate::keys::{ChildKey, EndedKey, ExecutionKey, MapRunKey, number};
use crate::model::map_run::{MapRun, Stopping};
use crate::model::name::{ExecutionId, MapRunId};
use crate::run::{context, signal};

/// AWS: so many children are under way at most, whatever the map says.
const AT_ONCE: u64 = 10_000;

/// So many children are begun, and so many bytes given to them, in one transaction.
pub(super) const MOST: u64 = 50;
const LARGEST: usize = 2 << 20;

/// So many rows are looked at at once.
const PORTION: usize = 500;

/// So often is a turn tried that another transaction was faster than.
const ATTEMPTS: u32 = 50;

/// What comes behind a turn.
pub(super) enum Next {
    Another,
    /// Nothing, until a child ends.
    Wait,
    Over,
}

/// Does all that can be done now. Where somebody is at it already, that one sees to it.
pub(crate) async fn pump(svc: &StepFunctions, run: &MapRunId) -> Result<(), AwsError> {
    let desk = svc.desks.of(run);
    desk.look_again();
    while desk.is_left_to_look() {
        let Some(mut papers) = desk.papers() else { return Ok(()) };
        while desk.is_to_look() {
            turns(svc, run, &mut papers).await?;
        }
    }
    Ok(())
}

async fn turns(svc: &StepFunctions, run: &MapRunId, papers: &mut Papers) -> Result<(), AwsError> {
    let mut attempt = 0;
    loop {
        match turn(svc, run, papers).await {
            Ok(Next::Another) => attempt = 0,
            Ok(Next::Wait) => return Ok(()),
            Ok(Next::Over) => {
                svc.desks.clear(run);
                return Ok(());
            }
            Err(error) if error.is_conflict() && attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

async fn turn(svc: &StepFunctions, run: &MapRunId, papers: &mut Papers) -> Result<Next, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let Some(row) = tx.row(&MapRunKey(run)).await?.filter(|row| row.ended.is_none()) else { return Ok(Next::Over) };
    let ended = ended(&mut tx, run).await?;
    drop(tx);
    if !ended.is_empty() || (row.stopping.is_none() && row.fails_too_much()) {
        return count(svc, run, &ended).await;
    }
    let (running, waits) = (row.running(), row.to_redrive().is_some());
    match (&row.stopping, &row.cursor) {
        (Some(_), _) if running > 0 => stop_children(svc, run).await,
        (stopping, _) if waits && (stopping.is_some() || running < at_once(&row)) => {
            redrive::children(svc, run, &row).await
        }
        _ if waits => Ok(Next::Wait),
        (None, Some(_)) if running < at_once(&row) => start(svc, run, papers, row).await,
        (Some(_), _) | (None, None) if running == 0 => {
            let kept = papers.kept(svc, run).await?;
            finish::finish(svc, run, &kept, &row).await
        }
        _ => Ok(Next::Wait),
    }
}

pub(super) fn at_once(row: &MapRun) -> u64 {
    if row.concurrency == 0 { AT_ONCE } else { row.concurrency.min(AT_ONCE) }
}

fn exceeded() -> Stopping {
    let cause = "The specified tolerated failure threshold was exceeded";
    Stopping::Failed("States.ExceedToleratedFailureThreshold".to_owned(), cause.to_owned())
}

/// Children that have ended and aren't counted: looked for apart, so that those which end meanwhile don't stand in the way.
async fn ended(tx: &mut Tx, run: &MapRunId) -> Result<Vec<u64>, AwsError> {
    let page = tx.rows::<EndedKey<'_>>(EndedKey::of_run(run), ScanOptions::limit(PORTION)).await?;
    page.rows.iter().map(|(key, _)| Ok(number(key)?)).collect()
}

/// Counts them, and stops the run if too many failed.
async fn count(svc: &StepFunctions, run: &MapRunId, ended: &[u64]) -> Result<Next, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let Some(mut row) = tx.row(&MapRunKey(run)).await?.filter(|row| row.ended.is_none()) else { return Ok(Next::Over) };
    let keys: Vec<EndedKey<'_>> = ended.iter().map(|index| EndedKey(run, *index)).collect();
    for (key, found) in keys.iter().zip(tx.row_many(&keys).await?) {
        if let Some(ended) = found {
            row.executions.ended(ended.how, 1);
            row.items.ended(ended.how, ended.items);
            tx.delete_row(key);
        }
    }
    if row.stopping.is_none() && row.fails_too_much() {
        row.stopping = Some(exceeded());
    }
    tx.put_row(&MapRunKey(run), &row)?;
    tx.commit().await?;
    Ok(Next::Another)
}

async fn stop_children(svc: &StepFunctions, run: &MapRunId) -> Result<Next, AwsError> {
    let (mut range, mut stopped) = (ChildKey::of_run(run), false);
    loop {
        let mut tx = svc.parts.store.read().await?;
        let page = tx.rows::<ChildKey<'_>>(range.clone(), ScanOptions::limit(PORTION)).await?;
        let end = page.resume().cloned();
        for (_, child) in page.rows {
            let id = ExecutionId { machine: run.machine().clone(), name: child.name };
            // AWS: Express ones are waited for.
            if id.is_express() {
                continue;
            }
            if tx.row(&ExecutionKey(&id)).await?.is_some_and(|execution| execution.end.is_none()) {
                stopped |= signal(svc, &id, Signal::Stop { error: None, cause: None }).await?;
            }
        }
        match end {
            Some(end) => range = range.after(&end),
            None => return Ok(if stopped { Next::Another } else { Next::Wait }),
        }
    }
}

/// Begins a few children more.
async fn start(svc: &StepFunctions, run: &MapRunId, papers: &mut Papers, seen: MapRun) -> Result<Next, AwsError> {
    let Some(at) = seen.cursor.clone() else { return Ok(Next::Another) };
    let kept = papers.kept(svc, run).await?;
    let batches = batches(svc, papers, (run, &kept), &seen).await;
    let mut tx = svc.parts.store.write().await?;
    let Some(mut row) = tx.row(&MapRunKey(run)).await? else { return Ok(Next::Over) };
    if row.cursor.as_ref() != Some(&at) || row.stopping.is_some() || row.ended.is_some() {
        return Ok(Next::Another);
    }
    match batches {
        Ok((begun, all)) => {
            let used: u64 = begun.iter().map(|batch| batch.items).sum();
            for batch in &begun {
                child::begin(svc, &mut tx, (run, &kept), row.executions.started, batch).await?;
                row.executions.started += 1;
                row.items.started += batch.items;
            }
            row.cursor = if all { None } else { begun.last().map(|last| last.after.clone()).or(Some(at.clone())) };
            tx.put_row(&MapRunKey(run), &row)?;
            tx.commit().await?;
            papers.feed(&at).used(usize::try_from(used).unwrap_or(usize::MAX));
        }
        Err(Wrong::Read(Unreadable::ForNow(error))) => return Err(error),
        Err(wrong) => {
            row.stopping = Some(failed(wrong));
            tx.put_row(&MapRunKey(run), &row)?;
            tx.commit().await?;
        }
    }
    Ok(Next::Another)
}

fn failed(wrong: Wrong) -> Stopping {
    let (error, cause) = match wrong {
        Wrong::Read(Unreadable::Never(cause)) => ("States.ItemReaderFailed".to_owned(), cause),
        Wrong::Read(Unreadable::ForNow(error)) => ("States.ItemReaderFailed".to_owned(), error.to_string()),
        Wrong::Selected(failed) => (failed.error.unwrap_or_default(), failed.cause.unwrap_or_default()),
    };
    Stopping::Failed(error, cause)
}

/// What the next children are given, and whether that is all.
async fn batches(
    svc: &StepFunctions,
    papers: &mut Papers,
    (run, kept): (&MapRunId, &Kept),
    row: &MapRun,
) -> Result<(Vec<Batch>, bool), Wrong> {
    let (cx, room) = (context(svc, &row.parent), at_once(row) - row.running());
    let definition = super::definition(svc, run, kept).await.map_err(Unreadable::ForNow)?;
    let map = super::map_of(&definition, kept).map_err(Unreadable::ForNow)?;
    let (now, rng) = (svc.parts.clock.now().0, &*svc.parts.rng);
    let mut selector = Selector::new(map, &kept.plan, now, rng);
    let feed = papers.feed(row.cursor.as_ref().unwrap_or(&Default::default()));
    let (mut begun, mut taken, mut bytes) = (Vec::new(), 0, 0);
    while (begun.len() as u64) < room.min(MOST) && bytes < LARGEST {
        let of = (svc, &cx, &kept.plan);
        let Some(batch) = batch::next(feed, of, &mut selector, taken).await? else { return Ok((begun, true)) };
        taken += usize::try_from(batch.items).unwrap_or(usize::MAX);
        bytes += batch.input.to_string().len();
        begun.push(batch);
    }
    let all = feed.get((svc, &cx, &kept.plan), taken).await?.is_none();
    Ok((begun, all))
}
