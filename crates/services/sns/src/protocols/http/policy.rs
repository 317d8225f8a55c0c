//! What a delivery policy comes to: how often and when something is tried again, at which rate, and under which content
//! type. Pure.

use std::time::Duration;

use serde_json::Value;
use updraft_delivery::{Backoff, RetryPolicy};

use crate::model::delivery_policy::effective_of_subscription;
use crate::model::subscription::Subscription;
use crate::model::topic::Topic;

/// A policy's retries never take longer than an hour each, and there are a hundred of them at most.
const MAX_AGE: Duration = Duration::from_secs(5 * 24 * 3600);
pub(crate) const PLAIN: &str = "text/plain; charset=UTF-8";

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Policy {
    pub(crate) content_type: String,
    /// `maxReceivesPerSecond`.
    pub(crate) rate: Option<u32>,
    /// Before each retry.
    pauses: Vec<Duration>,
}

impl Policy {
    /// What counts for a subscription of a topic.
    pub(crate) fn of(topic: &Topic, row: &Subscription) -> Self {
        let text = effective_of_subscription(row.attribute("DeliveryPolicy"), topic.attribute("DeliveryPolicy"));
        Self::read(&serde_json::from_str(&text).unwrap_or_default())
    }

    fn read(effective: &Value) -> Self {
        let content_type = effective.pointer("/requestPolicy/headerContentType").and_then(Value::as_str);
        Self {
            content_type: content_type.unwrap_or(PLAIN).to_owned(),
            rate: effective
                .pointer("/throttlePolicy/maxReceivesPerSecond")
                .and_then(Value::as_u64)
                .and_then(|rate| u32::try_from(rate).ok())
                .filter(|rate| *rate > 0),
            pauses: pauses(effective.get("healthyRetryPolicy").unwrap_or(&Value::Null)),
        }
    }

    pub(crate) fn first_pause(&self) -> Duration {
        self.pauses.first().copied().unwrap_or_default()
    }

    /// Of what was tried once, and waits for the first pause by itself.
    pub(crate) fn later_retries(&self) -> RetryPolicy {
        let rest = self.pauses.get(1..).unwrap_or_default().to_vec();
        self.policy(self.pauses.len(), rest)
    }

    /// Of what wasn't tried yet.
    pub(crate) fn all_retries(&self) -> RetryPolicy {
        self.policy(self.pauses.len() + 1, self.pauses.clone())
    }

    fn policy(&self, attempts: usize, pauses: Vec<Duration>) -> RetryPolicy {
        let max_attempts = u32::try_from(attempts).unwrap_or(u32::MAX).max(1);
        RetryPolicy { max_attempts, max_age: MAX_AGE, backoff: Backoff::Schedule(pauses) }
    }
}

/// The pauses of the four phases: none, the shortest, growing ones, the longest.
fn pauses(retries: &Value) -> Vec<Duration> {
    let number = |name: &str, usual: u64| {
        let said = retries.get(name).and_then(Value::as_u64).unwrap_or(usual);
        u32::try_from(said).unwrap_or(u32::MAX)
    };
    let (shortest, longest) = (f64::from(number("minDelayTarget", 20)), f64::from(number("maxDelayTarget", 20)));
    let all = number("numRetries", 3).min(100);
    let [at_once, before, behind] =
        ["numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries"].map(|name| number(name, 0).min(all));
    let growing = all.saturating_sub(at_once).saturating_sub(before).saturating_sub(behind);
    let function = retries.get("backoffFunction").and_then(Value::as_str).unwrap_or("linear");
    let grown = (1..=growing).map(|nth| pause(function, (shortest, longest), (nth, growing)));
    let same = |seconds: f64, count: u32| (0..count).map(move |_| seconds);
    let seconds = same(0.0, at_once).chain(same(shortest, before)).chain(grown).chain(same(longest, behind));
    let whole = usize::try_from(all).unwrap_or(usize::MAX);
    seconds.take(whole).map(Duration::from_secs_f64).collect()
}

/// The `nth` of `count` pauses between the shortest and the longest. AWS shows the curves of its functions, and gives no
/// formulas: a linear one grows by the same each time, an arithmetic one by ever more, a geometric one by the same factor,
/// and an exponential one doubles what it grows by.
fn pause(function: &str, (shortest, longest): (f64, f64), (nth, count): (u32, u32)) -> f64 {
    let (nth, count) = (f64::from(nth), f64::from(count));
    if function == "geometric" {
        return shortest * (longest / shortest).powf(nth / count);
    }
    let part = match function {
        "arithmetic" => nth * (nth + 1.0) / (count * (count + 1.0)),
        "exponential" => (nth.exp2() - 1.0) / (count.exp2() - 1.0),
        _ => nth / count,
    };
    shortest + (longest - shortest) * part
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seconds(retries: &Value) -> Vec<u64> {
        pauses(retries).iter().map(Duration::as_secs).collect()
    }

    #[test]
    fn usually_there_are_three_retries_twenty_seconds_apart() {
        let usual = Policy::of(&Topic::default(), &Subscription::default());
        assert_eq!((usual.content_type.as_str(), usual.pauses.clone()), (PLAIN, vec![Duration::from_secs(20); 3]));
        assert_eq!((usual.later_retries().max_attempts, usual.all_retries().max_attempts), (3, 4));
    }

    #[test]
    fn the_phases_follow_each_other() {
        let retries = json!({
            "minDelayTarget": 2, "maxDelayTarget": 10, "numRetries": 9, "numNoDelayRetries": 2, "numMinDelayRetries": 1,
            "numMaxDelayRetries": 2, "backoffFunction": "linear",
        });
        assert_eq!(seconds(&retries), [0, 0, 2, 4, 6, 8, 10, 10, 10]);
    }

    #[test]
    fn each_function_ends_with_the_longest_pause_and_has_its_own_curve() {
        let of = |function: &str| {
            seconds(
                &json!({ "minDelayTarget": 1, "maxDelayTarget": 256, "numRetries": 4, "backoffFunction": function }),
            )
        };
        assert_eq!(of("linear"), [64, 128, 192, 256]);
        assert_eq!(of("arithmetic"), [26, 77, 154, 256]);
        assert_eq!(of("geometric"), [4, 16, 64, 256]);
        assert_eq!(of("exponential"), [18, 52, 120, 256]);
    }

    #[test]
    fn no_retries_are_one_attempt() {
        let policy = Policy::read(&json!({ "healthyRetryPolicy": { "numRetries": 0 } }));
        assert_eq!((policy.all_retries().max_attempts, policy.first_pause()), (1, Duration::ZERO));
    }
}
