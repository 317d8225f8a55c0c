//! The Lambda Runtime API of one instance: HTTP/1.1 on port 9001 inside its sandbox; and the short way for our own clients.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod call;
pub(crate) mod pipes;
pub(crate) mod route;
pub(crate) mod server;
pub(crate) mod session;
pub(crate) mod stream;
