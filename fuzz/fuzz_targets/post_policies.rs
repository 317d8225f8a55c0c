//! Any text as the policy of a form, with any field beside it: never a panic, and what is let in is what it speaks of.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, &str)| {
    let (policy, field, value) = input;
    updraft_gateway::fuzz::post_policy(policy, (field, value));
});
