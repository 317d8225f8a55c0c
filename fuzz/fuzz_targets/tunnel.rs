//! Any packets from inside a sandbox: never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| updraft_network::fuzz::packets(input));
