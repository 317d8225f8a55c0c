//! `DeliveryPolicy`: how HTTP endpoints are tried again, as it was set, as it is shown, and as it counts.

use serde_json::{Map, Value, json};

/// What counts where nothing else was said.
fn usual_retries() -> Value {
    json!({
        "minDelayTarget": 20,
        "maxDelayTarget": 20,
        "numRetries": 3,
        "numMaxDelayRetries": 0,
        "numNoDelayRetries": 0,
        "numMinDelayRetries": 0,
        "backoffFunction": "linear",
    })
}

fn usual_request() -> Value {
    json!({ "headerContentType": "text/plain; charset=UTF-8" })
}

/// A topic's, as it is shown again.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn of_topic(given: &str) -> Result<String, String> {
    let policy = object(given)?;
    let mut http = policy.get("http").and_then(Value::as_object).cloned().ok_or(MALFORMED)?;
    for name in ["defaultHealthyRetryPolicy", "defaultSicklyRetryPolicy"] {
        if let Some(retries) = http.get(name) {
            check_retries(retries)?;
        }
    }
    http.entry("disableSubscriptionOverrides").or_insert(false.into());
    Ok(json!({ "http": http }).to_string())
}

/// What counts for a topic.
pub(crate) fn effective_of_topic(set: Option<&str>) -> String {
    let set = set.and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    let said = |name: &str| set.pointer(&format!("/http/{name}")).filter(|value| !value.is_null()).cloned();
    let mut http = Map::new();
    http.insert("defaultHealthyRetryPolicy".into(), said("defaultHealthyRetryPolicy").unwrap_or_else(usual_retries));
    for name in ["defaultSicklyRetryPolicy", "defaultThrottlePolicy"] {
        http.extend(said(name).map(|value| (name.to_owned(), value)));
    }
    http.insert(
        "disableSubscriptionOverrides".into(),
        said("disableSubscriptionOverrides").unwrap_or(Value::Bool(false)),
    );
    http.insert("defaultRequestPolicy".into(), said("defaultRequestPolicy").unwrap_or_else(usual_request));
    json!({ "http": http }).to_string()
}

/// A subscription's, as it is shown again: AWS names all its parts.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn of_subscription(given: &str) -> Result<String, String> {
    let policy = object(given)?;
    if let Some(retries) = policy.get("healthyRetryPolicy") {
        check_retries(retries)?;
    }
    let said = |name: &str| policy.get(name).cloned().unwrap_or_default();
    Ok(json!({
        "healthyRetryPolicy": said("healthyRetryPolicy"),
        "sicklyRetryPolicy": said("sicklyRetryPolicy"),
        "throttlePolicy": said("throttlePolicy"),
        "requestPolicy": said("requestPolicy"),
        "guaranteed": policy.get("guaranteed").cloned().unwrap_or(Value::Bool(false)),
    })
    .to_string())
}

/// What counts for a subscription: its own, then its topic's, then the usual.
pub(crate) fn effective_of_subscription(own: Option<&str>, topic: Option<&str>) -> String {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    let topic: Value = read(&effective_of_topic(topic)).unwrap_or_default();
    let overrides = topic.pointer("/http/disableSubscriptionOverrides") != Some(&Value::Bool(true));
    let own = own.filter(|_| overrides).and_then(read).unwrap_or_default();
    let choose = |name: &str, default: &str| {
        let own = own.get(name).filter(|value| !value.is_null());
        own.or_else(|| topic.pointer(&format!("/http/{default}"))).cloned().unwrap_or_default()
    };
    json!({
        "healthyRetryPolicy": choose("healthyRetryPolicy", "defaultHealthyRetryPolicy"),
        "sicklyRetryPolicy": choose("sicklyRetryPolicy", "defaultSicklyRetryPolicy"),
        "throttlePolicy": choose("throttlePolicy", "defaultThrottlePolicy"),
        "requestPolicy": choose("requestPolicy", "defaultRequestPolicy"),
        "guaranteed": own.get("guaranteed").cloned().unwrap_or(Value::Bool(false)),
    })
    .to_string()
}

const MALFORMED: &str = "failed to parse JSON.";

fn object(given: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(given) {
        Ok(Value::Object(policy)) => Ok(policy),
        _ => Err(MALFORMED.to_owned()),
    }
}

/// Whole numbers, within what AWS allows: an hour, a hundred retries, and no more of one kind than altogether.
fn check_retries(retries: &Value) -> Result<(), String> {
    if retries.is_null() {
        return Ok(());
    }
    let number = |name: &str| match retries.get(name) {
        None | Some(Value::Null) => Ok::<_, String>(None),
        Some(value) => value.as_u64().map(Some).ok_or_else(|| format!("{name} must be a non-negative integer")),
    };
    let (min, max) = (number("minDelayTarget")?.unwrap_or(20), number("maxDelayTarget")?.unwrap_or(20));
    if !(1..=3600).contains(&max) || min > max || min < 1 {
        return Err("minDelayTarget and maxDelayTarget must be within 1 and 3600, in this order".to_owned());
    }
    let all = number("numRetries")?.unwrap_or(3);
    let phases = ["numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries"];
    let of_phases =
        phases.iter().try_fold(0_u64, |sum, name| Ok::<_, String>(sum.saturating_add(number(name)?.unwrap_or(0))))?;
    if all > 100 || of_phases > all {
        return Err("numRetries must be 100 at most, and no less than the retries of all phases".to_owned());
    }
    match retries.get("backoffFunction").and_then(Value::as_str) {
        None | Some("linear" | "arithmetic" | "geometric" | "exponential") => Ok(()),
        Some(other) => Err(format!("backoffFunction {other} is unknown")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topics_own_request_counts_beside_the_usual_retries() {
        let set = of_topic(r#"{"http":{"defaultRequestPolicy":{"headerContentType":"application/json"}}}"#).unwrap();
        let shown = r#"{"http":{"defaultRequestPolicy":{"headerContentType":"application/json"},"disableSubscriptionOverrides":false}}"#;
        assert_eq!(set, shown);
        let counts: Value = serde_json::from_str(&effective_of_topic(Some(&set))).unwrap();
        assert_eq!(counts["http"]["defaultRequestPolicy"]["headerContentType"], "application/json");
        assert_eq!(counts["http"]["defaultHealthyRetryPolicy"]["numRetries"], 3);
    }

    #[test]
    fn a_subscriptions_own_comes_first_unless_the_topic_forbids_it() {
        let own = of_subscription(r#"{"requestPolicy":{"headerContentType":"text/csv"}}"#).unwrap();
        let free = effective_of_subscription(Some(&own), None);
        assert!(free.contains("text/csv") && free.contains("\"numRetries\":3"), "{free}");
        let strict = r#"{"http":{"disableSubscriptionOverrides":true}}"#;
        assert!(!effective_of_subscription(Some(&own), Some(strict)).contains("text/csv"));
    }

    #[test]
    fn retries_are_within_bounds() {
        let with = |retries: &str| of_subscription(&format!(r#"{{"healthyRetryPolicy":{retries}}}"#));
        assert!(with(r#"{"numRetries":100,"minDelayTarget":1,"maxDelayTarget":3600}"#).is_ok());
        for bad in
            [r#"{"numRetries":101}"#, r#"{"minDelayTarget":21}"#, r#"{"numRetries":-1}"#, r#"{"backoffFunction":"x"}"#]
        {
            assert!(with(bad).is_err(), "{bad}");
        }
    }
}
