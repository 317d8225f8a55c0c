//! Logs over a memory store: what functions print, and AWS's operations in their own protocol.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod events;
mod groups;
mod port;
mod retention;
mod search;
mod support;
