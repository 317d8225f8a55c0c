//! SNS's messages about filter policies.

use serde_json::{Map, Value};
use updraft_expr::filter_policy::{FilterPolicy, Scope};

use crate::{quoted, recordings};

#[test]
fn messages_are_the_recorded_ones() {
    let Some(folder) = recordings("aws-recorded/sns") else { return };
    let text = std::fs::read_to_string(folder.join("test_sns_filter_policy.json")).unwrap();
    let scenarios: Map<String, Value> = serde_json::from_str(&text).unwrap();
    let answers = scenarios.values().filter_map(Value::as_object).flat_map(Map::values);
    let mut count = 0;
    for message in answers.filter_map(|answer| answer["Error"]["Message"].as_str()) {
        let Some(policy) = quoted(message) else { continue };
        let error = FilterPolicy::parse(policy, Scope::MessageAttributes).map(drop).unwrap_err();
        assert!(message.ends_with(&format!("FilterPolicy: {error}")), "{error}, but AWS said {message}");
        count += 1;
    }
    assert!(count > 12, "{count}");
}

/// The messages that don't repeat the policy.
#[test]
fn blocks_of_addresses_are_refused_as_recorded() {
    let Some(folder) = recordings("aws-recorded/sns") else { return };
    let text = std::fs::read_to_string(folder.join("test_sns_filter_policy.json")).unwrap();
    let recorded = |block: &str| {
        let policy = format!("{{\"key\":[{{\"cidr\":\"{block}\"}}]}}");
        let error = FilterPolicy::parse(&policy, Scope::MessageAttributes).map(drop).unwrap_err();
        assert!(text.contains(&format!("FilterPolicy: {error}\"")), "{block}: {error}");
    };
    for block in ["bad-filter", "bad-filter/64", "10.0.0.0/bad-filter", "xx.11.xx/8", "xxxx:db8:1234:1a00::/64"] {
        recorded(block);
    }
}
