//! When something is due: `rate(…)`, `cron(…)` and `at(…)` as EventBridge's rules and Scheduler write them, and time
//! zones.
//!
//! Pure: it knows no clock, no timer and no service. What is matched by the calendar is `croner`'s, what the wall clocks of
//! places show is `jiff`'s; how AWS writes both is here (ADR 19). Start reading at [`Expression`].

mod at;
mod cron;
mod expression;
mod field;
mod rate;
mod zone;

pub use expression::{Expression, Invalid, Style};
pub use zone::Zone;
