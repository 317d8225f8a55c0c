//! The durable outbox: how one service causes something in another.
//!
//! A delivery is written in the same transaction as its cause. A worker carries it out at least once, with the retry
//! policy it came with, and on giving up moves it to its dead-letter target in the transaction that removes it. A target
//! may say what is to follow, which the same transaction puts in. A delivery's id stays the same over all attempts, so
//! that a target can tell a repetition.
//!
//! It must never know what is delivered or how: targets are registered by kind. Start reading at [`Outbox`],
//! [`Delivery`] and [`Target`]; then at the worker of a shard, and at the lanes that tell it who is next.

mod attempt;
mod delivery;
mod inspect;
mod keys;
mod lanes;
mod log;
mod outbox;
mod pieces;
mod policy;
mod remember;
mod returns;
mod rows;
mod settle;
mod share;
mod worker;
mod write;

pub use delivery::{Attempt, DeadLetter, Delivery, Failure, Target, Verdict};
pub use inspect::{Pending, PendingDelivery, PendingPage};
pub use outbox::Outbox;
pub use policy::{Backoff, RetryPolicy};
