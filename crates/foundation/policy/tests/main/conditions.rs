use serde_json::{Value, json};
use updraft_kernel::{Region, UnixMillis};
use updraft_policy::{Context, Facts, Spoken};

use crate::support::{OBJECT, ONE, policy, root, says_in, session, user};

fn context() -> Context {
    let mut context = Context::default();
    for (key, value) in [
        ("a:Text", "Hello"),
        ("a:Number", "10"),
        ("a:Date", "2020-06-15T12:00:00Z"),
        ("a:Bool", "true"),
        ("a:Bytes", "QmluYXJ5"),
        ("a:Address", "203.0.113.7"),
        ("a:Six", "2001:db8::7"),
        ("a:Arn", "arn:aws:sns:eu-west-1:111111111111:topic"),
        ("a:User", "ada"),
    ] {
        context.put(key, value);
    }
    context.put_all("a:Many", vec!["x".into(), "y".into()]);
    context.put_all("a:None", Vec::new());
    context
}

fn holds(condition: &Value) -> bool {
    let document = policy(&json!({ "Condition": condition }));
    says_in(&document, &root(ONE), ("s3:GetObject", OBJECT), &context()) == Spoken::Allow
}

/// What one operator says to a key and values.
fn check(operator: &str, key: &str, wanted: Value, expected: bool) {
    assert_eq!(holds(&json!({ operator: { key: wanted } })), expected, "{operator} {key} {wanted}");
}

#[test]
fn texts() {
    for (operator, wanted, expected) in [
        ("StringEquals", json!("Hello"), true),
        ("StringEquals", json!(["a", "Hello"]), true),
        ("StringEquals", json!("hello"), false),
        ("StringEquals", json!("Hel*"), false),
        ("StringNotEquals", json!("hello"), true),
        ("StringNotEquals", json!(["a", "Hello"]), false),
        ("StringEqualsIgnoreCase", json!("HELLO"), true),
        ("StringNotEqualsIgnoreCase", json!("HELLO"), false),
        ("StringLike", json!("H?l*"), true),
        ("StringLike", json!("h*"), false),
        ("StringNotLike", json!(["x*", "H*"]), false),
        ("StringNotLike", json!("x*"), true),
    ] {
        check(operator, "a:text", wanted.clone(), expected);
        check(operator, "A:Text", wanted, expected);
    }
    check("StringEquals", "a:User", json!("${a:User}"), true);
    check("StringEquals", "a:User", json!("${a:Missing}"), false);
    check("StringEquals", "a:Bool", json!(true), true);
}

#[test]
fn numbers_dates_and_truths() {
    for (operator, wanted, expected) in [
        ("Equals", 10, true),
        ("Equals", 9, false),
        ("NotEquals", 9, true),
        ("NotEquals", 10, false),
        ("LessThan", 10, false),
        ("LessThan", 11, true),
        ("LessThanEquals", 10, true),
        ("LessThanEquals", 9, false),
        ("GreaterThan", 10, false),
        ("GreaterThan", 9, true),
        ("GreaterThanEquals", 10, true),
        ("GreaterThanEquals", 11, false),
    ] {
        check(&format!("Numeric{operator}"), "a:Number", json!(wanted), expected);
        check(&format!("Numeric{operator}"), "a:Number", json!(wanted.to_string()), expected);
    }
    check("NumericEquals", "a:Number", json!("10.0"), true);
    check("NumericEquals", "a:Text", json!("10"), false);
    for (operator, wanted, expected) in [
        ("DateEquals", "2020-06-15T14:00:00+02:00", true),
        ("DateNotEquals", "2020-06-15T12:00:01Z", true),
        ("DateLessThan", "2020-06-15T12:00:01Z", true),
        ("DateLessThan", "2020-06-15", false),
        ("DateGreaterThan", "2020-06-15", true),
        ("DateGreaterThanEquals", "1592222400", true),
        ("DateLessThanEquals", "2020-06-15T11:59:59Z", false),
    ] {
        check(operator, "a:Date", json!(wanted), expected);
    }
    check("Bool", "a:Bool", json!("TRUE"), true);
    check("Bool", "a:Bool", json!(false), false);
    check("BinaryEquals", "a:Bytes", json!("QmluYXJ5"), true);
    check("BinaryEquals", "a:Bytes", json!("QmluYXJ6"), false);
}

#[test]
fn addresses_and_arns() {
    for (operator, key, wanted, expected) in [
        ("IpAddress", "a:Address", json!("203.0.113.0/24"), true),
        ("IpAddress", "a:Address", json!(["10.0.0.0/8", "203.0.113.7"]), true),
        ("IpAddress", "a:Address", json!("203.0.114.0/24"), false),
        ("IpAddress", "a:Address", json!("2001:db8::/32"), false),
        ("IpAddress", "a:Six", json!("2001:db8::/32"), true),
        ("IpAddress", "a:Text", json!("0.0.0.0/0"), false),
        ("NotIpAddress", "a:Address", json!("203.0.113.0/24"), false),
        ("NotIpAddress", "a:Address", json!("10.0.0.0/8"), true),
        ("ArnEquals", "a:Arn", json!("arn:aws:sns:eu-west-1:111111111111:topic"), true),
        ("ArnLike", "a:Arn", json!("arn:aws:sns:*:111111111111:t*"), true),
        ("ArnLike", "a:Arn", json!("arn:aws:sns:*"), true),
        ("ArnLike", "a:Arn", json!("arn:aws:s*:topic"), false),
        ("ArnNotEquals", "a:Arn", json!("arn:aws:sns:*:*:other"), true),
        ("ArnNotLike", "a:Arn", json!("arn:aws:sns:*:*:topic"), false),
    ] {
        check(operator, key, wanted, expected);
    }
}

