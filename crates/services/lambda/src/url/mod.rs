//! Functions' own URLs: their configuration, and the requests to them.

mod access;
mod answer;
pub(crate) mod config;
mod cors;
mod live;
mod prelude;
mod serve;
mod streamed;
