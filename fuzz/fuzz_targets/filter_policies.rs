//! Any text as a filter policy, any body and attribute for it: never a panic, never a stack overflow.
#![no_main]

use libfuzzer_sys::fuzz_target;
use updraft_expr::filter_policy::{Attribute, FilterPolicy, Scope};

fuzz_target!(|input: (&str, &str, &str)| {
    if let Ok(policy) = FilterPolicy::parse(input.0, Scope::MessageBody) {
        std::hint::black_box(policy.matches_body(input.1));
    }
    if let Ok(policy) = FilterPolicy::parse(input.0, Scope::MessageAttributes) {
        let attribute = Attribute { name: "a", data_type: input.1, value: input.2 };
        std::hint::black_box(policy.matches_attributes([attribute]));
    }
});
