//! Lifecycle rules: what they must be.

use std::collections::BTreeSet;

use updraft_api_s3::types::{
    BucketLifecycleConfiguration, LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator, LifecycleRuleFilter,
    Tag, Transition,
};
use updraft_kernel::{AwsError, UnixMillis};

use crate::errors::{invalid_argument, invalid_request, invalid_value, malformed_xml};

/// AWS: no more of them.
const MOST: usize = 1000;
const DAY: i64 = 24 * 3600 * 1000;

/// # Errors
/// If it can't be.
pub(crate) fn check(given: &BucketLifecycleConfiguration) -> Result<(), AwsError> {
    if given.rules.is_empty() || given.rules.len() > MOST {
        return Err(malformed_xml());
    }
    given.rules.iter().try_for_each(check_rule)?;
    let mut ids = BTreeSet::new();
    let twice = given.rules.iter().filter_map(|rule| rule.id.as_deref()).find(|id| !ids.insert(*id));
    twice
        .map_or(Ok(()), |_| Err(invalid_argument("ID", "Rule ID must be unique. Found same ID for more than one rule")))
}

fn check_rule(rule: &LifecycleRule) -> Result<(), AwsError> {
    if rule.id.as_ref().is_some_and(|id| id.chars().count() > 255) {
        return Err(invalid_argument("ID", "ID length should not exceed allowed limit of 255"));
    }
    // AWS: older clients name a prefix, newer ones a filter; one of both there is.
    match (&rule.filter, &rule.prefix) {
        (Some(filter), None) => check_filter(filter)?,
        (None, Some(_)) => {}
        _ => return Err(malformed_xml()),
    }
    check_actions(rule)
}

fn check_actions(rule: &LifecycleRule) -> Result<(), AwsError> {
    let transitions = rule.transitions.as_deref().unwrap_or_default();
    let noncurrent = rule.noncurrent_version_transitions.as_deref().unwrap_or_default();
    let nothing = rule.expiration.is_none()
        && transitions.is_empty()
        && noncurrent.is_empty()
        && rule.noncurrent_version_expiration.is_none()
        && rule.abort_incomplete_multipart_upload.is_none();
    if nothing {
        return Err(invalid_request("At least one action needs to be specified in a rule"));
    }
    rule.expiration.as_ref().map_or(Ok(()), check_expiration)?;
    transitions.iter().try_for_each(check_transition)?;
    for transition in noncurrent {
        days("NoncurrentDays", Some(transition.noncurrent_days.ok_or_else(malformed_xml)?), 0)?;
        transition.storage_class.as_ref().ok_or_else(malformed_xml)?;
    }
    if let Some(expiration) = &rule.noncurrent_version_expiration {
        let given = expiration.noncurrent_days.ok_or_else(malformed_xml)?;
        days("NoncurrentDays", Some(given), 1)?;
    }
    if let Some(abort) = &rule.abort_incomplete_multipart_upload {
        days("DaysAfterInitiation", Some(abort.days_after_initiation.ok_or_else(malformed_xml)?), 1)?;
        let filtered = rule.filter.as_ref().is_some_and(has_tags);
        if filtered {
            return Err(invalid_request("AbortIncompleteMultipartUpload cannot be specified with Tags."));
        }
    }
    Ok(())
}

fn check_expiration(given: &LifecycleExpiration) -> Result<(), AwsError> {
    let said = [given.date.is_some(), given.days.is_some(), given.expired_object_delete_marker.is_some()];
    if said.into_iter().filter(|said| *said).count() != 1 {
        return Err(malformed_xml());
    }
    days("Days", given.days, 1)?;
    midnight(given.date)
}

fn check_transition(given: &Transition) -> Result<(), AwsError> {
    if given.date.is_some() == given.days.is_some() || given.storage_class.is_none() {
        return Err(malformed_xml());
    }
    days("Days", given.days, 0)?;
    young(given)?;
    midnight(given.date)
}

/// AWS: the classes of what is seldom read take nothing that is younger than 30 days.
fn young(given: &Transition) -> Result<(), AwsError> {
    let class = given.storage_class.as_ref().map(|class| class.as_str()).unwrap_or_default();
    if matches!(class, "STANDARD_IA" | "ONEZONE_IA") && given.days.is_some_and(|days| days < 30) {
        let message =
            format!("'Days' in Transition action must be greater than or equal to 30 for storageClass '{class}'");
        return Err(invalid_argument("Days", message));
    }
    Ok(())
}

fn days(name: &str, given: Option<i32>, least: i32) -> Result<(), AwsError> {
    if given.is_none_or(|days| days >= least) {
        return Ok(());
    }
    let what = if least > 0 { "a positive integer" } else { "greater than or equal to zero" };
    Err(invalid_argument(name, format!("'{name}' for this action must be {what}")))
}

fn midnight(date: Option<UnixMillis>) -> Result<(), AwsError> {
    match date {
        Some(date) if date.0 % DAY != 0 => Err(invalid_value("Date", &written(date), "'Date' must be at midnight GMT")),
        _ => Ok(()),
    }
}

fn written(date: UnixMillis) -> String {
    use updraft_wire::{Value, typed};
    let document = typed::to_json(&updraft_api_s3::shapes::Date, &Value::Timestamp(date));
    document.as_str().unwrap_or_default().to_owned()
}

fn check_filter(filter: &LifecycleRuleFilter) -> Result<(), AwsError> {
    let LifecycleRuleFilter { prefix, tag, object_size_greater_than, object_size_less_than, and } = filter;
    let said = [
        prefix.is_some(),
        tag.is_some(),
        object_size_greater_than.is_some(),
        object_size_less_than.is_some(),
        and.is_some(),
    ];
    if said.into_iter().filter(|said| *said).count() > 1 {
        return Err(malformed_xml());
    }
    and.as_ref().map_or(Ok(()), check_and)
}

fn check_and(and: &LifecycleRuleAndOperator) -> Result<(), AwsError> {
    let tags = and.tags.as_deref().unwrap_or_default();
    let others = [and.prefix.is_some(), and.object_size_greater_than.is_some(), and.object_size_less_than.is_some()];
    let mut keys = BTreeSet::new();
    if !tags.iter().all(|Tag { key, .. }| keys.insert(key)) {
        return Err(invalid_request("Duplicate Tag Keys are not allowed."));
    }
    let count = others.into_iter().filter(|said| *said).count() + tags.len();
    if count < 2 { Err(malformed_xml()) } else { Ok(()) }
}

fn has_tags(filter: &LifecycleRuleFilter) -> bool {
    filter.tag.is_some() || filter.and.as_ref().is_some_and(|and| and.tags.is_some())
}
