use serde_json::json;

use super::{evaluate, said};

#[test]
fn expressions_read_states_and_variables() {
    for (text, wanted) in [
        ("$states.input.n", json!(2)),
        ("$states.input.n / 4", json!(0.5)),
        ("$sum($states.input.items.price)", json!(3.5)),
        ("$states.input.items[price > 1.5]", json!({"price": 2})),
        ("$list[0] + 1", json!(4)),
        ("'Hello, ' & $name & '!'", json!("Hello, Ada!")),
        ("$list ~> $sort", json!([1, 2, 3])),
        ("null", json!(null)),
        ("{'a': 1.0, 'b': [1e3, -0, 0.1 + 0.2]}", json!({"a": 1, "b": [1000, 0, 0.300_000_000_000_000_04]})),
        ("$states.input.{'x': n}", json!({"x": 2})),
        ("1e300", json!(1e300)),
        ("[$states.input.nothing]", json!([])),
    ] {
        assert_eq!(evaluate(text), Ok(wanted), "{text}");
    }
    assert_eq!(evaluate("10 / 5").unwrap().to_string(), "2", "whole numbers have no fraction");
}

#[test]
fn functions_of_aws_are_there() {
    for (text, wanted) in [
        ("$partition([1,2,3,4,5], 2)", json!([[1, 2], [3, 4], [5]])),
        ("$range(0, 10, 5)", json!([0, 5, 10])),
        ("$range(3, 1, -1)", json!([3, 2, 1])),
        ("$range(0, 1, 0.5)", json!([0, 0.5, 1])),
        ("$range(1, 0, 1)", json!([])),
        ("$hash('input data', 'SHA-1')", json!("aaff4a450a104cd177d28d18d74485e8cae074b7")),
        ("$parse($states.input.text).a", json!([1])),
        ("$parse('-0')", json!(0)),
        ("$map(['1', '[2]'], $parse)", json!([1, [2]])),
        ("$list ~> $partition(2)", json!([[3, 1], [2]])),
        ("$random(7) = $random(7)", json!(true)),
        ("$random() = $random()", json!(false)),
        ("$random() < 1 and $random(3) >= 0", json!(true)),
        ("$length($uuid())", json!(36)),
        ("$uuid() = $uuid()", json!(false)),
        ("$sort($shuffle([1..20])) = [1..20]", json!(true)),
        ("$count($list ~> $shuffle)", json!(3)),
    ] {
        assert_eq!(evaluate(text), Ok(wanted), "{text}");
    }
}

#[test]
fn the_same_seed_gives_the_same() {
    for text in ["$random()", "$uuid()", "$shuffle([1..50])"] {
        assert_eq!(evaluate(text), evaluate(text), "{text}");
    }
    assert_ne!(evaluate("$shuffle([1..50])"), evaluate("[1..50]"));
}

#[test]
fn time_is_what_the_platform_says() {
    for (text, wanted) in [
        ("$now()", json!("2024-02-29T12:30:45.678Z")),
        ("$millis()", json!(1_709_209_845_678_i64)),
        ("$now('[Y0001]-[M01]-[D01]')", json!("2024-02-29")),
        ("$now('[H01]:[m01] [z]', '+0100')", json!("13:30 GMT+01:00")),
        ("$map([1], function($x) { $millis() })", json!([1_709_209_845_678_i64])),
        ("($f := $now; $f())", json!("2024-02-29T12:30:45.678Z")),
    ] {
        let found = evaluate(text).unwrap();
        let found = if text.starts_with("$map") { json!([found]) } else { found };
        assert_eq!(found, wanted, "{text}");
    }
}

#[test]
fn eval_is_refused_wherever_it_stands() {
    for text in ["$eval('1+1')", "'1+1' ~> $eval", "$map(['1+1'], $eval)", "($f := $eval; $f('1'))"] {
        assert_eq!(said(text), "threw an error during evaluation. T1006: Attempted to invoke a non-function", "{text}");
    }
}

#[test]
fn errors_are_in_awss_words() {
    for (text, wanted) in [
        ("$nothing", "returned nothing (undefined)."),
        ("$states.input.nothing.more", "returned nothing (undefined)."),
        ("$", "returned nothing (undefined)."),
        ("function($x) { $x }", "returned nothing (undefined)."),
        (
            "$abs('x')",
            "threw an error during evaluation. T0410: Argument 1 of function \"abs\" does not match function signature",
        ),
        (
            "$hash(1, 'MD5')",
            "threw an error during evaluation. T0410: Argument 1 of function \"hash\" does not match function signature",
        ),
        ("$parse('{')", "threw an error during evaluation: The argument of the parse function is not valid JSON"),
        ("$error('mine')", "threw an error during evaluation. D3137: mine"),
    ] {
        assert_eq!(said(text), wanted, "{text}");
    }
    for (text, code) in [("1 + 'a'", "T2002"), ("$f()", "T1006"), ("1 / 0", "D1001"), ("$partition([1], 0)", "T0410")] {
        assert!(
            said(text).starts_with(&format!("threw an error during evaluation. {code}: ")),
            "{text}: {}",
            said(text)
        );
    }
}
