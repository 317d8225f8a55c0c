use std::collections::BTreeSet;

use serde_json::{Value, json};
use updraft_kernel::SeededRng;

use super::{call, store};
use crate::states::{Call, Scope};

#[test]
fn functions_give_what_aws_documents() {
    for (text, wanted) in [
        ("States.Array()", json!([])),
        ("States.Array('Foo', 2020, $.text, null, true)", json!(["Foo", 2020, "plain", null, true])),
        ("States.ArrayPartition($list, 2)", json!([[1, 2], [3]])),
        ("States.ArrayContains($list, 3)", json!(true)),
        ("States.ArrayContains($list, 3.0)", json!(true)),
        ("States.ArrayContains($list, '3')", json!(false)),
        ("States.ArrayRange(1, 9, 2)", json!([1, 3, 5, 7, 9])),
        ("States.ArrayRange(3, 1, -1)", json!([3, 2, 1])),
        ("States.ArrayRange(1, 4.4, 1)", json!([1, 2, 3, 4])),
        ("States.ArrayGetItem($list, 0)", json!(1)),
        ("States.ArrayLength($list)", json!(3)),
        ("States.ArrayUnique(States.Array(1, 3, 1, 2, 3))", json!([1, 3, 2])),
        ("States.Base64Encode('Data to encode')", json!("RGF0YSB0byBlbmNvZGU=")),
        ("States.Base64Decode('RGF0YSB0byBkZWNvZGU=')", json!("Data to decode")),
        ("States.Hash('input data', 'SHA-1')", json!("aaff4a450a104cd177d28d18d74485e8cae074b7")),
        ("States.Hash('', 'MD5')", json!("d41d8cd98f00b204e9800998ecf8427e")),
        (
            "States.JsonMerge($order, States.StringToJson('{\"id\": 8, \"x\": {\"y\": 1}}'), false)",
            json!({"id": 8, "x": {"y": 1}}),
        ),
        ("States.JsonToString($order)", json!("{\"id\":7}")),
        ("States.StringToJson('[1, 2]')", json!([1, 2])),
        ("States.StringToJson('')", json!(null)),
        ("States.MathAdd(111, -1)", json!(110)),
        ("States.MathAdd(1.5, 1)", json!(3)),
        ("States.StringSplit('1,2.3', '.,')", json!(["1", "2", "3"])),
        ("States.Format('no placeholder')", json!("no placeholder")),
        ("States.Format('{} and {}', $.text, 1.10)", json!("plain and 1.10")),
        ("States.Format('\\{{}\\} \\' \\\\', 1)", json!("{1} ' \\")),
        ("States.Format('{}', States.Array('a', $order))", json!("[a, {id=7}]")),
        ("States.JsonToString($.store.book[?(@.price > 20 && @.title != ',')].title)", json!("[\"The Lord\"]")),
        ("States.Format('{}', $$.Execution.Name)", json!("run")),
        ("States.Array( 1 ,2 )", json!([1, 2])),
    ] {
        assert_eq!(call(text), Ok(wanted), "{text}");
    }
}

#[test]
fn functions_refuse_what_they_cannot_use() {
    for text in [
        "States.ArrayGetItem($list, 3)",
        "States.ArrayGetItem($list, -1)",
        "States.ArrayGetItem($.text, 0)",
        "States.ArrayPartition($list, 0)",
        "States.ArrayRange(1, 2, 0)",
        "States.ArrayRange(1, 1001, 1)",
        "States.MathAdd(2147483647, 1)",
        "States.MathAdd('1', 1)",
        "States.MathRandom(5, 5)",
        "States.Base64Decode('?')",
        "States.Hash('x', 'CRC')",
        "States.JsonMerge($order, $order, true)",
        "States.JsonMerge($order, $list, false)",
        "States.StringToJson('{')",
        "States.StringToJson(1)",
        "States.Format('{} {}', 1)",
        "States.Format('{}', 1, 2)",
    ] {
        let failure = call(text).unwrap_err();
        assert!(failure.starts_with(&format!("The function '{text}' had the following error: ")), "{text}: {failure}");
    }
    assert_eq!(call("States.ArrayRange(1, 1000, 1)").unwrap().as_array().map(Vec::len), Some(1000));
    assert_eq!(call("States.MathAdd(2147483646, 1)"), Ok(json!(i32::MAX)));
}

#[test]
fn texts_have_their_limit() {
    let encode = |len: usize| call(&format!("States.Base64Encode('{}')", "a".repeat(len)));
    assert!(encode(10_000).is_ok());
    assert!(encode(10_001).is_err());
}

#[test]
fn a_path_that_leads_nowhere_is_named() {
    let failure = call("States.Array($.nothing)").unwrap_err();
    let input = store();
    assert_eq!(
        failure,
        format!(
            "The function 'States.Array($.nothing)' had the following error: The JsonPath argument for the field \
             '$.nothing' could not be found in the input '{input}'"
        )
    );
}

#[test]
fn texts_that_are_no_calls_are_refused() {
    for text in [
        "",
        "States",
        "States.Array",
        "States.Array(",
        "States.Array(1",
        "States.Array(1,)",
        "States.Array(1 2)",
        "States.Array(1))",
        "States.array(1)",
        "States.Unknown()",
        "States.UUID(1)",
        "States.Format()",
        "States.MathAdd(1)",
        "States.Array('a)",
        "States.Array(\"a\")",
        "States.Array(word)",
        "States.Array($.[)",
        // What AWS refuses, recorded.
        r#"States.StringToJson('{"text":"An \"escaped double quote\" here"}')"#,
        r#"States.Format('He said, \"Hello, {}!\"', 'Test \"Name\" Here')"#,
    ] {
        assert!(Call::parse(text).is_err(), "{text}");
    }
}

#[test]
fn ten_calls_are_allowed_in_a_field() {
    let nested = |count: usize| format!("{}1{}", "States.Array(".repeat(count), ")".repeat(count));
    assert!(Call::parse(&nested(10)).is_ok());
    assert!(Call::parse(&nested(11)).is_err());
}

#[test]
fn what_is_random_comes_from_the_seam() {
    assert_eq!(call("States.UUID()"), call("States.UUID()"), "the same seed");
    let (null, rng) = (Value::Null, SeededRng::new(1));
    let variables = super::variables();
    let scope = Scope { input: &null, context: &null, variables: &variables };
    let random = Call::parse("States.MathRandom(1, 4)").unwrap();
    let drawn: BTreeSet<i64> = (0..200).map(|_| random.evaluate(&scope, &rng).unwrap().as_i64().unwrap()).collect();
    assert_eq!(drawn, [1, 2, 3].into(), "the end isn't drawn");
    let seeded = Call::parse("States.MathRandom(0, 1000000, 3)").unwrap();
    assert_eq!(seeded.evaluate(&scope, &rng), seeded.evaluate(&scope, &rng));
}

#[test]
fn the_variables_of_a_call_are_known() {
    let mut found = BTreeSet::new();
    Call::parse("States.Format($a.x, States.Array($b[0], $.c), $$.d)").unwrap().variables(&mut found);
    assert_eq!(found, ["a".to_owned(), "b".to_owned()].into());
}
