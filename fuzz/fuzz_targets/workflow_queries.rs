//! Any text as an expression of JSONata: never a panic that gets out, never a stack overflow; what is accepted is evaluated
//! within its limits.
#![no_main]

use std::collections::BTreeSet;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, json};
use updraft_expr::jsonata::{Bindings, Expression, Limits};
use updraft_kernel::{SeededRng, UnixMillis};

// The engine's own panics are caught, and only those that aren't are of interest: without a hook, they abort as well.
fuzz_target!(init: std::panic::set_hook(Box::new(|_| {})), |text: &str| {
    let Ok(expression) = Expression::parse(text) else { return };
    expression.variables(&mut BTreeSet::new());
    let states = json!({"input": {"a": [{"b": 1, "c": "x"}, {"b": 2}], "d": null}, "context": {}});
    let (variables, rng) = (Map::new(), SeededRng::new(1));
    let limits = Limits { time: Duration::from_secs(2), depth: 500, items: 10_000, bytes: 100_000 };
    let bindings = Bindings { states: &states, variables: &variables, rng: &rng, now: UnixMillis(0), limits };
    // A value or an error: both are answers.
    drop(expression.evaluate("Output", &bindings));
});
