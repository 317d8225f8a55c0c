//! Chunks in and out of the store.

use bytes::Bytes;
use updraft_kernel::ports::{LogBatch, LogLine, LogPage, LogQuery};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{KeyRange, Result, ScanOptions, Store, StoreExt, Topic, encode_row};

use crate::keys::{Chunk, ChunkKey, GroupKey};

/// Text in one row, in bytes: so much is read for one line, and so much fits every backend.
const CHUNK_BYTES: usize = 64 << 10;
/// Chunks in one transaction: 4 MiB of text.
const CHUNKS_PER_COMMIT: usize = 64;
/// Chunks looked at in one go.
const PAGE: usize = 64;

/// Writes batches in their order, as many per transaction as fit one well.
pub(crate) async fn append(store: &dyn Store, batches: Vec<LogBatch>) -> Result<()> {
    let chunks = batches.into_iter().flat_map(|LogBatch { account, region, group, stream, lines }| {
        let prefix = GroupKey { account: &account, region: &region, group: &group }.prefix();
        pieces(lines).into_iter().map(move |lines| (prefix.clone(), Chunk { stream: stream.clone(), lines }))
    });
    let chunks: Vec<_> = chunks.collect();
    for portion in chunks.chunks(CHUNKS_PER_COMMIT) {
        commit(store, portion).await?;
    }
    Ok(())
}

async fn commit(store: &dyn Store, chunks: &[(Bytes, Chunk)]) -> Result<()> {
    let mut tx = store.write().await?;
    for (place, (prefix, chunk)) in (0_u32..).zip(chunks) {
        let suffix = Bytes::copy_from_slice(&place.to_be_bytes());
        tx.raw().put_versioned(prefix.clone(), suffix, encode_row(chunk)?);
        tx.touch(topic_of(prefix));
    }
    // What was printed is no acknowledged state: it may be lost with the power, so it doesn't force a sync.
    tx.commit_relaxed().await?;
    Ok(())
}

/// Touched by every transaction that adds to the group.
pub(crate) fn topic(query: &LogQuery) -> Topic {
    topic_of(&GroupKey { account: &query.account, region: &query.region, group: &query.group }.prefix())
}

fn topic_of(prefix: &Bytes) -> Topic {
    Topic::of(&[b"logs", prefix])
}

/// Lines in portions of about a chunk's size; a longer line is cut.
fn pieces(lines: Vec<LogLine>) -> Vec<Vec<(i64, String)>> {
    let mut out = vec![Vec::new()];
    let mut filled = 0;
    for LogLine { at, message } in lines {
        for part in cut(&message) {
            if filled > 0 && filled + part.len() > CHUNK_BYTES {
                out.push(Vec::new());
                filled = 0;
            }
            filled += part.len();
            if let Some(last) = out.last_mut() {
                last.push((at.0, part.to_owned()));
            }
        }
    }
    out.retain(|lines| !lines.is_empty());
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
    fn no_lines_make_no_rows() {
        assert!(pieces(Vec::new()).is_empty());
    }
}
