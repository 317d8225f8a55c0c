//! The way in for fuzzers: any bytes as a code package; never a panic, whatever they are.

use crate::code;

/// A package as `CreateFunction` would take it.
pub fn package(bytes: &[u8]) {
    drop(code::check(bytes));
}
