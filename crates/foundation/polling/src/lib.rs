//! Polling sources of events for functions: what every service that owns a source does in the same way. Records are
//! gathered into batches by number, size and window, filtered, handed to the function by as many calls at the same time as
//! may be, and settled by what it answers.
//!
//! Nothing polls when there is nothing: a poller waits for the source's watch and for the moment at which something comes
//! due. Of many nodes, the one that has a mapping's lease polls it.
//!
//! Streams are read in order instead, each shard by a loop of its own, and what was dealt with is a position: see `stream`.
//!
//! It must never know what a record is. Start reading at [`Source`] and [`Pollers`], then at `poller`, the loop; `batch`,
//! `scaling`, `answer` and `stream::course` are pure.

mod answer;
mod batch;
mod call;
mod filter;
mod load;
mod mapped;
mod poller;
mod pollers;
mod scaling;
mod settle;
mod source;
mod stream;
mod work;

pub use answer::{Answer, judge};
pub use batch::{Batch, Gathering, Item};
pub use pollers::{Parts, Pollers};
pub use scaling::Scaling;
pub use source::{Record, Source, Taken};
pub use stream::{Read, Stream, StreamRecord};
