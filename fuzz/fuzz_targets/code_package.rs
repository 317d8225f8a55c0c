//! Any bytes as a code package: never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| updraft_exec::fuzz::package(input));
