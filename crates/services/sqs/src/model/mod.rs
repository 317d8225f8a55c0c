//! Domain types and rules. Pure.

pub(crate) mod attribute;
pub(crate) mod attributes;
pub(crate) mod batch;
pub(crate) mod digest;
pub(crate) mod letter;
pub(crate) mod message;
pub(crate) mod move_task;
pub(crate) mod name;
pub(crate) mod permission;
pub(crate) mod policies;
pub(crate) mod policy_limits;
pub(crate) mod queue;
pub(crate) mod receipt;
pub(crate) mod sender;
pub(crate) mod shown;
pub(crate) mod tags;
pub(crate) mod wanted;
