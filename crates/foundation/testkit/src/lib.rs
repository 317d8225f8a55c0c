//! What tests of every layer share: a clock moved by hand, waiting for a condition, a context to call operations with.
//!
//! A dev-dependency only. It must never know a service or a backend: a test hands its store in.
//! Start reading at [`World`].

mod clock;
mod counted;
mod memory;
#[cfg(feature = "postgres")]
pub mod postgres;
mod secrets;
mod wait;
mod world;

pub use clock::ManualClock;
pub use counted::CountedStore;
pub use memory::resident_bytes;
pub use secrets::MemSecrets;
pub use wait::{WaitedTooLong, wait_until, wait_until_async};
pub use world::World;
