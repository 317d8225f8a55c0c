//! What functions reach: a policy, and the relays that carry it out.
//!
//! Functions live in networks of their own, in which there is nothing but the platform. What may be reached nevertheless
//! is brought to them: single ports of the host by listeners inside.
//!
//! It must never know a function, or a sandbox.
//! Start reading at [`Policy`], then [`Network`].

mod host;
mod inside;
mod network;
mod outside;
mod policy;

pub use host::Host;
pub use network::Network;
pub use outside::Outside;
pub use policy::{Allowed, Policy, Reach, WrongPolicy};
