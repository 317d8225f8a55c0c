//! The commands that talk to a running platform.

pub mod clock;
pub mod dev;
pub mod health;
pub mod invoke;
pub mod logs;
pub mod nodes;
pub mod reset;
pub mod sfn;
pub mod snapshot;
pub mod tune;
