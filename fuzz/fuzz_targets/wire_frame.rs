//! Any bytes as an event stream frame: never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| updraft_wire::fuzz::frame(input));
