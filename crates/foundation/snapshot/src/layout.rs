//! The file, byte by byte. On disks and in archives: may only change with [`MAJOR`].
//!
//! ```text
//! preamble   magic (12), major (u16), minor (u16)
//! frame      kind (u8), number (u32, from 0), plain length (u32), stored length (u32), crc (u32), stored bytes
//! ```
//!
//! Integers are big-endian. The stored bytes are the payload as one zstd frame; the crc is the CRC-32C of the frame's
//! first thirteen bytes and the stored bytes, so that a frame in another's place is found out. The order of frames:
//!
//! ```text
//! head, rows…, (blob, piece…, blob's end)…, end
//! ```
//!
//! A higher minor may only add bytes behind what a payload holds today.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;

use crate::error::SnapshotError;

/// What is written today and the newest that is read.
pub const MAJOR: u16 = 1;
const MINOR: u16 = 0;

/// Not text, and broken by whatever takes it for text.
const MAGIC: [u8; 12] = *b"\x89updraft\r\n\x1a\n";

pub(crate) const PREAMBLE: usize = MAGIC.len() + 4;
pub(crate) const FRAME_HEAD: usize = 17;
/// Payload bytes of a frame at most: what a reader must be ready to hold.
pub(crate) const PLAIN_LIMIT: usize = 8 << 20;
/// Payload bytes that a writer aims at.
pub(crate) const PLAIN_GOAL: usize = 1 << 20;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Head = 1,
    Rows = 2,
    Blob = 3,
    Piece = 4,
    BlobEnd = 5,
    End = 6,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Head, Self::Rows, Self::Blob, Self::Piece, Self::BlobEnd, Self::End];

    pub(crate) fn of(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// Where a snapshot is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The version of updraft that wrote it, for people.
    pub created_by: String,
    pub created_at: UnixMillis,
    /// What it was taken from, for people.
    pub source: String,
    /// The format of the rows.
    pub data_format: u32,
    /// No versioned key in it holds a later commit version.
    pub highest_version: u64,
}

/// How a blob begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlobHead {
    pub(crate) id: String,
    pub(crate) size: u64,
}

/// How it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlobEnd {
    /// Of its bytes.
    pub(crate) crc: u32,
}

/// What there is in a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub rows: u64,
    /// Of keys and values.
    pub row_bytes: u64,
    pub blobs: u64,
    pub blob_bytes: u64,
}

/// The last frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) totals: Totals,
    /// Of every byte before this frame.
    pub(crate) crc: u32,
}

pub(crate) fn preamble() -> [u8; PREAMBLE] {
    let mut out = [0; PREAMBLE];
    let parts = MAGIC.into_iter().chain(MAJOR.to_be_bytes()).chain(MINOR.to_be_bytes());
    out.iter_mut().zip(parts).for_each(|(to, byte)| *to = byte);
    out
}

/// # Errors
/// If it isn't one of ours, or a newer updraft's.
pub(crate) fn check_preamble(found: [u8; PREAMBLE]) -> Result<(), SnapshotError> {
    let Some((magic, [high, low, ..])) = found.split_first_chunk::<12>() else { return Err(SnapshotError::Foreign) };
    let major = u16::from_be_bytes([*high, *low]);
    if *magic != MAGIC {
        return Err(SnapshotError::Foreign);
    }
    match major {
        0 => Err(SnapshotError::damaged(12, "there is no format 0")),
        1..=MAJOR => Ok(()),
        found => Err(SnapshotError::NewerFormat { found, known: MAJOR }),
    }
}

/// A frame without its stored bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameHead {
    pub(crate) kind: u8,
    pub(crate) number: u32,
    pub(crate) plain: u32,
    pub(crate) stored: u32,
}

impl FrameHead {
    /// All but the crc.
    pub(crate) fn encode(&self) -> [u8; FRAME_HEAD - 4] {
        let mut out = [self.kind; FRAME_HEAD - 4];
        let numbers = [self.number, self.plain, self.stored].into_iter().flat_map(u32::to_be_bytes);
        out.iter_mut().skip(1).zip(numbers).for_each(|(to, byte)| *to = byte);
        out
    }

    /// The head and the crc behind it.
    pub(crate) fn decode(found: [u8; FRAME_HEAD]) -> (Self, u32) {
        let [kind, rest @ ..] = found;
        let mut numbers = rest.as_chunks::<4>().0.iter().map(|chunk| u32::from_be_bytes(*chunk));
        let mut next = || numbers.next().unwrap_or_default();
        (Self { kind, number: next(), plain: next(), stored: next() }, next())
    }
}

pub(crate) fn encode<T: Serialize>(payload: &T) -> Result<Vec<u8>, SnapshotError> {
    postcard::to_stdvec(payload).map_err(|err| SnapshotError::Io(std::io::Error::other(err)))
}

/// What a newer minor has added behind it is passed over.
pub(crate) fn decode<T: DeserializeOwned>(payload: &[u8], at: u64) -> Result<T, SnapshotError> {
    let decoded = postcard::take_from_bytes(payload);
    decoded.map(|(value, _)| value).map_err(|_| SnapshotError::damaged(at, "a frame can't be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_preamble_and_frame_head() {
        assert_eq!(&preamble(), b"\x89updraft\r\n\x1a\n\x00\x01\x00\x00");
        let head = FrameHead { kind: 2, number: 1, plain: 258, stored: 3 };
        assert_eq!(head.encode(), [2, 0, 0, 0, 1, 0, 0, 1, 2, 0, 0, 0, 3]);
        let mut whole = [9; FRAME_HEAD];
        whole[..13].copy_from_slice(&head.encode());
        assert_eq!(FrameHead::decode(whole), (head, 0x0909_0909));
    }

    #[test]
    fn golden_payloads() {
        let head = Head {
            created_by: "0.1.0".into(),
            created_at: UnixMillis(1),
            source: "fjall".into(),
            data_format: 1,
            highest_version: 300,
        };
        let bytes = b"\x050.1.0\x02\x05fjall\x01\xac\x02";
        assert_eq!(encode(&head).unwrap(), bytes);
        assert_eq!(decode::<Head>(&[&bytes[..], b"newer"].concat(), 0).unwrap(), head);
        let end = End { totals: Totals { rows: 1, row_bytes: 2, blobs: 3, blob_bytes: 4 }, crc: 5 };
        assert_eq!(encode(&end).unwrap(), [1, 2, 3, 4, 5]);
        assert_eq!(encode(&BlobHead { id: "ab".into(), size: 7 }).unwrap(), b"\x02ab\x07");
    }

    #[test]
    fn strangers_and_newer_ones_are_told_apart() {
        let newer = {
            let mut bytes = preamble();
            bytes[13] = 2;
            bytes
        };
        assert!(matches!(check_preamble(newer), Err(SnapshotError::NewerFormat { found: 2, known: 1 })));
        assert!(matches!(check_preamble([0; PREAMBLE]), Err(SnapshotError::Foreign)));
        check_preamble(preamble()).unwrap();
    }
}
