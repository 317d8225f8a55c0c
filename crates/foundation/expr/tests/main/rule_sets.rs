//! Many patterns at once: the same as each by itself, whatever the patterns and the event, also after changes.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use updraft_expr::pattern::{Pattern, RuleSet};

/// Few names and few values, so that they meet. Some are paths.
const NAMES: &[&str] = &["a", "b", "c", "a.b", "b.c", "a.", ""];
const TEXTS: &[&str] = &["", "x", "xy", "yx", "xyx", "X", "Éx", "éX", "10.0.0.1", "::ffff:10.0.0.1", "::1", "1"];
const NUMBERS: &[&str] = &["0", "1", "1.0", "-1", "0.0000001", "5e9", "6e9", "6000000000", "12345678901234567890"];

fn text() -> BoxedStrategy<Value> {
    select(TEXTS).prop_map(Value::from).boxed()
}

fn number() -> BoxedStrategy<Value> {
    select(NUMBERS).prop_map(|text| serde_json::from_str(text).unwrap()).boxed()
}

fn leaf() -> BoxedStrategy<Value> {
    let constants = select(vec![Value::Null, Value::Bool(true), Value::Bool(false)]);
    prop_oneof![3 => text(), 2 => number(), 1 => constants].boxed()
}

fn wildcard() -> BoxedStrategy<Value> {
    select(&["*", "x*", "*x", "*x*", "x*x", "*y*x", "**", "*x*y*", "1*", "\\*"][..]).prop_map(Value::from).boxed()
}

fn list(of: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop::collection::vec(of, 1..3).prop_map(Value::Array).boxed()
}

fn range() -> BoxedStrategy<Value> {
    let bound = || select(&[-1, 0, 1, 2][..]);
    let one = (select(&["=", "<", "<=", ">", ">="][..]), bound()).prop_map(|(op, value)| json!([op, value]));
    let two = (select(&[">", ">="][..]), bound(), select(&["<", "<="][..]), bound())
        .prop_map(|(above, low, below, high)| json!([above, low, below, high]));
    prop_oneof![one, two].boxed()
}

fn anything_but() -> BoxedStrategy<Value> {
    let of = select(&["prefix", "suffix", "equals-ignore-case"][..]);
    prop_oneof![
        list(text()),
        list(number()),
        text(),
        (of, list(text())).prop_map(|(of, texts)| json!({ of: texts })),
        list(wildcard()).prop_map(|texts| json!({ "wildcard": texts })),
    ]
    .boxed()
}

fn operator() -> BoxedStrategy<Value> {
    let named = |name: &'static str, of: BoxedStrategy<Value>| of.prop_map(move |of| json!({ name: of })).boxed();
    let ignoring = || named("equals-ignore-case", text());
    let block = select(&["10.0.0.0/24", "0.0.0.0/0", "::/0", "::1/127"][..]).prop_map(Value::from).boxed();
    prop_oneof![
        1 => named("prefix", prop_oneof![text(), ignoring()].boxed()),
        1 => named("suffix", prop_oneof![text(), ignoring()].boxed()),
        1 => ignoring(),
        1 => named("wildcard", wildcard()),
        1 => named("numeric", range()),
        1 => named("cidr", block),
        3 => named("exists", any::<bool>().prop_map(Value::Bool).boxed()),
        3 => named("anything-but", anything_but()),
    ]
    .boxed()
}

fn object(of: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let fields = prop::collection::vec((select(NAMES), of), 1..4);
    fields.prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()).boxed()
}

fn pattern() -> BoxedStrategy<Value> {
    let field = list(prop_oneof![leaf(), operator()].boxed());
    let inner = field.prop_recursive(3, 12, 3, |inner| object(inner.boxed()));
    let alone = object(inner.boxed());
    (alone.clone(), prop::option::of((alone.clone(), alone)))
        .prop_map(|(mut pattern, or)| {
            if let (Some((one, other)), Some(fields)) = (or, pattern.as_object_mut()) {
                fields.insert("$or".into(), json!([one, other]));
            }
            pattern
        })
        .boxed()
}

fn event() -> BoxedStrategy<Value> {
    let value = leaf().prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array);
        prop_oneof![2 => object(inner.boxed()), 1 => list]
    });
    prop_oneof![9 => object(value.boxed()), 1 => Just(Value::Object(Map::new()))].boxed()
}

