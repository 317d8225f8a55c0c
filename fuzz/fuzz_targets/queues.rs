//! Any text as a queue's URL, a handle, a token, a policy: never a panic, and what is read is written again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    updraft_sqs::fuzz::queue(input.0);
    updraft_sqs::fuzz::handle(input.0);
    updraft_sqs::fuzz::policy(input.0, input.1);
});
