//! A store that fails as a far one does: [`FaultyStore`] stands before any other and rolls seeded dice.
//!
//! For tests and for the simulation only. What it does is what a networked backend may do, and nothing else: whoever
//! gets along with every backend gets along with this one.

mod dice;
mod store;
mod txn;

pub use dice::Faults;
pub use store::FaultyStore;
