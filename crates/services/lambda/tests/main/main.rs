//! The service over the store in memory, with a runner that does as it is told.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod aliases;
mod asynchronous;
mod attached;
mod bench;
mod concurrency;
mod destinations;
mod durable;
mod functions;
mod given_up;
mod invoke;
mod layers;
mod lists;
mod mappings;
mod metrics;
mod naming;
mod permissions;
mod policies;
mod provisioned;
mod recorded;
mod settings;
mod signing;
mod streaming;
mod support;
mod tags;
mod traces;
mod updates;
mod url_requests;
mod urls;
mod versions;
