//! The storage seam: an ordered key-value store with serialisable optimistic transactions, watches and leases.
//!
//! It must never know a service, a wire protocol, or which engine is behind it. A backend is admitted by
//! `suite`, not by review. Start reading at [`Store`] and [`Txn`], then at [`Tx`], which is what services use.

pub mod buffer;
mod clear;
pub mod embedded;
pub mod error;
#[cfg(any(test, feature = "faults"))]
pub mod faults;
pub mod format;
pub mod key;
mod quarantine;
mod range;
mod row;
mod run;
mod seam;
#[cfg(any(test, feature = "suite"))]
pub mod suite;
pub mod tags;
mod tx;
mod watch;

pub use clear::clear;
pub use error::StoreError;
pub use key::{KeyBuilder, KeyReader};
pub use quarantine::{PutAside, Quarantine};
pub use row::{Key, Row, decode_row, encode_row};
pub use run::{MaybeConflict, run};
pub use seam::{CommitVersion, Durability, KeyRange, Limits, Page, Result, ScanOptions, Store, Txn, TxnKind};
pub use tx::{RowPage, StoreExt, Tx};
pub use watch::{Topic, Watch, WatchTable};
