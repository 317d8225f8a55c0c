//! Pipes over the memory store: sources, functions, queues and whatever else they meet are scripted.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod batches;
mod operations;
mod support;
