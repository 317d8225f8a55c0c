//! The bytes seam: bodies too large for the store, such as S3 objects and code packages.
//!
//! A blob has a random id that says nothing of its content. It is written and synced first; the transaction that
//! names it comes after, and is what makes it exist for anybody. What a crash leaves unnamed is removed by [`sweep`].
//! This crate must never know what the bytes are, or who names them. Start reading at [`Blobs`].

mod blobs;
mod buffers;
mod error;
mod id;
mod mem;
#[cfg(feature = "suite")]
pub mod suite;
mod sweep;

pub use blobs::{BlobBody, BlobInfo, BlobStream, Blobs, BlobsExt, ByteRange, Stored};
pub use buffers::{Buffer, LARGE};
pub use error::BlobError;
pub use id::BlobId;
pub use mem::MemBlobs;
pub use sweep::{GRACE, Swept, sweep};
