//! Events of a group in the order of their times, from a position on and either way.

use std::ops::Range;

use updraft_store::{KeyRange, Result, ScanOptions, Tx};

use crate::keys::{Chunk, ChunkKey, GroupKey, Printed, TimeKey, minute};
use crate::model::position::Position;

const MINUTE: i64 = 60_000;

/// Chunks looked for in one go, and read in one.
const PAGE: usize = 1_000;
const READ: usize = 64;

/// Chunks read for one page; the next one goes on behind them.
const MOST_CHUNKS: usize = 4_000;

/// AWS: text in one page, in bytes.
const MOST_BYTES: usize = 1 << 20;

#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) position: Position,
    pub(crate) stream: String,
    pub(crate) at: i64,
    pub(crate) message: String,
    pub(crate) ingested: i64,
}

/// What is looked for.
pub(crate) struct Search<'a> {
    pub(crate) group: GroupKey<'a>,
    /// Positions, the end exclusive.
    pub(crate) between: Range<Position>,
    /// From the earliest on, or from the latest back.
    pub(crate) forward: bool,
    pub(crate) most: usize,
    pub(crate) stream: &'a (dyn Fn(&str) -> bool + Sync),
    pub(crate) line: &'a (dyn Fn(&str) -> bool + Sync),
}

#[derive(Debug, Default)]
pub(crate) struct Found {
    /// In the order in which they were looked for.
    pub(crate) events: Vec<Event>,
    /// Where to go on: what is left lies behind it, or before it.
    pub(crate) rest: Option<Position>,
}

/// Chunks of one minute.
#[derive(Default)]
struct Minute {
    start: i64,
    chunks: Vec<ChunkKey>,
}

pub(crate) async fn search(tx: &mut Tx, what: &Search<'_>) -> Result<Found> {
    let (first, last) = (millis(what.between.start), millis(what.between.end));
    let mut rest = what.group.times_between(minute(first), minute(last).saturating_add(MINUTE));
    let mut found = Found::default();
    let mut open = Minute::default();
    let mut read = 0;
    loop {
        let options = ScanOptions::limit(PAGE).untracked();
        let options = if what.forward { options } else { options.reversed() };
        let page = tx.rows::<TimeKey>(rest.clone(), options).await?;
        for (key, Printed { stream }) in &page.rows {
            let Some((start, chunk)) = what.group.timed(key).filter(|_| (what.stream)(stream)) else { continue };
            if start != open.start {
                read += open.chunks.len();
                found.take(tx, what, &mut open).await?;
                if found.rest.is_some() || read >= MOST_CHUNKS {
                    found.rest.get_or_insert(edge(start, what.forward));
                    return Ok(found);
                }
                open.start = start;
            }
            open.chunks.push(chunk);
        }
        match page.resume() {
            Some(last) if what.forward => rest = rest.after(last),
            Some(last) => rest = KeyRange::before(rest, last.clone()),
            None => break,
        }
    }
    found.take(tx, what, &mut open).await?;
    Ok(found)
}

/// What lies between all that is before a minute and all that is in it; or between that and all that is behind it.
fn edge(start: i64, forward: bool) -> Position {
    if forward { Position::before(start) } else { Position::before(start.saturating_add(MINUTE)) }
}

fn millis(position: Position) -> i64 {
    // Far behind everything, and no overflow when a minute is added.
    i64::try_from(position.at).unwrap_or(i64::MAX).min(i64::MAX / 4)
}

impl Found {
    /// Adds the events of a minute.
    async fn take(&mut self, tx: &mut Tx, what: &Search<'_>, open: &mut Minute) -> Result<()> {
        let mut events = Vec::new();
        for keys in open.chunks.chunks(READ) {
            let chunks = tx.row_many(keys).await?;
            for (key, chunk) in keys.iter().zip(chunks) {
                events.extend(chunk.into_iter().flat_map(|chunk| wanted(what, key, chunk, open.start)));
            }
        }
        open.chunks.clear();
        events.sort_unstable_by_key(|event| event.position);
        if !what.forward {
            events.reverse();
        }
        let mut bytes: usize = self.events.iter().map(|event| event.message.len()).sum();
        for event in events {
            bytes += event.message.len();
            let full = self.events.len() >= what.most || (bytes > MOST_BYTES && !self.events.is_empty());
            if full {
                self.rest = self.events.last().map(|event| event.position);
                return Ok(());
            }
            self.events.push(event);
        }
        Ok(())
    }
}

/// Chunks of the first version may be of several minutes: each line is told in its own.
fn wanted(what: &Search<'_>, key: &ChunkKey, chunk: Chunk, of: i64) -> Vec<Event> {
    let (version, place) = key.place();
    let Chunk { stream, lines, ingested } = chunk;
    let event = |(index, (at, message)): (u32, (i64, String))| {
        let position = Position { index, version, place, ..Position::before(at) };
        let inside = minute(at) == of && what.between.contains(&position) && (what.line)(&message);
        inside.then(|| Event { position, stream: stream.clone(), at, message, ingested })
    };
    (0_u32..).zip(lines).filter_map(event).collect()
}
