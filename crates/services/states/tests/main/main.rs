//! The service over the memory store, with virtual time; what tasks call is scripted.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod activities;
mod bucket;
mod cut;
mod distributed;
mod express;
mod files;
mod large;
mod longest;
mod machines;
mod map_runs;
mod mocks;
mod mortal;
mod named;
mod redriven_runs;
mod support;
mod tokens;
mod told;
mod trials;
mod versions;
