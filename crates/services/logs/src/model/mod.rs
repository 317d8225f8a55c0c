//! What can be said of lines and of where they are. Pure.

pub(crate) mod names;
pub(crate) mod page;
pub(crate) mod pattern;
pub(crate) mod position;
