//! Any text as an event pattern, any event for it: never a panic, never a stack overflow.
#![no_main]

use libfuzzer_sys::fuzz_target;
use updraft_expr::pattern::Pattern;

fuzz_target!(|input: (&str, &str)| {
    let Ok(pattern) = Pattern::parse(input.0) else { return };
    if let Ok(event) = serde_json::from_str(input.1) {
        std::hint::black_box(pattern.matches(&event));
    }
});
