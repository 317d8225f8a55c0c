//! Durable functions: executions that outlive any number of invocations, and any death of the platform.
//!
//! An execution is rows. Whatever happens to it (a checkpoint of its function, a timer, a callback, an invocation's
//! end) is one transaction over them, a [`work::Work`]. What is to be run is a delivery, written in the transaction
//! that wants it run; what is to happen later is a timer, likewise. Between them there is nothing: an execution that
//! waits costs its rows.
//!
//! Start reading at [`rows`], then [`work`]; `start`, `turn` and `apply` are an execution's beginning, middle and end.

mod apply;
mod arn;
mod attempt;
mod chained;
pub(crate) mod checkpoint;
mod data;
mod event;
mod finish;
#[cfg(test)]
mod golden;
pub(crate) mod history;
mod input;
mod keys;
mod letter;
pub(crate) mod listing;
mod lookup;
pub(crate) mod outcome;
pub(crate) mod paging;
mod pause;
mod rows;
pub(crate) mod rules;
mod start;
mod sweep;
mod timers;
mod token;
mod turn;
pub(crate) mod view;
mod work;

pub(crate) use arn::{ExecutionId, execution_arn, named};
pub(crate) use attempt::{INVOCATIONS, Invocations};
pub(crate) use chained::{CHAINED, ChainedCalls};
pub(crate) use finish::End;
pub(crate) use rows::{Asked, State, Status};
pub(crate) use start::Called;
pub(crate) use sweep::{DELETIONS, Deletions};
pub(crate) use timers::{OWNER, Wakes};
pub(crate) use work::Work;
