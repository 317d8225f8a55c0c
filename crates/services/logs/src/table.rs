//! Chunks into the store, and out of it in the order in which they were written.

use std::collections::BTreeSet;

use bytes::Bytes;
use updraft_kernel::ports::{LogBatch, LogLine, LogPage, LogQuery};
use updraft_kernel::{AccountId, AwsError, Region, UnixMillis};
use updraft_store::{KeyRange, Result, ScanOptions, Store, StoreExt, Topic, Tx, encode_row, run};

use crate::keys::{Chunk, ChunkKey, Group, GroupKey, Printed, STANDARD, Span, Stream, minute};

/// Text in one row, in bytes: so much is read for one line, and so much fits every backend.
const CHUNK_BYTES: usize = 64 << 10;
/// Chunks in one transaction: 4 MiB of text.
const CHUNKS_PER_COMMIT: usize = 64;
/// Chunks looked at in one go.
const PAGE: usize = 64;

/// AWS: what counts for an event beside its text, in bytes.
pub(crate) const EVENT_BYTES: usize = 26;

/// A chunk, and the group it goes to.
#[derive(Debug)]
struct Portion {
    account: AccountId,
    region: Region,
    group: String,
    chunk: Chunk,
}

/// Writes batches in their order, as many per transaction as fit one well.
pub(crate) async fn append(store: &dyn Store, batches: Vec<LogBatch>) -> Result<()> {
    let portions = batches.into_iter().flat_map(|LogBatch { account, region, group, stream, lines }| {
        // What is printed comes at once.
        let chunk = move |lines: Vec<(i64, String)>| {
            let ingested = lines.last().map_or(0, |(at, _)| *at);
            let chunk = Chunk { stream: stream.clone(), lines, ingested };
            Portion { account: account.clone(), region: region.clone(), group: group.clone(), chunk }
        };
        pieces(lines).into_iter().map(chunk)
    });
    let portions: Vec<_> = portions.collect();
    for some in portions.chunks(CHUNKS_PER_COMMIT) {
        run(store, |tx| commit(tx, some)).await?;
    }
    Ok(())
}

async fn commit(mut tx: Tx, portions: &[Portion]) -> Result<()> {
    let apart: BTreeSet<_> =
        portions.iter().map(|portion| (&portion.account, &portion.region, &portion.group)).collect();
    for (account, region, group) in apart {
        let key = GroupKey { account, region, group };
        let all = (0_u32..)
            .zip(portions)
            .filter(|(_, portion)| (&portion.account, &portion.region, &portion.group) == (account, region, group));
        let chunks: Vec<_> = all.map(|(place, portion)| (place, &portion.chunk)).collect();
        begin(&mut tx, key, &chunks).await?;
        put(&mut tx, key, &chunks).await?;
    }
    // What was printed is no acknowledged state: it may be lost with the power, so it doesn't force a sync.
    tx.commit_relaxed().await?;
    Ok(())
}

/// AWS: the group of a function is there with its first line.
pub(crate) async fn begin(tx: &mut Tx, group: GroupKey<'_>, chunks: &[(u32, &Chunk)]) -> Result<()> {
    if tx.row(&group).await?.is_none() {
        let created = chunks.iter().filter_map(|(_, chunk)| chunk.lines.first()).map(|(at, _)| *at).min();
        let row = Group { created: created.unwrap_or(0), class: STANDARD.to_owned(), ..Group::default() };
        tx.put_row(&group, &row)?;
    }
    Ok(())
}

/// Writes chunks, each at its place in the commit, of streams that are made where there are none.
pub(crate) async fn put(tx: &mut Tx, group: GroupKey<'_>, chunks: &[(u32, &Chunk)]) -> Result<()> {
    let prefix = group.prefix();
    for (place, chunk) in chunks {
        let Some((first, _)) = chunk.lines.first() else { continue };
        let suffix = Bytes::copy_from_slice(&place.to_be_bytes());
        tx.raw().put_versioned(prefix.clone(), suffix.clone(), encode_row(*chunk)?);
        let printed = Printed { stream: chunk.stream.clone() };
        tx.raw().put_versioned(group.time_prefix(minute(*first)), suffix, encode_row(&printed)?);
        count(tx, group, chunk).await?;
    }
    tx.touch(topic_of(&prefix));
    Ok(())
}

/// Writes down at a chunk's stream that it has it.
pub(crate) async fn count(tx: &mut Tx, group: GroupKey<'_>, chunk: &Chunk) -> Result<()> {
    let (Some((first, _)), Some((last, _))) = (chunk.lines.first(), chunk.lines.last()) else { return Ok(()) };
    let key = group.stream(&chunk.stream);
    let stream = tx.row(&key).await?;
    let mut stream = stream.unwrap_or_else(|| Stream { created: *first, ..Stream::default() });
    stream.grow(Span { first: *first, last: *last, ingested: chunk.ingested }, text_bytes(chunk));
    tx.put_row(&key, &stream)
}

