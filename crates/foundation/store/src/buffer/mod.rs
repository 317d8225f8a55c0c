//! What a transaction is about to write, and its reads with that laid over them: the same for every backend that keeps
//! a transaction's writes with it until it commits.

pub mod merge;
pub mod writes;

pub use merge::{Merged, page};
pub use writes::{Versioned, Write, Writes, added};
