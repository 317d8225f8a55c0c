//! Any text as a filter pattern of logs, any line for it, any token: never a panic, never a stack overflow.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    updraft_logs::fuzz::pattern(input.0, input.1);
    updraft_logs::fuzz::token(input.1);
});
