//! The service over the memory store, with queues and functions that only write down what they get.
#![expect(clippy::unwrap_used, reason = "tests")]

mod access;
mod archives;
mod buses;
mod connections;
mod delivery;
mod rules;
mod schedules;
mod support;
