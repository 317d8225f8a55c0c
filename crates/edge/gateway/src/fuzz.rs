//! Doors for fuzzing, and nothing else.

pub use crate::form::fuzz::post_policy;
