//! HTTP requests as events for functions, and functions' answers as HTTP responses: what API Gateway and function URLs
//! have in common. Pure.
//!
//! It must never know which of the two serves a request, nor what a function is. Start reading at [`Received`], then
//! [`event::Event`] and [`answer::response`].

pub mod answer;
pub mod cors;
pub mod endpoint;
pub mod event;
mod received;

pub use received::{Received, text, trace_id};
