#![expect(clippy::unwrap_used, reason = "tests")]

mod damaged;
mod golden;
mod memory;
mod roundtrip;
mod running;
mod stub;
mod support;
