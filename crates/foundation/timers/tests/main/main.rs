//! The wheel and the clock over the store in memory.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod clock;
mod conflicts;
mod damage;
mod growth;
mod leases;
mod nodes_clock;
mod outage;
mod support;
mod wheel;
