//! The service as a client sees it: requests and answers in JSON, through the wire's decoding and validation, over a
//! store in memory.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod backups;
mod batches;
mod db;
mod indexes;
mod items;
mod legacy;
mod limits;
mod queries;
mod replay;
mod streams;
mod tables;
mod transactions;
mod updates;
