//! Who else is there, and who does what: membership of nodes by heart-beats, and leases with fencing tokens.
//!
//! On a store that only one process can open, everything is this process's and no row is written. On a shared store
//! each process is a *node*: it writes a heart-beat row on the store's own time, and every lease belongs to one live
//! node, chosen by rendezvous hashing so that work spreads evenly and moves little when nodes come and go. A lease's
//! row is read in the transaction that relies on it: that read is the fence which stops the undead.
//!
//! It must never know what a lease is for. Start reading at [`Nodes`] and [`Lease`], then at `decide`, which is all
//! of the rules without any I/O.

mod beat;
mod decide;
mod health;
mod info;
mod lease;
mod life;
mod member;
mod nodes;
mod rows;
mod settings;
mod skew;
mod spread;
mod table;
#[cfg(test)]
mod tests;

pub use health::{Health, Trouble};
pub use info::{NodeInfo, NodeState};
pub use lease::{Epoch, Lease};
pub use nodes::Nodes;
pub use rows::{NodeId, all_rows};
pub use settings::{JoinError, Parts, Settings};
