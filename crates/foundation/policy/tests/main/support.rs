//! A request that tests change a little.

use serde_json::{Value, json};
use updraft_kernel::{AccountId, Identity, Principal};
use updraft_policy::{Context, Policy, Request, Spoken, Who};

pub(crate) const ONE: &str = "111111111111";
pub(crate) const TWO: &str = "222222222222";
pub(crate) const OBJECT: &str = "arn:aws:s3:::bucket/key";

pub(crate) fn account(number: &str) -> AccountId {
    AccountId::parse(number).unwrap()
}

pub(crate) fn root(number: &str) -> Identity {
    Identity::root(account(number))
}

pub(crate) fn user(number: &str, name: &str) -> Identity {
    let principal = Principal::User { name: name.into(), id: format!("AIDA{}", name.to_uppercase()) };
    Identity { principal, ..root(number) }
}

pub(crate) fn session(number: &str, role: &str, session: &str) -> Identity {
    let role_id = format!("AROA{}", role.to_uppercase());
    let principal = Principal::AssumedRole { role: role.into(), role_id, session: session.into() };
    Identity { principal, ..root(number) }
}

pub(crate) fn anonymous() -> Identity {
    Identity { principal: Principal::Anonymous, ..root("000000000000") }
}

/// A policy of one statement, with some members changed; `null` takes one away.
pub(crate) fn statement(changes: &Value) -> Value {
    let mut statement = json!({
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*",
    });
    let members = statement.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(members.remove(name)),
            other => drop(members.insert(name.clone(), other.clone())),
        }
    }
    statement
}

pub(crate) fn policy(changes: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statement(changes) })
}

pub(crate) fn says(document: &Value, identity: &Identity, action: &str, resource: &str) -> Spoken {
    says_in(document, identity, (action, resource), &Context::default())
}

pub(crate) fn says_in(document: &Value, identity: &Identity, about: (&str, &str), context: &Context) -> Spoken {
    let policy = Policy::parse(&document.to_string()).unwrap();
    let who = Who { identity, partition: "aws", canonical: Some("c0ffee") };
    policy.evaluate(Request { who, action: about.0, resource: about.1, context }).into()
}
