//! Domain types and rules; pure.

pub(crate) mod bucket;
pub(crate) mod name;
pub(crate) mod owner;
pub(crate) mod tags;
