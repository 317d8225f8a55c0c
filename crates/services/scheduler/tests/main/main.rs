//! The service over the memory store, with targets that only write down what they get.
#![expect(clippy::unwrap_used, reason = "tests")]

mod groups;
mod occurring;
mod schedules;
mod support;
mod targets;
