use serde_json::{Value, json};

use super::{read, store};
use crate::states::{Path, Root};

#[test]
fn definite_paths_give_what_is_there() {
    for (path, wanted) in [
        ("$", store()),
        ("$.text", json!("plain")),
        ("$.none", json!(null)),
        ("$['text']", json!("plain")),
        ("$[\"text\"]", json!("plain")),
        ("$.delivery-partner", json!("owl")),
        ("$.store.book[0].title", json!("Sayings")),
        ("$.store.book[-1].title", json!("The Lord")),
        ("$.store['bicycle']['color']", json!("red")),
        ("$.store.bicycle['color','price']", json!({"color": "red", "price": 19.95})),
        ("$$.Execution.Name", json!("run")),
        ("$$", json!({"Execution": {"Name": "run"}})),
        ("$list", json!([1, 2, 3])),
        ("$list[1]", json!(2)),
        ("$order.id", json!(7)),
    ] {
        assert!(Path::parse(path).unwrap().is_definite(), "{path}");
        assert_eq!(read(path), Ok(wanted), "{path}");
    }
}

#[test]
fn indefinite_paths_give_a_list() {
    for (path, wanted) in [
        ("$.store.book[*].title", json!(["Sayings", "Sword", "Moby Dick", "The Lord"])),
        ("$.store.book[0,2].price", json!([8.95, 8.99])),
        ("$.store.book[:2].price", json!([8.95, 12.99])),
        ("$.store.book[1:2].price", json!([12.99])),
        ("$.store.book[-1:].price", json!([22.99])),
        ("$.store.book[2:9].price", json!([8.99, 22.99])),
        ("$.store.book[3:1]", json!([])),
        ("$.store.book[*].isbn", json!(["0-553", "0-395"])),
        ("$.store.bicycle.*", json!(["red", 19.95])),
        ("$.store.*.color", json!(["red"])),
        ("$.text[*]", json!([])),
        ("$.store..price", json!([8.95, 12.99, 8.99, 22.99, 19.95])),
        ("$..isbn", json!(["0-553", "0-395"])),
        ("$..book[0].title", json!(["Sayings"])),
        ("$..['color']", json!(["red"])),
        ("$..nothing", json!([])),
    ] {
        assert!(!Path::parse(path).unwrap().is_definite(), "{path}");
        assert_eq!(read(path), Ok(wanted), "{path}");
    }
}

#[test]
fn what_leads_nowhere_is_said_in_the_librarys_words() {
    for (path, wanted) in [
        ("$.x", "No results for path: $['x']".to_owned()),
        ("$.x.y", "Missing property in path $['x']".to_owned()),
        ("$.store.x", "No results for path: $['store']['x']".to_owned()),
        ("$.x[*].y", "Missing property in path $['x']".to_owned()),
        ("$.empty[0]", "No results for path: $['empty'][0]".to_owned()),
        // Of questions to AWS: paths have no functions, and several names stand at the end only.
        ("$.empty.length()", "Property ['length()'] not found in path $['empty']".to_owned()),
        ("$['store', 'text'].x", "Multi properties can only be used as path leafs: $['store', 'text']".to_owned()),
        ("$.text[0]", "Filter: [0] can only be applied to arrays. Current context is: \"plain\"".to_owned()),
        ("$.text[?(@.a)]", "Filter: [?] can not be applied to primitives. Current context is: \"plain\"".to_owned()),
        ("$unknown.x", "No results for path: $".to_owned()),
        ("$.text.x", "Property ['x'] not found in path $['text']".to_owned()),
        ("$.none.x", "Property ['x'] not found in path $['none']".to_owned()),
    ] {
        assert_eq!(read(path), Err(wanted), "{path}");
    }
}

#[test]
fn sentences_are_those_that_aws_has_shown() {
    let input = json!({"a": 1});
    let missing = Path::parse("$.no.such").unwrap().read_from(&input).unwrap_err();
    assert_eq!(missing.to_string(), "Invalid path '$.no.such' : Missing property in path $['no']");
    let sentence = "The JSONPath '$.no.such' specified for the field 'ErrorPath' could not be found in the input \
                    '{\"a\":1}'";
    assert_eq!(missing.not_found("ErrorPath", &input.to_string()), sentence);
}

#[test]
fn texts_that_are_no_paths_are_refused() {
    for text in [
        "",
        "a",
        "$.",
        "$..",
        "$[",
        "$[]",
        "$['a",
        "$['a'",
        "$.a b",
        "$.a.",
        "$x y",
        "$1",
        "$[1.5]",
        "$[?]",
        "$[?(]",
        "$[?()]",
        "$[?(@.a]",
        "$[?(@.a == )]",
        "$[?(3)]",
        "$.f(1)",
        "$[?(@.a =~ /(/)]",
        " $",
        "$ ",
    ] {
        assert!(Path::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_path_knows_its_root() {
    assert_eq!(Path::parse("$$.a").unwrap().root(), &Root::Context);
    assert_eq!(Path::parse("$.a").unwrap().root(), &Root::Input);
    assert_eq!(Path::parse("$a.b").unwrap().variable(), Some("a"));
    assert!(Path::parse(&format!("${}", "v".repeat(80))).is_ok());
    assert!(Path::parse(&format!("${}", "v".repeat(81))).is_err());
}

#[test]
fn names_may_hold_what_is_escaped() {
    let value = json!({"it's": 1, "a\"b": 2, "back\\slash": 3});
    let read = |text: &str| Path::parse(text).unwrap().read_from(&value).unwrap();
    assert_eq!(read(r"$['it\'s']"), json!(1));
    assert_eq!(read(r#"$['a"b']"#), json!(2));
    assert_eq!(read(r"$['back\\slash']"), Value::from(3));
}
