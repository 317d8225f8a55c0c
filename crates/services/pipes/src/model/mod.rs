//! What pipes are, and the rules about them. Pure.

pub(crate) mod check;
pub(crate) mod filled;
pub(crate) mod pipe;
pub(crate) mod target;
pub(crate) mod template;
