//! The whole state in one file: taken from a running platform, checked, and brought back into an empty store of any
//! kind. It is the backup, and the way from one backend to another.
//!
//! A file is a preamble and then frames, each with its own checksum and its place in the order; the last one counts
//! what there is and holds a checksum of all (`layout`). Writing and reading take memory for a few frames, however
//! large the state is. It must never know a service, nor what rows and blobs mean. Start reading at
//! [`write_snapshot`], [`verify`] and [`restore`].

mod crc;
mod error;
mod hold;
mod layout;
mod marker;
mod read;
mod restore;
mod rows;
mod scope;
mod seal;
mod verify;
mod walk;
mod write;

pub use error::SnapshotError;
pub use hold::blobs_are_held;
pub use layout::{Head, MAJOR, Totals};
pub use marker::refuse_half_restored;
pub use restore::{Target, restore};
pub use verify::{Info, head, verify};
pub use write::{Source, write_snapshot};
