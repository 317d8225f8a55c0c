//! S3 over the memory store and a clock that stands still.
#![expect(clippy::unwrap_used, reason = "tests")]

mod access;
mod accesses;
mod acls;
mod buckets;
mod configurations;
mod encryption;
mod guarded;
mod lifecycle;
mod locks;
mod notifications;
mod objects;
mod orphans;
mod readers;
mod replication;
mod restores;
mod support;
mod uploads;
mod website;
