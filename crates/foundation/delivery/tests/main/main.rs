//! The outbox over the store in memory, in virtual time.
#![expect(clippy::unwrap_used, reason = "tests")]

mod outbox;
mod support;
