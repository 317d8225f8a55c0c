//! Any bytes as a query body or value: never a panic, never a hang.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| updraft_wire::fuzz::query(bytes));
