//! The small languages of AWS: pure parsers and evaluators, without I/O, time or state.
//!
//! It must never know a store, a protocol or a service. Start reading at the module of the language you are after.

pub mod dynamodb;
pub mod filter_policy;
pub mod json_path;
pub mod jsonata;
pub mod pattern;
pub mod states;
