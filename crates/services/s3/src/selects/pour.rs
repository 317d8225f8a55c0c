//! The answer, event by event: records in large pieces, how far it is, and at last what it took.

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use updraft_api_s3::types::{
    ContinuationEvent, EndEvent, Progress, ProgressEvent, RecordsEvent, SelectObjectContentEventStream as Event, Stats,
    StatsEvent,
};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_select::{Packing, Scan};
use updraft_wire::Pieces;

use super::Select;

/// What one event holds of records.
const PIECE: usize = 64 << 10;
/// Bytes that are read before something is said again.
const SILENCE: u64 = 4 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Reading,
    /// All was read.
    Telling,
    /// It was said what it took.
    Ending,
    Over,
}

struct Pour {
    pieces: Pieces,
    scan: Scan,
    packing: Packing,
    progress: bool,
    /// Of the last piece, what isn't read yet.
    rest: Bytes,
    found: BytesMut,
    stage: Stage,
    /// What had been read when something was said last.
    told: u64,
    failed: Option<AwsError>,
}

/// # Errors
/// If what is asked for lies outside of the object.
pub(crate) fn pour(
    select: Select,
    (pieces, size): (Pieces, u64),
    now: UnixMillis,
) -> Result<BoxStream<'static, Result<Event, AwsError>>, AwsError> {
    let (packing, progress) = (select.packing, select.progress);
    let pour = Pour {
        pieces,
        scan: select.scan(size, now)?,
        packing,
        progress,
        rest: Bytes::new(),
        found: BytesMut::new(),
        stage: Stage::Reading,
        told: 0,
        failed: None,
    };
    let events = stream::unfold(Some(pour), |pour| async move {
        let mut pour = pour?;
        match pour.next().await {
            Ok(Some(event)) => Some((Ok(event), Some(pour))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok(events.boxed())
}

impl Pour {
    async fn next(&mut self) -> Result<Option<Event>, AwsError> {
        while self.stage == Stage::Reading {
            if self.found.len() >= PIECE {
                return Ok(Some(self.records()));
            }
            if let Some(event) = self.reminder() {
                return Ok(Some(event));
            }
            if let Err(error) = self.read().await {
                // What was found before is told before.
                self.found.extend_from_slice(&self.scan.take());
                (self.failed, self.stage) = (Some(error), Stage::Telling);
            }
        }
        if !self.found.is_empty() {
            return Ok(Some(self.records()));
        }
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        Ok(match self.stage {
            Stage::Reading | Stage::Telling => {
                self.stage = Stage::Ending;
                let [scanned, processed, returned] = self.counts();
                let details = Stats { bytes_scanned: scanned, bytes_processed: processed, bytes_returned: returned };
                Some(Event::Stats(StatsEvent { details: Some(details) }))
            }
            Stage::Ending => {
                self.stage = Stage::Over;
                Some(Event::End(EndEvent {}))
            }
            Stage::Over => None,
        })
    }

    async fn read(&mut self) -> Result<(), AwsError> {
        if self.rest.is_empty() && !self.scan.is_done() {
            match self.pieces.next().await.transpose()? {
                Some(piece) => self.rest = piece,
                None => return self.end(),
            }
        }
        if self.scan.is_done() {
            return self.end();
        }
        let portion = self.rest.split_to(self.rest.len().min(self.packing.portion()));
        self.scan.feed(&portion)?;
        self.found.extend_from_slice(&self.scan.take());
        Ok(())
    }

    fn end(&mut self) -> Result<(), AwsError> {
        self.scan.end()?;
        self.found.extend_from_slice(&self.scan.take());
        self.stage = Stage::Telling;
        Ok(())
    }

    fn records(&mut self) -> Event {
        self.told = self.scan.counts().first().copied().unwrap_or_default();
        let piece = self.found.split_to(self.found.len().min(PIECE));
        Event::Records(RecordsEvent { payload: Some(piece.freeze()) })
    }

    /// That it still goes on, where nothing was found for long.
    fn reminder(&mut self) -> Option<Event> {
        let [scanned, processed, returned] = self.scan.counts();
        if scanned.saturating_sub(self.told) < SILENCE {
            return None;
        }
        self.told = scanned;
        if !self.progress {
            return Some(Event::Cont(ContinuationEvent {}));
        }
        let [scanned, processed, returned] = [scanned, processed, returned].map(shown);
        let details = Progress { bytes_scanned: scanned, bytes_processed: processed, bytes_returned: returned };
        Some(Event::Progress(ProgressEvent { details: Some(details) }))
    }

    fn counts(&self) -> [Option<i64>; 3] {
        self.scan.counts().map(shown)
    }
}

fn shown(count: u64) -> Option<i64> {
    i64::try_from(count).ok()
}
