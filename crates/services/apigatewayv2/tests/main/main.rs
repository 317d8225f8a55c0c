//! HTTP APIs over the store in memory, with a stub for the functions.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod apis;
mod called;
mod events;
mod quick;
mod requests;
mod routes;
mod services;
mod stages;
mod support;
mod tags;
