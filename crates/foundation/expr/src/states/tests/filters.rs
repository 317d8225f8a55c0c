use serde_json::{Value, json};

use super::read;
use crate::states::Path;

#[test]
fn filters_keep_what_they_hold_of() {
    let titles = |filter: &str| read(&format!("$.store.book[?({filter})].title")).unwrap();
    for (filter, wanted) in [
        ("@.price < 10", json!(["Sayings", "Moby Dick"])),
        ("@.price >= 12.99", json!(["Sword", "The Lord"])),
        ("@.price > $.expensive", json!(["Sword", "The Lord"])),
        ("10 > @.price", json!(["Sayings", "Moby Dick"])),
        ("@.isbn", json!(["Moby Dick", "The Lord"])),
        ("!@.isbn", json!(["Sayings", "Sword"])),
        ("!(@.isbn && @.price < 10)", json!(["Sayings", "Sword", "The Lord"])),
        ("@.category == 'fiction' && @.price < 10", json!(["Moby Dick"])),
        ("@.category == \"reference\" || @.price > 20", json!(["Sayings", "The Lord"])),
        ("@.category == 'reference' || @.isbn && @.price > 20", json!(["Sayings", "The Lord"])),
        ("@.category != 'fiction'", json!(["Sayings"])),
        ("@.isbn != 'x'", json!(["Sayings", "Sword", "Moby Dick", "The Lord"])),
        ("@.isbn == null", json!([])),
        ("@.title =~ /s.*/i", json!(["Sayings", "Sword"])),
        ("@.title =~ /s.*/", json!([])),
        ("@.title =~ /ord/", json!([])),
        ("@.title in ['Sword', 'x']", json!(["Sword"])),
        ("@.price nin [8.95, 12.99]", json!(["Moby Dick", "The Lord"])),
        ("@.title contains 'Di'", json!(["Moby Dick"])),
        ("@.title size 5", json!(["Sword"])),
        ("@.title empty false && @.price > 20", json!(["The Lord"])),
        ("@.price == '8.95'", json!(["Sayings"])),
        ("@['price']<9", json!(["Sayings", "Moby Dick"])),
    ] {
        assert_eq!(titles(filter), wanted, "{filter}");
    }
}

#[test]
fn lists_are_compared_as_sets() {
    let value = json!([{"n": 1, "t": ["a", "b"]}, {"n": 2, "t": ["c"]}, {"n": 3, "t": []}]);
    let kept = |filter: &str| Path::parse(&format!("$[?({filter})].n")).unwrap().read_from(&value).unwrap();
    for (filter, wanted) in [
        ("@.t subsetof ['a', 'b', 'x']", json!([1, 3])),
        ("@.t anyof ['b', 'c']", json!([1, 2])),
        ("@.t noneof ['a']", json!([2, 3])),
        ("@.t all ['a', 'b']", json!([1])),
        ("@.t empty true", json!([3])),
        ("@.t size 2", json!([1])),
    ] {
        assert_eq!(kept(filter), wanted, "{filter}");
    }
}

/// As AWS's page on paths has it.
#[test]
fn filters_match_objects_only() {
    let read = |text: &str, of: Value| Path::parse(text).unwrap().read_from(&of).unwrap();
    assert_eq!(read("$[?(@ > 1)]", json!([1, 2, 3])), json!([]));
    assert_eq!(
        read("$.jar[?(@.a >= 5)]", json!({"jar": [{"a": 1}, {"a": 5}, 9, {"a": 7}]})),
        json!([{"a": 5}, {"a": 7}])
    );
}

/// Of recordings: an object is asked itself, and a dot before a bracket means nothing.
#[test]
fn an_objects_filter_asks_the_object() {
    let value = json!([{"year": 1997, "name": "a"}, {"year": 1999, "name": "b"}]);
    let read = |text: &str, of: &Value| Path::parse(text).unwrap().read_from(of).unwrap();
    assert_eq!(read("$.[?(@.year < 1999)].name", &value), json!(["a"]));
    assert_eq!(read("$[?(@.year < 1999)].name", &value[0]), json!(["a"]));
    assert_eq!(read("$..[?(@.year)].name", &value), json!(["a", "b"]));
}
