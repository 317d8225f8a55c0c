//! The requests to HTTP APIs: from an HTTP request to an event, and from a function's answer to a response.

mod answer;
mod context;
mod event_v1;
mod event_v2;
mod function;
mod live;
mod mapping;
mod router;
mod serve;
mod service;
mod throttle;

pub use serve::HttpApis;
