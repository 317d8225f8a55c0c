//! Histories of random concurrent transactions, and whether one order of them explains all that was seen.
//!
//! Every write is a value of its own, appended to the list that its transaction read there. So a list tells the order
//! in which it was written, and what was read tells which writes came before and which after: edges between
//! transactions. A cycle of them is a proof that there is no such order. Transactions of which one was answered before
//! the other began have an edge too: the order is that of time. This is the method of Kingsbury and Alvaro's *Elle*
//! (VLDB 2020), for what this seam can do.
//!
//! Start reading at [`record`], then [`check`], then the workload.
#![expect(clippy::indexing_slicing, reason = "checks fail by panicking; the numbers are places in the history itself")]

mod anomaly;
pub mod broken;
mod check;
mod edges;
mod graph;
mod keys;
pub mod record;
mod run;
#[cfg(test)]
mod tests;
mod versions;
mod walk;
mod workload;

pub use anomaly::Anomaly;
pub use check::check;
pub use run::{found_in, histories_have_an_order, histories_have_an_order_in_spite_of_faults};
