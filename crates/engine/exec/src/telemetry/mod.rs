//! What extensions may listen to: what the platform tells, and what functions and extensions print. Each subscriber has a
//! bounded buffer of its own ([`stream`]), which is emptied into a port inside the sandbox ([`deliver`]).

pub(crate) mod deliver;
mod hub;
pub(crate) mod request;
pub(crate) mod route;
pub(crate) mod stream;

pub(crate) use hub::Hub;
