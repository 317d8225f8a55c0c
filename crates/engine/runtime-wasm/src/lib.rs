//! Functions that are WebAssembly components. They run within the platform's own process, each instance in a store of
//! its own, compiled once for each package.
//!
//! It must never know how calls are admitted, timed or logged: that is the engine's, as for any other runtime.
//! Start reading at [`Wasm`] (which functions these are), then `guest.rs` (the life of an instance), then `machine.rs`
//! (what isolates it).

mod bindings;
mod cache;
mod component;
mod failure;
mod files;
mod guest;
mod handler;
mod http;
mod limits;
mod machine;
mod metered;
mod proxy;
mod pulse;
mod seams;
mod state;
mod wasm;

pub use wasm::Wasm;
