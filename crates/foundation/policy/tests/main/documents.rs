use serde_json::{Value, json};
use updraft_policy::{Context, Effect, Malformed, Policy, Spoken};

use crate::support::{OBJECT, ONE, policy, root, says, says_in, statement};

fn wrong(document: &Value) -> Malformed {
    Policy::parse(&document.to_string()).unwrap_err()
}

#[test]
fn what_is_no_policy() {
    for text in ["", "x", "[]", "{", "\"a\""] {
        assert_eq!(Policy::parse(text).unwrap_err(), Malformed::Json, "{text}");
    }
    assert_eq!(wrong(&json!({})), Malformed::NoStatement);
    assert_eq!(wrong(&json!({ "Statement": [] })), Malformed::NoStatement);
    assert_eq!(wrong(&json!({ "Statement": ["a"] })), Malformed::Statement);
    assert_eq!(wrong(&json!({ "statement": [] })), Malformed::UnknownMember("statement".into()));
    assert_eq!(wrong(&json!({ "Version": "2012", "Statement": [] })), Malformed::Version("2012".into()));
    assert_eq!(wrong(&json!({ "Id": 1, "Statement": [] })), Malformed::Id);
    let table = [
        (json!({ "Sid": 1 }), Malformed::Sid),
        (json!({ "Effect": "allow" }), Malformed::Effect("allow".into())),
        (json!({ "Effect": null }), Malformed::Missing("Effect")),
        (json!({ "Action": null }), Malformed::Missing("Action")),
        (json!({ "NotAction": "s3:*" }), Malformed::Both("Action")),
        (json!({ "NotResource": "*" }), Malformed::Both("Resource")),
        (json!({ "NotPrincipal": "*" }), Malformed::Both("Principal")),
        (json!({ "Action": [] }), Malformed::Action),
        (json!({ "Action": 1 }), Malformed::Action),
        (json!({ "Resource": [1] }), Malformed::Resource),
        (json!({ "Other": 1 }), Malformed::UnknownMember("Other".into())),
        (json!({ "Condition": [] }), Malformed::Condition("Condition".into())),
        (json!({ "Condition": { "Bool": 1 } }), Malformed::Condition("Bool".into())),
        (json!({ "Condition": { "Odd": {} } }), Malformed::Operator("Odd".into())),
        (json!({ "Condition": { "NullIfExists": {} } }), Malformed::Operator("NullIfExists".into())),
        (json!({ "Condition": { "For:Bool": {} } }), Malformed::Operator("For:Bool".into())),
        (
            json!({ "Condition": { "Bool": { "a:b": "maybe" } } }),
            Malformed::Value { operator: "Bool".into(), key: "a:b".into() },
        ),
        (
            json!({ "Condition": { "IpAddress": { "aws:SourceIp": "1.2.3" } } }),
            Malformed::Value { operator: "IpAddress".into(), key: "aws:SourceIp".into() },
        ),
    ];
    for (changes, expected) in table {
        assert_eq!(wrong(&policy(&changes)), expected, "{changes}");
    }
}

#[test]
fn what_is_told_of_a_policy() {
    let document = json!({ "Id": "i", "Statement": [
        statement(&json!({ "Sid": "a", "Action": ["s3:Get*", "s3:PutObject"] })),
        statement(&json!({ "Sid": null, "Effect": "Deny", "Resource": null, "Principal": null })),
    ] });
    let policy = Policy::parse(&document.to_string()).unwrap();
    assert_eq!(policy.id(), Some("i"));
    let [first, second] = policy.statements() else { panic!("two") };
    assert_eq!((first.sid(), first.effect()), (Some("a"), Effect::Allow));
    assert_eq!(first.actions().collect::<Vec<_>>(), ["s3:Get*", "s3:PutObject"]);
    assert_eq!(first.resources().unwrap()[0].text(), "arn:aws:s3:::bucket/*");
    assert!(second.resources().is_none() && second.principals().named().is_empty());
}

