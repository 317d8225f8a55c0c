//! Extensions: programs that layers bring, and parts of the runtime's own process, which hear of each invocation and of
//! the end. What they register and what they are told is state ([`registry`]); HTTP comes in at [`route`].

pub(crate) mod event;
pub(crate) mod launch;
pub(crate) mod registry;
pub(crate) mod route;
#[cfg(test)]
mod tests;

pub(crate) use registry::Registry;
