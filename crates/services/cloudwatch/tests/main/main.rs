//! CloudWatch over a memory store, in its own protocol.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod data;
mod lists;
mod puts;
mod retention;
mod services;
mod statistics;
mod support;
