//! Any texts as event patterns, any event for them: never a panic, never a stack overflow, and a set of patterns says what
//! they say one by one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use updraft_expr::pattern::{Pattern, RuleSet};

fuzz_target!(|input: (&str, &str, &str)| {
    let patterns: Vec<(usize, Pattern)> =
        [input.0, input.1].iter().filter_map(|text| Pattern::parse(text).ok()).enumerate().collect();
    let rules: RuleSet<usize> = patterns.iter().cloned().collect();
    if let Ok(event) = serde_json::from_str::<Value>(input.2) {
        let alone: Vec<_> = patterns.iter().filter(|(_, pattern)| pattern.matches(&event)).map(|(id, _)| id).collect();
        assert_eq!(rules.matching(&event), alone);
    }
});
