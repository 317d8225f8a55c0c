//! The outbox over the store in memory, in virtual time.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod damage;
mod growth;
mod ids;
mod leases;
mod outage;
mod outbox;
mod pieces;
mod support;
mod targets;
