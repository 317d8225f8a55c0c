//! The service over the memory store, with queues and functions that only write down what they get.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod fanout;
mod fifo;
mod http;
mod limits;
mod people;
mod publishing;
mod replay;
mod senders;
mod subscriptions;
mod support;
mod topics;
