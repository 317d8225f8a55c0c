//! The wheel and the clock over the store in memory.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod clock;
mod support;
mod wheel;
