//! Disks that fail while the workload runs: it has to notice, and nothing it acknowledged may be missing afterwards.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::cuts::{Counts, Cuts, last_events, record_workload};
use super::store::StoreSubject;
use super::{Plan, Subject, blobs};
use crate::trace::{Event, Target};
use crate::tracer::{Fault, Faults, Recording};
use crate::workload::Kind;

/// Where fjall has its tables.
const TABLES: &str = "keyspaces";

/// Lets every `stride`th call fail that can, one run each, until there are no more such calls.
///
/// # Errors
/// If something acknowledged is lost, or a failure goes unnoticed.
pub(crate) fn faults(plan: Plan, fault: Fault, lasting: bool, stride: usize) -> Result<Counts> {
    match plan.kind {
        Kind::Blobs => each(plan, &blobs::BlobsSubject { engine: plan.engine }, (fault, lasting, stride)),
        _ => each(plan, &StoreSubject::new(plan), (fault, lasting, stride)),
    }
}

fn each<S: Subject>(plan: Plan, subject: &S, (fault, lasting, stride): (Fault, bool, usize)) -> Result<Counts> {
    let mut counts = Counts::default();
    for nth in (1..).step_by(stride.max(1)) {
        let (recording, _folder) = record_workload(plan, Faults::at(fault, nth, lasting))?;
        if recording.struck == 0 {
            break;
        }
        let told =
            || format!("{fault:?} at the {nth}th call that can{}", if lasting { " and all later ones" } else { "" });
        let at = || last_events(&recording, recording.struck_at() + 2);
        check(&recording, fault).with_context(at).with_context(told)?;
        let end = recording.events.len().saturating_sub(1);
        let from = if fault == Fault::Sync { recording.struck_at() } else { end };
        counts.add(Cuts { subject, seeds: plan.seeds, from, every: 1 }.check(&recording).with_context(told)?);
        counts.faults += 1;
    }
    Ok(counts)
}

/// A process that goes on after half a write is right; one that ends well after a failure has hidden it.
fn check(recording: &Recording, fault: Fault) -> Result<()> {
    let well = recording.exit == 0;
    if fault == Fault::Short {
        ensure!(well, "the process ended with {}", recording.exit);
    } else {
        ensure!(!well || is_nobodys(recording), "the process ended as if nothing had happened");
    }
    Ok(())
}

/// Nothing was under way when it failed: no promise before it, as in opening for the first time, or none after it. Or
/// it met the engine's tables, whose rows are in its journal as well for as long as the table isn't synced: work of the
/// background, which nobody waits for. Whether that is true the cuts tell: the disk has forgotten what wasn't synced.
fn is_nobodys(recording: &Recording) -> bool {
    let (before, after) = recording.events.split_at(recording.struck_at());
    let promised = |events: &[Event]| events.iter().any(|event| matches!(event, Event::Said(_)));
    !promised(before) || !promised(after) || had_nothing_to_do(recording) || met_tables_only(recording)
}

/// All that failed was of the engine's tables.
fn met_tables_only(recording: &Recording) -> bool {
    let refused = recording.events.iter().filter_map(|event| match event {
        Event::Refused(path) => Some(path.as_path()),
        _ => None,
    });
    let mut failed = refused.chain(unsynced(recording)).peekable();
    failed.peek().is_some() && failed.all(|path| path.components().any(|part| part.as_os_str() == TABLES))
}

/// The sync that failed was of a file that had been synced since it was written: one in passing, as at closing.
fn had_nothing_to_do(recording: &Recording) -> bool {
    let Some(Event::SyncBegins { target: Target::File(meant), .. }) = recording.events.get(recording.struck_at() - 1)
    else {
        return false;
    };
    let before = recording.events.iter().take(recording.struck_at() - 1).rev();
    let last = before.filter_map(|event| match event {
        Event::Write { file, .. } | Event::Resize { file, .. } if file == meant => Some(false),
        Event::SyncBegins { target: Target::File(file), .. } if file == meant => Some(true),
        _ => None,
    });
    last.take(1).eq([true])
}

/// What the first sync was to make durable that failed.
pub(crate) fn unsynced(recording: &Recording) -> Option<&Path> {
    let failed = recording.events.iter().find_map(|event| match event {
        Event::SyncEnds { sync, well: false } => Some(sync),
        _ => None,
    })?;
    let target = recording.events.iter().find_map(|event| match event {
        Event::SyncBegins { sync, target } if sync == failed => Some(target),
        _ => None,
    })?;
    match target {
        Target::Folder(path) => Some(path),
        Target::File(id) => recording.events.iter().find_map(|event| match event {
            Event::Create { file, path } if file == id => Some(path.as_deref().unwrap_or(Path::new(""))),
            _ => None,
        }),
    }
}
