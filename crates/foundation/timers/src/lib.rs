//! Durable timers, and moving the clock. The only thing in the house that waits.
//!
//! A timer is a row: scheduled in the caller's transaction, fired in one transaction that removes it and writes its
//! effect. So it fires once, however often the platform is killed. Nothing polls: each bucket of timers sleeps until
//! its first one is due, or until a transaction touched it.
//!
//! It must never know what a timer is for. Start reading at [`Timers`] and [`TimerOwner`], then [`ClockControl`].

mod bucket;
mod clock;
mod clock_rows;
mod drain;
mod floor;
mod keys;
mod owner;
mod timers;

pub use bucket::BUCKETS;
pub use clock::{ClockControl, ClockState, Settles};
pub use clock_rows::load_clock;
pub use keys::Timer;
pub use owner::{FireError, TimerOwner};
pub use timers::{Schedule, Timers};
