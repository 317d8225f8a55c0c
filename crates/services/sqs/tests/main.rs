//! The service as a client sees it: requests and answers in JSON, through the wire's decoding and validation, over a
//! store in memory.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod crowds;
mod fair;
mod fifo;
mod forms;
mod histories;
mod hostile;
mod inbox;
mod messages;
mod moves;
mod polled;
mod polls;
mod queues;
mod senders;
mod support;
mod tended;
