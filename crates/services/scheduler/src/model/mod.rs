//! Domain types and rules; pure.

pub(crate) mod group;
pub(crate) mod name;
pub(crate) mod occasion;
pub(crate) mod schedule;
pub(crate) mod settings;
pub(crate) mod target;
pub(crate) mod timing;
