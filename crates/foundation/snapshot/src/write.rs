//! Taking a snapshot of a platform that goes on serving.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use tokio::io::AsyncWrite;
use updraft_blob::{BlobBody, BlobError, BlobInfo, Blobs, ByteRange};
use updraft_kernel::{Clock, Rng, RngExt};
use updraft_store::{CommitVersion, KeyRange, ScanOptions, Store, Txn, TxnKind, format};

use crate::crc::Crc;
use crate::error::SnapshotError;
use crate::hold::Hold;
use crate::layout::{BlobEnd, BlobHead, End, Head, Kind, PLAIN_GOAL, Totals, encode};
use crate::rows::{self, Pair};
use crate::scope;
use crate::seal::FrameWriter;
use crate::verify::Info;

/// Rows read at once, if they aren't too many bytes before.
const PAGE: usize = 10_000;
/// Blobs listed at once.
const LISTED: usize = 1_000;

/// What a snapshot is taken of.
#[derive(Clone, Debug)]
pub struct Source {
    pub store: Arc<dyn Store>,
    pub blobs: Arc<dyn Blobs>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    /// What the store is called, for people.
    pub name: String,
    /// Rows that belong to running processes and not to the state, such as who is there and who has which lease.
    pub passing: Vec<KeyRange>,
}

/// Writes one moment of the store, and every blob that its rows name, while others go on writing. If the sink isn't
/// closed in order, what was written is refused as cut off.
///
/// # Errors
/// If the store, the blobs or the sink fail.
pub async fn write_snapshot(source: &Source, sink: impl AsyncWrite + Unpin + Send) -> Result<Info, SnapshotError> {
    let hold = Hold::take(Arc::clone(&source.store), Arc::clone(&source.clock), source.rng.u64()).await?;
    let mut writing = Writing { source, frames: FrameWriter::begin(sink).await?, hold, totals: Totals::default() };
    let written = writing.all().await;
    let Writing { mut frames, hold, totals, .. } = writing;
    // Before the last frame is written: a hold that was lost makes no snapshot.
    let released = hold.release().await;
    let head = written?;
    released?;
    let end = End { totals, crc: frames.crc() };
    frames.frame(Kind::End, encode(&end)?).await?;
    frames.finish().await?;
    Ok(Info { head, totals })
}

struct Writing<'a, W> {
    source: &'a Source,
    frames: FrameWriter<W>,
    hold: Hold,
    totals: Totals,
}

impl<W: AsyncWrite + Unpin + Send> Writing<'_, W> {
    async fn all(&mut self) -> Result<Head, SnapshotError> {
        let mut moment = self.source.store.begin(TxnKind::LongRead).await?;
        let mut range = Some(scope::everything());
        // The first read is what fixes the moment, so that the highest version is asked for behind it.
        let first = self.page(&mut *moment, &mut range).await?;
        let head = self.head().await?;
        self.frames.frame(Kind::Head, encode(&head)?).await?;
        self.rows(first).await?;
        while range.is_some() {
            let page = self.page(&mut *moment, &mut range).await?;
            self.rows(page).await?;
        }
        drop(moment);
        self.blobs().await?;
        Ok(head)
    }

    async fn head(&self) -> Result<Head, SnapshotError> {
        Ok(Head {
            created_by: env!("CARGO_PKG_VERSION").to_owned(),
            created_at: self.source.clock.real_now(),
            source: self.source.name.clone(),
            data_format: format::MAJOR,
            highest_version: self.source.store.raise_version(CommitVersion(0)).await?.0,
        })
    }

    /// The next rows that are state, and what is left of the range.
    async fn page(&self, moment: &mut dyn Txn, range: &mut Option<KeyRange>) -> Result<Vec<Pair>, SnapshotError> {
        let Some(wanted) = range.take() else { return Ok(Vec::new()) };
        let options = ScanOptions::limit(PAGE).max_bytes(PLAIN_GOAL).untracked();
        let page = moment.scan(wanted.clone(), options).await?;
        *range = page.rows.last().filter(|_| page.more).map(|(last, _)| wanted.after(last));
        let passing = |key: &Bytes| scope::is_passing(key) || self.source.passing.iter().any(|r| r.contains(key));
        Ok(page.rows.into_iter().filter(|(key, _)| !passing(key)).collect())
    }

    async fn rows(&mut self, rows: Vec<Pair>) -> Result<(), SnapshotError> {
        self.hold.keep().await?;
        if rows.is_empty() {
            return Ok(());
        }
        self.totals.rows += length(rows.len());
        self.totals.row_bytes += rows.iter().map(|(key, value)| length(key.len() + value.len())).sum::<u64>();
        self.frames.frame(Kind::Rows, rows::encode(&rows)).await
    }

    /// All that there are, in order of their ids. Some may be younger than the rows: named by none of them, and swept
    /// an hour after they were restored.
    async fn blobs(&mut self) -> Result<(), SnapshotError> {
        let mut after = None;
        loop {
            let page = self.source.blobs.list(after.as_ref(), LISTED).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id.clone());
            for blob in page {
                self.blob(blob).await?;
            }
        }
    }

    async fn blob(&mut self, blob: BlobInfo) -> Result<(), SnapshotError> {
        self.hold.keep().await?;
        let body = match self.source.blobs.get(&blob.id, ByteRange::ALL).await {
            Ok(body) => body,
            // On its way to be deleted when the hold was taken, hence named by none of these rows.
            Err(BlobError::NotFound(_)) => return Ok(()),
            Err(err) => return Err(err.into()),
        };
        let head = BlobHead { id: blob.id.to_string(), size: body.size };
        self.frames.frame(Kind::Blob, encode(&head)?).await?;
        let crc = self.pieces(body).await?;
        self.totals.blobs += 1;
        self.frames.frame(Kind::BlobEnd, encode(&BlobEnd { crc })?).await
    }

    /// The bytes, gathered or cut to frames of a good size.
    async fn pieces(&mut self, mut body: BlobBody) -> Result<u32, SnapshotError> {
        let (mut crc, mut seen) = (Crc::new(), 0);
        let mut gathered = BytesMut::new();
        while let Some(mut piece) = body.stream.try_next().await? {
            crc.add(&piece);
            seen += length(piece.len());
            while !piece.is_empty() {
                let room = PLAIN_GOAL.saturating_sub(gathered.len()).min(piece.len());
                gathered.extend_from_slice(&piece.split_to(room));
                if gathered.len() >= PLAIN_GOAL {
                    self.piece(&mut gathered).await?;
                }
            }
        }
        if !gathered.is_empty() {
            self.piece(&mut gathered).await?;
        }
        if seen != body.size {
            return Err(BlobError::Body("a blob isn't as long as it was said to be".into()).into());
        }
        Ok(crc.value())
    }

    async fn piece(&mut self, gathered: &mut BytesMut) -> Result<(), SnapshotError> {
        self.hold.keep().await?;
        self.totals.blob_bytes += length(gathered.len());
        let payload = gathered.to_vec();
        gathered.clear();
        self.frames.frame(Kind::Piece, payload).await
    }
}

fn length(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}
