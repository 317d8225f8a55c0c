//! Rules and types without I/O.

pub(crate) mod archive;
pub(crate) mod bus;
pub(crate) mod connection;
pub(crate) mod entry;
pub(crate) mod event;
pub(crate) mod name;
pub(crate) mod parcel;
pub(crate) mod policy;
pub(crate) mod publication;
pub(crate) mod rule;
pub(crate) mod rule_set;
pub(crate) mod target;
pub(crate) mod target_check;
pub(crate) mod transform;
