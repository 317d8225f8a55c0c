//! Tables of expressions: what they mean, and what AWS says of the wrong ones.

mod conditions;
mod keys;
mod projections;
mod updates;

use std::collections::BTreeMap;

use super::*;

pub(super) fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(super) fn n(text: &str) -> AttributeValue {
    AttributeValue::N(Number::parse(text).unwrap())
}

pub(super) fn ss(items: &[&str]) -> AttributeValue {
    AttributeValue::Ss(items.iter().map(|i| (*i).to_owned()).collect())
}

pub(super) fn map<const N: usize>(entries: [(&str, AttributeValue); N]) -> Item {
    entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
}

/// Values named by what they are, `#n` for the reserved `name` and `#a` for `a`.
pub(super) fn bindings() -> Bindings {
    let names = BTreeMap::from([("#n".to_owned(), "name".to_owned()), ("#a".to_owned(), "a".to_owned())]);
    let values = map([
        (":one", n("1")),
        (":two", n("2")),
        (":x", s("x")),
        (":xy", s("xy")),
        (":S", s("S")),
        (":set", ss(&["x", "y"])),
        (":z", ss(&["z"])),
        (":true", AttributeValue::Bool(true)),
        (":list", AttributeValue::L(vec![n("9")])),
        (":map", AttributeValue::M(map([("k", n("1"))]))),
    ]);
    Bindings::new(Some(names), Some(values)).unwrap()
}

/// `a` 1, `b` "xyz", `c` a set, `d` a list of 1, "two", 3, `e` a map, `name` "n".
pub(super) fn item() -> Item {
    map([
        ("a", n("1")),
        ("b", s("xyz")),
        ("c", ss(&["x", "y"])),
        ("d", AttributeValue::L(vec![n("1"), s("two"), n("3")])),
        ("e", AttributeValue::M(map([("f", n("5")), ("g", AttributeValue::L(vec![s("h")]))]))),
        ("name", s("n")),
        ("nothing", AttributeValue::Null),
    ])
}

#[test]
fn placeholders_are_checked() {
    let names = |key: &str| Bindings::new(Some(BTreeMap::from([(key.to_owned(), "a".to_owned())])), None);
    assert!(names("#a_1").is_ok());
    for key in ["a", "#", "#a-b", ":a"] {
        let message = format!("ExpressionAttributeNames contains invalid key: Syntax error; key: \"{key}\"");
        assert_eq!(names(key).unwrap_err().to_string(), message);
    }
    let empty = Bindings::new(None, Some(Item::new())).unwrap_err();
    assert_eq!(empty.to_string(), "ExpressionAttributeValues must not be empty");
}

#[test]
fn unused_placeholders_are_told() {
    let mut bound = Bindings::new(
        Some(BTreeMap::from([("#u".to_owned(), "u".to_owned())])),
        Some(map([(":x", s("x")), (":y", s("y")), (":z", s("z"))])),
    )
    .unwrap();
    parse_condition(Kind::Condition, "#u = :x", &mut bound).unwrap();
    assert_eq!(
        bound.check_all_used().unwrap_err().to_string(),
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:y, :z}"
    );
    parse_condition(Kind::Condition, "#u IN (:z, :y)", &mut bound).unwrap();
    assert!(bound.check_all_used().is_ok());
}
