mod functions;
mod limits;
mod robust;
mod templates;

use std::time::Duration;

use serde_json::{Map, Value, json};
use updraft_kernel::{SeededRng, UnixMillis};

use super::{Bindings, Expression, Limits, QueryError};

/// 2024-02-29T12:30:45.678Z
const NOW: UnixMillis = UnixMillis(1_709_209_845_678);

/// Tests don't fail since a machine is slow.
const UNHURRIED: Limits = Limits { time: Duration::from_secs(120), depth: 3_000, items: 1_000_000, bytes: 8 << 20 };

fn variables() -> Map<String, Value> {
    [("list".to_owned(), json!([3, 1, 2])), ("name".to_owned(), json!("Ada"))].into_iter().collect()
}

fn evaluate(text: &str) -> Result<Value, QueryError> {
    evaluate_within(text, UNHURRIED)
}

fn evaluate_within(text: &str, limits: Limits) -> Result<Value, QueryError> {
    let states =
        json!({"input": {"n": 2, "items": [{"price": 1.5}, {"price": 2}], "text": "{\"a\": [1]}"}, "context": {}});
    let (variables, rng) = (variables(), SeededRng::new(5));
    let bindings = Bindings { states: &states, variables: &variables, rng: &rng, now: NOW, limits };
    Expression::parse(text).expect(text).evaluate("Output", &bindings)
}

/// What is said behind the sentence's beginning.
fn said(text: &str) -> String {
    let error = evaluate(text).expect_err(text).to_string();
    let begin = format!("The JSONata expression '{text}' specified for the field 'Output' ");
    error.strip_prefix(&begin).unwrap_or(&error).to_owned()
}
