//! Any text as metric math, as a statistic, as a label, and as a log line with metrics in it: never a panic, never a stack
//! overflow.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    updraft_cloudwatch::fuzz::expression(input);
    updraft_cloudwatch::fuzz::texts(input);
});