#[test]
fn actions() {
    let table: [(Value, bool); 9] = [
        (json!("*"), true),
        (json!("s3:*"), true),
        (json!("S3:getobject"), true),
        (json!("s3:Get*"), true),
        (json!("s3:G?tObject"), true),
        (json!(["s3:PutObject", "s3:GetObject"]), true),
        (json!("s3:Get"), false),
        (json!("s3:GetObjectAcl"), false),
        (json!("sqs:*"), false),
    ];
    for (actions, expected) in table {
        let said = |name: &str| {
            let mut document = policy(&json!({ "Action": null }));
            document["Statement"][name] = actions.clone();
            says(&document, &root(ONE), "s3:GetObject", OBJECT) == Spoken::Allow
        };
        assert_eq!(said("Action"), expected, "{actions}");
        assert_eq!(said("NotAction"), !expected, "not {actions}");
    }
}

#[test]
fn resources() {
    let table = [
        ("*", true),
        ("arn:aws:s3:::bucket/key", true),
        ("arn:aws:s3:::*", true),
        ("arn:aws:s3:::buck?t/k*", true),
        ("arn:aws:s3:*:*:bucket/key", true),
        ("arn:*:s3:::bucket/key", true),
        ("arn:aws:s3", true),
        ("arn:aws:s3:::bucket", false),
        ("arn:aws:s3:::bucket/", false),
        ("arn:aws:s3:::BUCKET/key", false),
        ("arn:aws:sqs:::*", false),
        ("arn:aws:*/key", false),
        ("bucket/key", false),
    ];
    for (resource, expected) in table {
        let said = |name: &str| {
            let mut document = policy(&json!({ "Resource": null }));
            document["Statement"][name] = json!([resource]);
            says(&document, &root(ONE), "s3:GetObject", OBJECT) == Spoken::Allow
        };
        assert_eq!(said("Resource"), expected, "{resource}");
        assert_eq!(said("NotResource"), !expected, "not {resource}");
    }
    assert_eq!(says(&policy(&json!({ "Resource": null })), &root(ONE), "s3:GetObject", OBJECT), Spoken::Allow);
}

#[test]
fn variables_stand_for_what_the_request_has() {
    let mut context = Context::default();
    context.put("aws:username", "ada");
    context.put("aws:odd", "*");
    let said = |version: &str, resource: &str, of: &str| {
        let mut document = policy(&json!({ "Resource": resource }));
        document["Version"] = json!(version);
        says_in(&document, &root(ONE), ("s3:GetObject", of), &context) == Spoken::Allow
    };
    let home = "arn:aws:s3:::bucket/${aws:username}/*";
    assert!(said("2012-10-17", home, "arn:aws:s3:::bucket/ada/x"));
    assert!(said("2012-10-17", "arn:aws:s3:::bucket/${AWS:UserName}", "arn:aws:s3:::bucket/ada"));
    assert!(!said("2012-10-17", home, "arn:aws:s3:::bucket/bob/x"));
    assert!(!said("2008-10-17", home, "arn:aws:s3:::bucket/ada/x"), "variables came with 2012");
    assert!(said("2008-10-17", home, "arn:aws:s3:::bucket/${aws:username}/x"));
    // What a variable stands for is no pattern.
    assert!(!said("2012-10-17", "arn:aws:s3:::bucket/${aws:odd}", "arn:aws:s3:::bucket/x"));
    assert!(said("2012-10-17", "arn:aws:s3:::bucket/${aws:odd}", "arn:aws:s3:::bucket/*"));
    assert!(said("2012-10-17", "arn:aws:s3:::bucket/${*}", "arn:aws:s3:::bucket/*"));
    assert!(!said("2012-10-17", "arn:aws:s3:::bucket/${*}", "arn:aws:s3:::bucket/x"));
    assert!(said("2012-10-17", "arn:aws:s3:::bucket/${aws:none, 'all'}", "arn:aws:s3:::bucket/all"));
    assert!(!said("2012-10-17", "arn:aws:s3:::bucket/${aws:none}*", "arn:aws:s3:::bucket/x"));
}

#[test]
fn what_is_denied_is_not_allowed_by_another() {
    let all = json!({ "Statement": [
        statement(&json!({})),
        statement(&json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/secret/*" })),
    ] });
    assert_eq!(says(&all, &root(ONE), "s3:GetObject", OBJECT), Spoken::Allow);
    assert_eq!(says(&all, &root(ONE), "s3:GetObject", "arn:aws:s3:::bucket/secret/1"), Spoken::Deny);
    assert_eq!(says(&all, &root(ONE), "s3:PutObject", OBJECT), Spoken::Nothing);
}
