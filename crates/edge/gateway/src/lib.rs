//! The edge: connections, routing, authentication, the one layer around every operation, and the admin surface.
//!
//! It must never know what a service does: it reaches them through [`updraft_wire::Service`] and the kernel's ports.
//! Start reading at [`Gateway::handle`], then [`route`].

mod access;
mod account;
pub mod admin;
mod auth;
mod body;
mod console;
pub mod cors;
mod digest;
mod dispatch;
mod download;
mod events;
mod form;
pub mod fuzz;
mod gateway;
pub mod hosts;
mod links;
pub mod listener;
pub mod metrics;
mod misfit;
mod observe;
mod operation;
mod payload;
pub mod peer;
mod plane;
pub mod response;
pub mod route;
pub mod services;
mod trail;
mod upload;
mod uploads;

pub use dispatch::Dispatcher;
pub use gateway::{Gateway, Parts};
pub use peer::{Origin, Peer};
pub use services::Services;
pub use trail::Trail;
pub use uploads::Uploads;
