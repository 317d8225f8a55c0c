//! What the machine itself can do: nothing built on it is faster.

pub(crate) mod bootstrap;
pub(crate) mod disk;
pub(crate) mod http;
pub(crate) mod postgres;
pub(crate) mod runtime;
pub(crate) mod store;
