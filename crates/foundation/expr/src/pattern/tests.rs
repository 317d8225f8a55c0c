//! What each operator accepts and means, and what AWS says of what it doesn't accept.

use serde_json::Value;

use super::Pattern;

fn matches(pattern: &str, event: &str) -> bool {
    let event: Value = serde_json::from_str(event).unwrap();
    Pattern::parse(pattern).unwrap_or_else(|err| panic!("{pattern}: {err}")).matches(&event)
}

fn refused(pattern: &str) -> String {
    Pattern::parse(pattern).map(drop).unwrap_err().to_string()
}

#[track_caller]
fn check(pattern: &str, matching: &[&str], others: &[&str]) {
    for event in matching {
        assert!(matches(pattern, event), "{pattern} must match {event}");
    }
    for event in others {
        assert!(!matches(pattern, event), "{pattern} must not match {event}");
    }
}

#[test]
fn values_are_themselves() {
    check(
        r#"{"a":["x",1,true,null]}"#,
        &[r#"{"a":"x"}"#, r#"{"a":1.0}"#, r#"{"a":true}"#, r#"{"a":null}"#],
        &[r#"{"a":"X"}"#, r#"{"a":"1"}"#, r#"{"a":false}"#, r#"{"b":"x"}"#, r#"{"a":{"x":1}}"#, r#""x""#],
    );
    check(r#"{"a":[{"exactly":"x"}]}"#, &[r#"{"a":"x"}"#], &[r#"{"a":"xy"}"#]);
    check(r#"{"a":[12345678901234567890]}"#, &[r#"{"a":12345678901234567890}"#], &[r#"{"a":12345678901234567891}"#]);
}

#[test]
fn texts_begin_end_and_have_something_within() {
    check(r#"{"a":[{"prefix":"us-"}]}"#, &[r#"{"a":"us-1"}"#], &[r#"{"a":"US-1"}"#, r#"{"a":5}"#]);
    check(r#"{"a":[{"prefix":{"equals-ignore-case":"uS-"}}]}"#, &[r#"{"a":"Us-1"}"#], &[r#"{"a":"u"}"#]);
    check(r#"{"a":[{"suffix":{"equals-ignore-case":".PNG"}}]}"#, &[r#"{"a":"i.pnG"}"#], &[r#"{"a":"png"}"#]);
    check(r#"{"a":[{"equals-ignore-case":"Éa"}]}"#, &[r#"{"a":"éA"}"#], &[r#"{"a":"ea"}"#, r#"{"a":null}"#]);
    check(r#"{"a":[{"wildcard":"a*b\\*\\\\*"}]}"#, &[r#"{"a":"axb*\\"}"#, r#"{"a":"ab*\\z"}"#], &[r#"{"a":"axbx"}"#]);
    check(r#"{"a":[{"wildcard":"ab*b"}]}"#, &[r#"{"a":"abb"}"#], &[r#"{"a":"ab"}"#, r#"{"a":7}"#]);
}

#[test]
fn numbers_are_compared_with_six_digits() {
    check(
        r#"{"a":[{"numeric":[">",0,"<=",5]}]}"#,
        &[r#"{"a":5}"#, r#"{"a":0.000001}"#],
        &[r#"{"a":0}"#, r#"{"a":0.0000001}"#, r#"{"a":5.1}"#, r#"{"a":"3"}"#, r#"{"a":6000000000}"#],
    );
    check(r#"{"a":[{"numeric":["=",3.018e2]}]}"#, &[r#"{"a":301.8}"#], &[r#"{"a":301}"#]);
    check(r#"{"a":[{"numeric":[">=",-5]}]}"#, &[r#"{"a":-5}"#], &[r#"{"a":-5.5}"#]);
    check(r#"{"a":[{"numeric":["<",-5]}]}"#, &[r#"{"a":-5.5}"#], &[r#"{"a":-5}"#]);
}

#[test]
fn anything_but_holds_of_whatever_else_is_there() {
    check(
        r#"{"a":[{"anything-but":["x","y"]}]}"#,
        &[r#"{"a":"z"}"#, r#"{"a":null}"#, r#"{"a":["x","z"]}"#],
        &[r#"{"a":"y"}"#, r"{}", r#"{"a":["x","y"]}"#],
    );
    check(r#"{"a":[{"anything-but":[1,2]}]}"#, &[r#"{"a":"1"}"#, r#"{"a":3}"#], &[r#"{"a":2.0}"#]);
    check(r#"{"a":[{"anything-but":{"prefix":["x","y"]}}]}"#, &[r#"{"a":"ax"}"#, r#"{"a":1}"#], &[r#"{"a":"ya"}"#]);
    check(r#"{"a":[{"anything-but":{"wildcard":["*x*"]}}]}"#, &[r#"{"a":"y"}"#], &[r#"{"a":"axa"}"#]);
}

#[test]
fn addresses_are_what_they_mean() {
    check(r#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, &[r#"{"a":"10.0.0.255"}"#], &[r#"{"a":"10.0.1.0"}"#, r#"{"a":"::1"}"#]);
    check(r#"{"a":["::1"]}"#, &[r#"{"a":"0:0:0:0:0:0:0:1"}"#], &[r#"{"a":"::2"}"#]);
    check(r#"{"a":[{"cidr":"2001:db8::/0"}]}"#, &[r#"{"a":"ffff::"}"#], &[r#"{"a":"10.0.0.1"}"#]);
}

#[test]
fn nothing_there_is_only_of_leaves() {
    check(
        r#"{"a":{"b":[{"exists":false}]}}"#,
        &["{}", r#"{"a":1}"#, r#"{"a":{"b":{"c":1}}}"#, r#"{"a":{"b":[]}}"#],
        &[r#"{"a":{"b":null}}"#, r#"{"a.b":1}"#, r#"{"a.b":1,"a":{}}"#],
    );
    check(r#"{"a":[{"exists":true}]}"#, &[r#"{"a":null}"#, r#"{"a":[1]}"#], &["{}", r#"{"a":{"b":1}}"#, r#"{"a":[]}"#]);
}

#[test]
fn what_is_wanted_of_an_object_in_a_list_is_wanted_of_one() {
    let pattern = r#"{"a":{"x":[1],"y":[2]}}"#;
    check(
        pattern,
        &[r#"{"a":[{"x":1,"y":2}]}"#, r#"{"a":[{"x":1},[{"x":1,"y":2}]]}"#],
        &[r#"{"a":[{"x":1,"y":3},{"x":3,"y":2}]}"#, r#"{"a":[]}"#, r#"{"a":[1]}"#],
    );
    check(
        r#"{"a":{"y":[{"exists":false}]}}"#,
        &[r#"{"a":[{"x":1},{"x":2}]}"#, r#"{"a":[1]}"#],
        &[r#"{"a":[{"x":1},{"x":2,"y":3}]}"#],
    );
    check(
        r#"{"a":{"x":[1],"y":[{"exists":false}]}}"#,
        &[r#"{"a":[{"x":1},{"x":2,"y":3}]}"#],
        &[r#"{"a":[{"x":2},{"x":1,"y":3}]}"#],
    );
}

#[test]
fn names_with_dots_are_paths() {
    check(
        r#"{"a":{"b":["x"],"c":["y"]}}"#,
        &[r#"{"a.b":"x","a":{"c":"y"}}"#, r#"{"a":{"b":"x"},"a.c":"y"}"#],
        &[r#"{"a.b":"y","a":{"c":"y"}}"#],
    );
    check(r#"{"a.b":{"c":["x"]}}"#, &[r#"{"a":{"b.c":"x"}}"#, r#"{"a":{"c":1},"a.b":{"c":"x"}}"#], &[r#"{"a":"x"}"#]);
}

#[test]
fn or_is_of_its_branches() {
    let pattern = r#"{"k":[1],"$or":[{"a":[1]},{"b":[2],"$or":[{"c":[1]},{"d":[1]}]}],"z":[9]}"#;
    check(
        pattern,
        &[r#"{"k":1,"a":1,"z":9}"#, r#"{"k":1,"b":2,"d":1,"z":9}"#],
        &[r#"{"k":1,"b":2,"z":9}"#, r#"{"a":1,"z":9}"#, r#"{"k":1,"a":1}"#],
    );
}

/// Reasons and places as AWS recorded them.
#[test]
fn errors_are_in_aws_words() {
    let cases = [
        (r#"["not", "a", "dict"]"#, "Filter is not an object", 2),
        ("", "Filter is not an object", 1),
        (r#"{"a": {}}"#, "Empty objects are not allowed", 9),
        (r#"{"resources": []}"#, "Empty arrays are not allowed", 17),
        (r#"{"int": 42}"#, "\"int\" must be an object or an array", 11),
        (r#"{"key_a":"value_one"}"#, "\"key_a\" must be an object or an array", 11),
        (r#"{"key":[["value"]]}"#, "Match value must be String, number, true, false, or null", 10),
        (r#"{"key":[{"wrong-operator":true}]}"#, "Unrecognized match type wrong-operator", 31),
        (r#"{"key":[{"suffix":"value","prefix":"value2"}]}"#, "Only one key allowed in match expression", 37),
        (r#"{"key":[{"suffix":null}]}"#, "suffix match pattern must be a string", 23),
        (r#"{"key":[{"cidr":["bad-filter"]}]}"#, "prefix match pattern must be a string", 18),
        (r#"{"a":[{"anything-but":{"suffix":""}}]}"#, "Null prefix/suffix not allowed", 35),
        (r#"{"a":[{"numeric":[">",0,">",0]}]}"#, "Bad numeric range operator: >", 28),
        (r#"{"a":[{"numeric":[">",6000000000]}]}"#, "Value must be between -5.0E9 and 5.0E9, inclusive", 33),
        (r#"{"a":[{"wildcard":"a**"}]}"#, "Consecutive wildcard characters at pos 2", 24),
        (r#"{"$or":[{"a":[1]}]}"#, "There must have at least 2 Objects in $or relationship.", 19),
        (r#"{"$or":[{"prefix":["a"]},{}]}"#, "prefix is Ruler reserved fieldName which cannot be used inside $or.", 20),
        (
            r#"{'bad': 'quotation'}"#,
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
            2,
        ),
        (
            r#"{"not": closed mark""#,
            "Unrecognized token 'closed': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            15,
        ),
    ];
    for (pattern, reason, column) in cases {
        let place = format!("[Source: (String)\"{pattern}\"; line: 1, column: {column}]");
        assert_eq!(refused(pattern), format!("{reason}\n at {place}"));
    }
}

#[test]
fn some_errors_have_no_place_and_some_have_it_twice() {
    assert_eq!(refused(r#"{"a":[{"cidr":"10.0.0.0"}]}"#), "Malformed CIDR, one '/' required");
    assert_eq!(refused(r#"{"a":[{"cidr":"bad-filter/64"}]}"#), "Nonstandard IP address: bad-filter");
    assert_eq!(refused(r#"{"a":[{"cidr":"bad-/64filter"}]}"#), "Malformed CIDR, mask bits must be an integer");
    let listed = r#"{"detail": {"state": [{"anything-but": {"equals-ignore-case": [123, 456]}}]}}"#;
    let place = format!("[Source: (String)\"{listed}\"; line: 1, column: 67]");
    let reason = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.";
    assert_eq!(refused(listed), format!("{reason}\n at {place}\n at {place}"));
}

#[test]
fn places_are_counted_by_lines() {
    let error = refused("{\n  \"a\": [\"ok\"],\n  \"b\": 1 }");
    assert!(error.ends_with("line: 3, column: 9]"), "{error}");
}

#[test]
fn too_much_is_too_complex() {
    let many = format!("{{\"a\":[{{\"wildcard\":\"{}\"}}]}}", "*a".repeat(40));
    assert!(refused(&many).starts_with("Rule is too complex - try using fewer wildcard"), "{}", refused(&many));
    let pair = r#""$or":[{"a":[1]},{"b":[1]}]"#;
    let or = format!("{{{}}}", [pair; 11].join(","));
    assert!(refused(&or).starts_with("Rule is too complex"), "{}", refused(&or));
    let deep = format!("{}[1]{}", "{\"a\":".repeat(2000), "}".repeat(2000));
    assert!(refused(&deep).contains("Document nesting depth (129) exceeds"), "deep");
}
