//! What functions reach: a policy, and the relays that carry it out.
//!
//! Functions live in networks of their own, in which there is nothing. What may be reached nevertheless is brought to
//! them: single ports of the host by listeners inside, and the world by a tunnel whose packets a small TCP/IP stack turns
//! into connections and datagrams of the host's. Every destination is judged as an address, when it is connected to.
//!
//! It must never know a function, a sandbox, or how a tunnel is made.
//! Start reading at [`Policy`], then [`Network`], then `tunnel/mod.rs`, then docs/adr/0014-functions-network.md and 0017.

#[doc(hidden)]
pub mod fuzz;
mod host;
mod inside;
mod network;
mod outside;
mod policy;
mod tunnel;

pub use host::Host;
pub use inside::Interface;
pub use network::{Inside, Network};
pub use outside::Outside;
pub use policy::{Allowed, Policy, Reach, WrongPolicy};
pub use tunnel::Link;
