//! A bus's policy: statements put in and taken out.

use serde_json::{Value, json};
use updraft_api_events::types::Condition;

use super::name::BusId;

/// What `PutPermission` says of one statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    pub(crate) id: &'a str,
    pub(crate) action: &'a str,
    pub(crate) principal: &'a str,
    pub(crate) condition: Option<&'a Condition>,
}

/// The policy with a statement more, or another one in the place of one of that id.
pub(crate) fn with(bus: &BusId, policy: Option<&str>, said: Said<'_>) -> String {
    let mut all = statements(policy);
    all.retain(|one| !is(one, said.id));
    let partition = bus.region.partition();
    let principal = match said.principal {
        "*" => json!("*"),
        account => json!({ "AWS": format!("arn:{partition}:iam::{account}:root") }),
    };
    let mut statement = json!({
        "Sid": said.id,
        "Effect": "Allow",
        "Principal": principal,
        "Action": said.action,
        "Resource": bus.arn().to_string(),
    });
    if let (Some(condition), Some(members)) = (said.condition, statement.as_object_mut()) {
        let test = json!({ condition.r#type.clone(): { condition.key.clone(): condition.value } });
        members.insert("Condition".to_owned(), test);
    }
    all.push(statement);
    told(all)
}

/// The policy without a statement; `None`: it has none of that id.
pub(crate) fn without(policy: Option<&str>, id: &str) -> Option<Option<String>> {
    let mut all = statements(policy);
    let before = all.len();
    all.retain(|one| !is(one, id));
    (all.len() < before).then(|| if all.is_empty() { None } else { Some(told(all)) })
}

fn told(statements: Vec<Value>) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn is(statement: &Value, id: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(id)
}

fn statements(policy: Option<&str>) -> Vec<Value> {
    let parsed = policy.and_then(|text| serde_json::from_str::<Value>(text).ok());
    match parsed.and_then(|mut policy| policy.get_mut("Statement").map(Value::take)) {
        Some(Value::Array(all)) => all,
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    }
}
