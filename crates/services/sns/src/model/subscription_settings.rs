//! Attributes of subscriptions: which can be set, and to what.

use serde_json::Value;
use updraft_kernel::Arn;

use super::archive::Window;
use super::delivery_policy;

/// What can be said about a subscription, and to whom it belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) protocol: &'a str,
    pub(crate) fifo: bool,
    /// Whether `FilterPolicy` is about the body.
    pub(crate) filters_body: bool,
}

pub(crate) fn can_be_set(name: &str) -> bool {
    let all = [
        "DeliveryPolicy",
        "FilterPolicy",
        "FilterPolicyScope",
        "RawMessageDelivery",
        "RedrivePolicy",
        "ReplayPolicy",
        "SubscriptionRoleArn",
    ];
    all.contains(&name)
}

/// The attribute as it is to be kept and shown.
///
/// # Errors
/// What is wrong with it, as it follows the name of the parameter.
pub(crate) fn checked(about: About<'_>, name: &str, value: &str) -> Result<String, String> {
    match name {
        "RawMessageDelivery" => raw(about, value),
        "FilterPolicyScope" if !matches!(value, "MessageBody" | "MessageAttributes") => Err(format!(
            "FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
        )),
        "FilterPolicy" => {
            super::filter::checked(value, about.filters_body).map_err(|why| format!("FilterPolicy: {why}"))
        }
        "RedrivePolicy" => redrive(about, value).map_err(|why| format!("RedrivePolicy: {why}")),
        "DeliveryPolicy" => delivery_policy::of_subscription(value).map_err(|why| format!("DeliveryPolicy: {why}")),
        "SubscriptionRoleArn" if Arn::parse(value).is_err() => Err("SubscriptionRoleArn".to_owned()),
        "ReplayPolicy" if !about.fifo => Err("ReplayPolicy: is only valid for FIFO topics".to_owned()),
        "ReplayPolicy" => match Window::read(value) {
            Ok(_) => Ok(value.to_owned()),
            Err(why) => Err(format!("ReplayPolicy: {why}")),
        },
        _ => Ok(value.to_owned()),
    }
}

fn raw(about: About<'_>, value: &str) -> Result<String, String> {
    let value = value.to_ascii_lowercase();
    if !matches!(value.as_str(), "true" | "false") {
        return Err(format!("RawMessageDelivery: Invalid value [{value}]. Must be true or false."));
    }
    let can = matches!(about.protocol, "sqs" | "http" | "https" | "firehose");
    if value == "true" && !can {
        return Err(format!(
            "RawMessageDelivery: Delivery protocol [{}] does not support raw message delivery.",
            about.protocol
        ));
    }
    Ok(value)
}

fn redrive(about: About<'_>, value: &str) -> Result<String, String> {
    let policy: Value = serde_json::from_str(value).map_err(|_| "failed to parse JSON.".to_owned())?;
    let known = |name: &String| name == "deadLetterTargetArn";
    // AWS: what belongs to a queue's redrive policy, for one.
    if let Some(other) = policy.as_object().and_then(|policy| policy.keys().find(|name| !known(name))) {
        return Err(format!("invalid JSON. Attribute {other} is unknown."));
    }
    let target = policy.get("deadLetterTargetArn").and_then(Value::as_str);
    let target = target.and_then(|arn| Arn::parse(arn).ok()).filter(|arn| arn.service == "sqs");
    let Some(target) = target else { return Err("deadLetterTargetArn is an invalid arn".to_owned()) };
    if about.fifo && !target.resource.ends_with(".fifo") {
        return Err("must use a FIFO queue as DLQ for a FIFO Topic subscription".to_owned());
    }
    Ok(value.to_owned())
}
