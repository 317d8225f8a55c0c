//! Pollers over a source and a function that do as they are told, on time that a test moves.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod batches;
mod lifecycle;
mod nodes;
mod streams;
mod support;
mod trouble;
