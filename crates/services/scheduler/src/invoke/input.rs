//! What a target is sent.

use serde_json::json;
use updraft_api_scheduler::types::Target;

use crate::model::occasion::{Occasion, written};
use crate::model::target::Kind;

/// The schedule's own input with the words in it replaced that stand for what is known only now; or, where it has none, AWS's
/// notification.
pub(super) fn of(occasion: &Occasion, kind: &Kind, target: &Target, attempt: u32) -> String {
    match &target.input {
        Some(input) => filled(input, occasion, attempt),
        None if matches!(kind, Kind::Universal { .. }) => "{}".to_owned(),
        None => notification(occasion),
    }
}

fn filled(input: &str, occasion: &Occasion, attempt: u32) -> String {
    if !input.contains("<aws.scheduler.") {
        return input.to_owned();
    }
    input
        .replace("<aws.scheduler.schedule-arn>", &occasion.schedule().arn().to_string())
        .replace("<aws.scheduler.scheduled-time>", &written(occasion.scheduled))
        .replace("<aws.scheduler.execution-id>", &occasion.execution)
        .replace("<aws.scheduler.attempt-number>", &attempt.to_string())
}

fn notification(occasion: &Occasion) -> String {
    let event = json!({
        "version": "0",
        "id": occasion.id,
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": occasion.account.as_str(),
        "time": written(occasion.scheduled),
        "region": occasion.region.as_str(),
        "resources": [occasion.schedule().arn().to_string()],
        // AWS: a text, and not an object.
        "detail": "{}",
    });
    event.to_string()
}