/// An event that a pattern may well match: its own fields, with values that its tests name.
fn answer(pattern: &Value) -> BoxedStrategy<Value> {
    let Some(fields) = pattern.as_object() else { return leaf() };
    let mut answers = Vec::new();
    let branches = fields.get("$or").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    for (name, wanted) in fields.iter().filter(|(name, _)| *name != "$or").chain(branches.flatten()) {
        let inner = match wanted.as_array() {
            Some(tests) => {
                let named: Vec<Value> = tests.iter().filter_map(scalar).collect();
                prop_oneof![3 => select(named), 1 => leaf(), 1 => list(leaf())].boxed()
            }
            None => answer(wanted),
        };
        answers.push((Just(name.clone()), inner, prop::bool::weighted(0.9)));
    }
    let object = answers.prop_map(|fields| {
        let there = fields.into_iter().filter(|(.., there)| *there);
        there.map(|(name, value, _)| (name, value)).collect::<Value>()
    });
    let within = |object: BoxedStrategy<Value>| (object, event()).prop_map(|(object, other)| json!([other, object]));
    prop_oneof![3 => object.clone(), 1 => within(object.boxed())].boxed()
}

/// The first value in a test.
fn scalar(test: &Value) -> Option<Value> {
    match test {
        Value::Array(list) => list.iter().rev().find_map(scalar),
        Value::Object(fields) => fields.values().find_map(scalar),
        value => Some(value.clone()),
    }
}

/// Patterns, and events for them.
fn meeting() -> BoxedStrategy<(Vec<Value>, Vec<Value>)> {
    prop::collection::vec(pattern(), 1..40)
        .prop_flat_map(|patterns| {
            let answers = patterns.iter().take(8).map(answer).collect::<Vec<_>>();
            (Just(patterns), answers, prop::collection::vec(event(), 1..4))
        })
        .prop_map(|(patterns, answers, others)| (patterns, answers.into_iter().chain(others).collect()))
        .boxed()
}

fn agrees(rules: &RuleSet<usize>, alone: &[(usize, Pattern)], event: &Value) {
    let mut found: Vec<usize> = rules.matching(event).into_iter().copied().collect();
    found.sort_unstable();
    let wanted: Vec<usize> = alone.iter().filter(|(_, pattern)| pattern.matches(event)).map(|(id, _)| *id).collect();
    assert_eq!(found, wanted, "{event}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_set_matches_as_its_patterns_do(
        (texts, events) in meeting(),
        removed in prop::collection::vec(any::<bool>(), 40),
    ) {
        let mut patterns: Vec<(usize, Pattern)> = texts
            .iter()
            .enumerate()
            .filter_map(|(id, text)| Some((id, Pattern::parse(&text.to_string()).ok()?)))
            .collect();
        let mut rules: RuleSet<usize> = patterns.iter().cloned().collect();
        events.iter().for_each(|event| agrees(&rules, &patterns, event));

        let stays = |id: &usize| !removed[*id];
        patterns.iter().filter(|(id, _)| !stays(id)).for_each(|(id, _)| assert!(rules.remove(id)));
        let (kept, others): (Vec<_>, Vec<_>) = patterns.iter().cloned().partition(|(id, _)| stays(id));
        events.iter().for_each(|event| agrees(&rules, &kept, event));

        rules.extend(others);
        // Another pattern takes a place.
        if let [first, .., last] = patterns.as_mut_slice() {
            first.1 = last.1.clone();
            rules.add(first.0, first.1.clone());
        }
        events.iter().for_each(|event| agrees(&rules, &patterns, event));
    }
}

/// What the random ones should meet often; if they didn't, they would show little.
#[test]
fn random_patterns_are_patterns_and_match_something() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut parsed, mut matched) = (0, 0);
    for _ in 0..500 {
        let text = pattern().new_tree(&mut runner).unwrap().current();
        let event = answer(&text).new_tree(&mut runner).unwrap().current();
        if let Ok(pattern) = Pattern::parse(&text.to_string()) {
            parsed += 1;
            matched += usize::from(pattern.matches(&event));
        }
    }
    assert!(parsed > 250 && matched > 15, "{parsed} parsed, {matched} matched");
}

/// Ways of wildcards that only many of them go.
#[test]
fn many_wildcards_are_found_by_their_longest_pieces() {
    let texts = (0..200).map(|n| format!("*k{n}*e")).chain(["*".into(), "k*e".into(), "*7*".into()]);
    let patterns: Vec<(usize, Pattern)> = texts
        .map(|text| Pattern::parse(&json!({"a": [{ "wildcard": text }]}).to_string()).unwrap())
        .enumerate()
        .collect();
    let mut rules: RuleSet<usize> = patterns.iter().cloned().collect();
    for text in ["", "k17 e", "ak17", "k1k2k3e", "ke", "7", "k199xe"] {
        agrees(&rules, &patterns, &json!({ "a": text }));
    }
    assert!(rules.remove(&17));
    assert_eq!(rules.matching(&json!({"a": "k17e"})), [&1, &200, &201, &202]);
}