fn text_bytes(chunk: &Chunk) -> u64 {
    chunk.lines.iter().map(|(_, text)| (text.len() + EVENT_BYTES) as u64).sum()
}

impl Stream {
    fn grow(&mut self, by: Span, bytes: u64) {
        let known = self.events.get_or_insert(by);
        known.first = known.first.min(by.first);
        known.last = known.last.max(by.last);
        known.ingested = known.ingested.max(by.ingested);
        self.bytes += bytes;
    }
}

/// Touched by every transaction that adds to the group.
pub(crate) fn topic(query: &LogQuery) -> Topic {
    topic_of(&GroupKey { account: &query.account, region: &query.region, group: &query.group }.prefix())
}

fn topic_of(prefix: &Bytes) -> Topic {
    Topic::of(&[b"logs", prefix])
}

/// Lines in portions of about a chunk's size and of one minute each; a longer line is cut.
fn pieces(lines: Vec<LogLine>) -> Vec<Vec<(i64, String)>> {
    let lines = lines.into_iter().flat_map(|LogLine { at, message }| {
        let parts: Vec<_> = cut(&message).into_iter().map(|part| (at.0, part.to_owned())).collect();
        parts
    });
    portions(lines)
}

/// Lines in portions of about a chunk's size and of one minute each, but for a line that is longer than that.
pub(crate) fn portions(lines: impl Iterator<Item = (i64, String)>) -> Vec<Vec<(i64, String)>> {
    let mut out: Vec<Vec<(i64, String)>> = Vec::new();
    let mut filled = 0;
    for (at, text) in lines {
        let fits = filled + text.len() <= CHUNK_BYTES;
        filled += text.len();
        match out.last_mut() {
            Some(last) if fits && last.first().is_some_and(|(first, _)| minute(*first) == minute(at)) => {
                last.push((at, text));
            }
            _ => {
                filled = text.len();
                out.push(vec![(at, text)]);
            }
        }
    }
    out
}

fn cut(mut text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    while text.len() > CHUNK_BYTES {
        let (head, tail) = text.split_at(text.floor_char_boundary(CHUNK_BYTES));
        parts.push(head);
        text = tail;
    }
    parts.push(text);
    parts
}

pub(crate) async fn page(store: &dyn Store, query: LogQuery) -> std::result::Result<LogPage, AwsError> {
    let group = GroupKey { account: &query.account, region: &query.region, group: &query.group };
    let mut range = group.range();
    if let Some(after) = &query.after {
        range = range.after(&Bytes::copy_from_slice(after));
    }
    let mut tx = store.read().await?;
    let mut page = LogPage { lines: Vec::new(), next: query.after.clone() };
    while page.lines.len() < query.limit {
        let found = tx.rows::<ChunkKey>(range.clone(), scan()).await?;
        for (key, chunk) in &found.rows {
            page.next = Some(key.to_vec());
            page.lines.extend(wanted(chunk, query.from));
            if page.lines.len() >= query.limit {
                return Ok(page);
            }
        }
        match found.resume() {
            Some(last) => range = KeyRange::after(range, last),
            None => break,
        }
    }
    Ok(page)
}

fn wanted(chunk: &Chunk, from: UnixMillis) -> impl Iterator<Item = (String, LogLine)> {
    let late = chunk.lines.iter().filter(move |(at, _)| *at >= from.0);
    late.map(|(at, text)| (chunk.stream.clone(), LogLine { at: UnixMillis(*at), message: text.clone() }))
}

fn scan() -> ScanOptions {
    ScanOptions { limit: PAGE, ..ScanOptions::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(message: String) -> LogLine {
        LogLine { at: UnixMillis(1), message }
    }

    #[test]
    fn long_lines_are_cut_and_nothing_is_lost() {
        let long = "é".repeat(CHUNK_BYTES);
        let cut: Vec<_> = pieces(vec![line("a".into()), line(long.clone())]).into_iter().flatten().collect();
        assert!(cut.iter().all(|(_, text)| text.len() <= CHUNK_BYTES));
        let whole: String = cut.into_iter().map(|(_, text)| text).collect();
        assert_eq!(whole, format!("a{long}"));
    }

    #[test]
    fn a_chunk_is_of_one_minute() {
        let at = |at| LogLine { at: UnixMillis(at), message: "x".into() };
        let sizes: Vec<_> = pieces([0, 1, 59_999, 60_000, 61_000, 5].map(at).to_vec()).iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 2, 1]);
    }

    #[test]
    fn no_lines_make_no_rows() {
        assert!(pieces(Vec::new()).is_empty());
    }
}
