//! Writing frames.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use zstd::bulk::Compressor;

use crate::crc::Crc;
use crate::error::SnapshotError;
use crate::layout::{FrameHead, Kind, PLAIN_LIMIT, preamble};

/// zstd's fastest ordinary level: a snapshot is taken beside serving.
const LEVEL: i32 = 1;

/// Puts frames behind each other and keeps the checksum of all.
pub(crate) struct FrameWriter<W> {
    sink: W,
    crc: Crc,
    number: u32,
    /// Away while it is at work on another thread.
    compressor: Option<Compressor<'static>>,
}

impl<W: AsyncWrite + Unpin + Send> FrameWriter<W> {
    /// Begins with the preamble.
    pub(crate) async fn begin(sink: W) -> Result<Self, SnapshotError> {
        let compressor = Some(Compressor::new(LEVEL)?);
        let mut writer = Self { sink, crc: Crc::new(), number: 0, compressor };
        writer.put(&preamble()).await?;
        Ok(writer)
    }

    pub(crate) async fn frame(&mut self, kind: Kind, payload: Vec<u8>) -> Result<(), SnapshotError> {
        let plain = payload.len();
        if plain > PLAIN_LIMIT {
            return Err(SnapshotError::TooLarge { what: "row", size: plain, limit: PLAIN_LIMIT });
        }
        let stored = self.compress(payload).await?;
        let head =
            FrameHead { kind: kind as u8, number: self.number, plain: small(plain), stored: small(stored.len()) };
        let head = head.encode();
        self.number += 1;
        self.put(&head).await?;
        self.put(&Crc::of(&[&head, &stored]).to_be_bytes()).await?;
        self.put(&stored).await
    }

    /// Of everything so far.
    pub(crate) fn crc(&self) -> u32 {
        self.crc.value()
    }

    pub(crate) async fn finish(mut self) -> Result<(), SnapshotError> {
        self.sink.flush().await?;
        Ok(self.sink.shutdown().await?)
    }

    async fn put(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.crc.add(bytes);
        Ok(self.sink.write_all(bytes).await?)
    }

    /// Off the async threads: some milliseconds per MiB.
    async fn compress(&mut self, payload: Vec<u8>) -> Result<Vec<u8>, SnapshotError> {
        let mut compressor = self.compressor.take().map_or_else(|| Compressor::new(LEVEL), Ok)?;
        let work = move || compressor.compress(&payload).map(|stored| (compressor, stored));
        let (compressor, stored) = tokio::task::spawn_blocking(work).await.map_err(io::Error::other)??;
        self.compressor = Some(compressor);
        Ok(stored)
    }
}

/// Lengths of frames, which are bounded.
fn small(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
