//! Domain types and rules. Pure.

pub(crate) mod queue;
