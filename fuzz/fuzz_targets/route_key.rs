//! Any text as a route key: never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| updraft_apigatewayv2::fuzz::route_key(input));
