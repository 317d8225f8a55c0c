use serde_json::json;

use crate::states::ReferencePath;

#[test]
fn reference_paths_have_names_and_indexes_only() {
    for text in ["$", "$.a", "$['a'].b[0]", "$.a-b", "$$.a", "$v.a"] {
        assert_eq!(ReferencePath::parse(text).unwrap().text(), text);
    }
    for text in ["$.a[*]", "$..a", "$.a[-1]", "$.a[0:1]", "$.a[0,1]", "$['a','b']", "$.a[?(@.b)]", "a"] {
        assert!(ReferencePath::parse(text).is_err(), "{text}");
    }
    assert!(ReferencePath::parse("$").unwrap().is_root());
    assert!(!ReferencePath::parse("$$").unwrap().is_root());
}

#[test]
fn what_is_not_there_is_made() {
    for (path, root, wanted) in [
        ("$", json!({"a": 1}), json!(9)),
        ("$.a", json!({"a": 1, "b": 2}), json!({"a": 9, "b": 2})),
        ("$.c", json!({"a": 1}), json!({"a": 1, "c": 9})),
        ("$.x.y.z", json!({"a": 1}), json!({"a": 1, "x": {"y": {"z": 9}}})),
        ("$.l[1]", json!({"l": [1, 2]}), json!({"l": [1, 9]})),
        ("$.l[0].x", json!({"l": [{}]}), json!({"l": [{"x": 9}]})),
        ("$.a", json!({"a": null}), json!({"a": 9})),
    ] {
        let mut value = root;
        ReferencePath::parse(path).unwrap().insert(&mut value, json!(9)).unwrap();
        assert_eq!(value, wanted, "{path}");
    }
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_is_changed() {
    for (path, root) in [
        ("$.a", json!("text")),
        ("$.a.b", json!({"a": 1})),
        ("$.a[0]", json!({"a": []})),
        ("$.a[0]", json!({})),
        ("$.x.y[0]", json!({})),
        ("$.a.b", json!([1])),
    ] {
        let mut value = root.clone();
        let mismatch = ReferencePath::parse(path).unwrap().insert(&mut value, json!(9)).unwrap_err();
        assert_eq!(mismatch.to_string(), format!("Unable to apply ReferencePath {path} to input {root}"));
        assert_eq!(value, root, "{path}");
    }
}
