//! Domain types and rules. Pure.

pub(crate) mod attributes;
pub(crate) mod name;
pub(crate) mod permission;
pub(crate) mod policies;
pub(crate) mod queue;
pub(crate) mod shown;
pub(crate) mod tags;
