//! Lambda: functions, their versions, permissions and tags, and calling them.
//!
//! It owns configuration and code packages, and must never know a process, a runtime's protocol or a file: code is
//! run by a [`RunnerPort`](updraft_kernel::ports::RunnerPort). Start reading at [`Lambda`], then `model`, then any
//! file of `ops`.

mod ahead;
mod attach;
mod background;
mod call;
mod code;
mod durable;
mod errors;
#[cfg(test)]
mod golden;
mod keys;
mod layers;
mod mappings;
mod measure;
mod model;
mod ops;
mod permit;
mod policies;
mod ports;
mod prepared;
mod publish;
mod service;
mod signing;
mod table;
mod tagged;
mod url;
mod view;

pub use ahead::topic as ahead_topic;
pub use background::ASYNC_INVOCATIONS;
pub use mappings::topic as mappings_topic;
pub use service::{Lambda, Parts, Settings};

updraft_api_lambda::delegate!(Lambda, ops);
