//! The crate against AWS's published examples, its own client's side, and whatever else may arrive.
#![expect(clippy::unwrap_used, reason = "tests")]

mod chunks;
mod examples;
mod faults;
mod properties;
mod wording;
mod world;
