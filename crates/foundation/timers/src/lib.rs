//! Durable timers, and moving the clock. The only thing in the house that waits.
//!
//! A timer is a row: scheduled in the caller's transaction, fired in one transaction that removes it and writes its
//! effect. So it fires once, however often the platform is killed. Nothing polls: each bucket of timers sleeps until
//! its first one is due, or until a transaction touched it. Of many nodes, the one that has a bucket's lease fires its
//! timers; the others wait for the lease.
//!
//! It must never know what a timer is for. Start reading at [`Timers`] and [`TimerOwner`], then [`ClockControl`].

mod aside;
mod bucket;
mod clock;
mod clock_follow;
mod clock_rows;
mod drain;
mod fire;
mod keys;
mod owner;
mod patience;
mod runner;
mod timers;

pub use bucket::BUCKETS;
pub use clock::{ClockControl, ClockState, Settles};
pub use clock_rows::load_clock;
pub use keys::Timer;
pub use owner::{FireError, TimerOwner};
pub use patience::{Outage, Patience};
pub use timers::{Schedule, Timers};
