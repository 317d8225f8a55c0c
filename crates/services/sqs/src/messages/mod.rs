//! What is done with messages. Each file is one thing that is done to them, in a transaction; the operations and the ports
//! call these. Why it lies as it does is in `docs/adr/0018-queues.md`.

mod change;
mod counts;
mod delete;
mod desk;
mod expire;
mod fair;
mod groups;
mod look;
pub(crate) mod measure;
mod place;
mod poll;
mod quiet;
mod seen;
mod send;
mod shift;
mod take;
mod tenants;
mod timers;

pub(crate) use change::{Change, Changed, LONGEST as LONGEST_VISIBILITY};
pub(crate) use desk::Desks;
pub(crate) use look::{Ask, Received};
pub(crate) use place::Spot;
pub(crate) use poll::LONGEST_WAIT;
pub(crate) use send::{Order, Sent};
pub(crate) use shift::{Shift, Stopped};
pub(crate) use timers::{LONGER, MINUTE};