#[test]
fn keys_that_are_not_there() {
    for (operator, expected) in [
        ("StringEquals", false),
        ("StringNotEquals", true),
        ("StringEqualsIfExists", true),
        ("StringNotLike", true),
        ("NumericLessThan", false),
        ("NumericNotEquals", true),
        ("Bool", false),
        ("BoolIfExists", true),
        ("IpAddress", false),
        ("NotIpAddress", true),
        ("ArnLike", false),
        ("ArnNotEquals", true),
        ("ForAllValues:StringEquals", true),
        ("ForAnyValue:StringEquals", false),
        ("ForAnyValue:StringEqualsIfExists", true),
        ("ForAnyValue:StringNotEquals", false),
    ] {
        let wanted = match operator {
            "Bool" | "BoolIfExists" => json!("false"),
            "IpAddress" | "NotIpAddress" => json!("10.0.0.0/8"),
            "NumericLessThan" | "NumericNotEquals" => json!(1),
            _ => json!("x"),
        };
        check(operator, "a:Missing", wanted.clone(), expected);
        check(operator, "a:None", wanted, expected);
    }
    check("StringEqualsIfExists", "a:Text", json!("x"), false);
    check("Null", "a:Missing", json!("true"), true);
    check("Null", "a:Missing", json!(false), false);
    check("Null", "a:Text", json!("true"), false);
    check("Null", "a:Text", json!("false"), true);
}

#[test]
fn keys_of_many_values() {
    for (operator, wanted, expected) in [
        ("ForAllValues:StringEquals", json!(["x", "y", "z"]), true),
        ("ForAllValues:StringEquals", json!(["x"]), false),
        ("ForAnyValue:StringEquals", json!(["y"]), true),
        ("ForAnyValue:StringEquals", json!(["z"]), false),
        ("ForAllValues:StringNotEquals", json!(["z"]), true),
        ("ForAllValues:StringNotEquals", json!(["x"]), false),
        ("ForAnyValue:StringNotEquals", json!(["x"]), true),
        ("ForAnyValue:StringNotEquals", json!(["x", "y"]), false),
        ("ForAllValues:StringLike", json!(["?"]), true),
    ] {
        check(operator, "a:Many", wanted, expected);
    }
}

#[test]
fn all_keys_and_operators_must_hold_and_any_value() {
    let both = |text: &str, number: i32| {
        holds(
            &json!({ "StringEquals": { "a:Text": ["x", text], "a:User": "ada" }, "NumericEquals": { "a:Number": number } }),
        )
    };
    assert!(both("Hello", 10));
    assert!(!both("Hello", 11));
    assert!(!both("y", 10));
    assert!(holds(&json!({})) && holds(&json!({ "Bool": {} })));
    assert!(!holds(&json!({ "StringEquals": { "a:Text": [] } })), "no value is allowed");
}

#[test]
fn what_every_request_has() {
    let region = Region::parse("eu-west-1").unwrap();
    let facts = |identity| Facts {
        identity,
        region: &region,
        now: UnixMillis(1_592_222_400_500),
        source_ip: Some("::ffff:203.0.113.7".parse().unwrap()),
        secure: true,
        user_agent: Some("curl"),
        referer: None,
    };
    let ada = user(ONE, "ada");
    let role = session(ONE, "worker", "s1");
    let (of_user, of_role) = (Context::of(facts(&ada)), Context::of(facts(&role)));
    let met = |context: &Context, operator: &str, key: &str, wanted: &str| {
        let document = policy(&json!({ "Condition": { operator: { key: wanted } } }));
        says_in(&document, &ada, ("s3:GetObject", OBJECT), context) == Spoken::Allow
    };
    for (operator, key, wanted) in [
        ("IpAddress", "aws:SourceIp", "203.0.113.7"),
        ("Bool", "aws:SecureTransport", "true"),
        ("DateGreaterThan", "aws:CurrentTime", "2020-06-15T11:59:59Z"),
        ("NumericEquals", "aws:EpochTime", "1592222400"),
        ("DateLessThanEquals", "aws:EpochTime", "2020-06-15T12:00:00Z"),
        ("StringEquals", "aws:RequestedRegion", "eu-west-1"),
        ("StringEquals", "aws:username", "ada"),
        ("StringEquals", "aws:userid", "AIDAADA"),
        ("StringEquals", "aws:PrincipalType", "User"),
        ("StringEquals", "aws:PrincipalAccount", ONE),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::111111111111:user/ada"),
        ("StringLike", "aws:UserAgent", "curl*"),
        ("Null", "aws:Referer", "true"),
    ] {
        assert!(met(&of_user, operator, key, wanted), "{operator} {key} {wanted}");
    }
    assert!(met(&of_role, "StringLike", "aws:userid", "AROAWORKER:*"));
    assert!(met(&of_role, "ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/worker"));
    assert!(met(&of_role, "Null", "aws:username", "true"));
}
