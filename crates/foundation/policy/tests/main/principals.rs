use serde_json::{Value, json};
use updraft_kernel::Identity;
use updraft_policy::{Malformed, Policy, Spoken};

use crate::support::{OBJECT, ONE, TWO, account, anonymous, policy, root, says, session, user};

const ROLE: &str = "arn:aws:iam::111111111111:role/path/worker";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/worker/s1";

fn named(principal: &Value, identity: &Identity) -> bool {
    let document = policy(&json!({ "Principal": principal }));
    says(&document, identity, "s3:GetObject", OBJECT) == Spoken::Allow
}

#[test]
fn whom_a_principal_names() {
    let worker = session(ONE, "worker", "s1");
    let table: [(Value, &[Identity], &[Identity]); 12] = [
        (json!("*"), &[root(ONE), user(TWO, "ada"), anonymous()], &[]),
        (json!({ "AWS": "*" }), &[root(ONE), anonymous(), Identity::service(account(ONE), "sns.amazonaws.com")], &[]),
        (json!({ "AWS": ONE }), &[root(ONE), user(ONE, "ada"), worker.clone()], &[root(TWO), anonymous()]),
        (
            json!({ "AWS": ["arn:aws:iam::111111111111:root", TWO] }),
            &[root(ONE), user(TWO, "ada")],
            &[root("333333333333"), Identity::service(account(ONE), "sns.amazonaws.com")],
        ),
        (
            json!({ "AWS": "arn:aws:iam::111111111111:user/ada" }),
            &[user(ONE, "ada")],
            &[root(ONE), user(ONE, "bob"), user(TWO, "ada")],
        ),
        (json!({ "AWS": ROLE }), std::slice::from_ref(&worker), &[session(ONE, "other", "s1"), root(ONE)]),
        (json!({ "AWS": SESSION }), std::slice::from_ref(&worker), &[session(ONE, "worker", "s2")]),
        (json!({ "AWS": "AIDAADA" }), &[user(ONE, "ada")], &[user(ONE, "bob")]),
        (json!({ "AWS": "AROAWORKER" }), std::slice::from_ref(&worker), &[root(ONE)]),
        (
            json!({ "Service": ["sns.amazonaws.com"] }),
            &[Identity::service(account(ONE), "sns.amazonaws.com")],
            &[Identity::service(account(ONE), "s3.amazonaws.com"), root(ONE)],
        ),
        (json!({ "CanonicalUser": "c0ffee" }), &[root(ONE), user(ONE, "ada")], &[anonymous()]),
        (json!({ "Federated": "accounts.google.com" }), &[], &[root(ONE), anonymous()]),
    ];
    for (principal, yes, no) in table {
        for identity in yes {
            assert!(named(&principal, identity), "{principal} {identity:?}");
        }
        for identity in no {
            assert!(!named(&principal, identity), "{principal} {identity:?}");
        }
    }
}

#[test]
fn who_is_left_out() {
    let denied = |left_out: Value, identity: &Identity| {
        let document = policy(&json!({ "Effect": "Deny", "Principal": null, "NotPrincipal": { "AWS": left_out } }));
        says(&document, identity, "s3:GetObject", OBJECT) == Spoken::Deny
    };
    let (ada, worker) = (user(ONE, "ada"), session(ONE, "worker", "s1"));
    let arn = "arn:aws:iam::111111111111:user/ada";
    assert!(!denied(json!([ONE]), &root(ONE)));
    assert!(denied(json!([ONE]), &root(TWO)));
    assert!(denied(json!([ONE]), &anonymous()));
    assert!(denied(json!([arn]), &ada), "its account is denied");
    assert!(!denied(json!([arn, ONE]), &ada));
    assert!(denied(json!([ROLE, ONE]), &worker), "its session is denied");
    assert!(!denied(json!([ROLE, SESSION, ONE]), &worker));
    assert!(!denied(json!("*"), &anonymous()));
}

#[test]
fn what_names_nobody() {
    for principal in [
        json!("somebody"),
        json!({}),
        json!([]),
        json!({ "Aws": ONE }),
        json!({ "AWS": 1 }),
        json!({ "AWS": "11" }),
        json!({ "AWS": "arn:aws:iam::111111111111:user/*" }),
        json!({ "AWS": "arn:aws:s3:::bucket" }),
    ] {
        let document = policy(&json!({ "Principal": principal }));
        assert_eq!(Policy::parse(&document.to_string()).unwrap_err(), Malformed::Principal, "{principal}");
    }
}
