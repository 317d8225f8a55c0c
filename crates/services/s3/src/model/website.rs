//! Websites in buckets: what their configuration must be.

use updraft_api_s3::types::{RoutingRule, WebsiteConfiguration};
use updraft_kernel::AwsError;

use crate::errors::{invalid_argument, invalid_request, malformed_xml};

/// AWS: no more of them.
const MOST: usize = 50;

/// # Errors
/// If it can't be.
pub(crate) fn check(given: &WebsiteConfiguration) -> Result<(), AwsError> {
    if given.redirect_all_requests_to.is_some() {
        let more = given.index_document.is_some() || given.error_document.is_some() || given.routing_rules.is_some();
        return if more {
            let message = "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.";
            Err(invalid_argument("RedirectAllRequestsTo", message))
        } else {
            Ok(())
        };
    }
    let Some(index) = &given.index_document else {
        return Err(invalid_argument(
            "IndexDocument",
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
        ));
    };
    if index.suffix.is_empty() || index.suffix.contains('/') {
        return Err(invalid_argument("IndexDocument", "The IndexDocument Suffix is not well formed"));
    }
    if given.error_document.as_ref().is_some_and(|error| error.key.is_empty()) {
        return Err(invalid_argument("ErrorDocument", "The ErrorDocument Key is not well formed"));
    }
    let rules = given.routing_rules.as_deref().unwrap_or_default();
    if rules.len() > MOST {
        let message = format!(
            "{} routing rules provided, the number of routing rules in a website configuration is limited to {MOST}.",
            rules.len()
        );
        return Err(invalid_request(message));
    }
    rules.iter().try_for_each(check_rule)
}

fn check_rule(rule: &RoutingRule) -> Result<(), AwsError> {
    let redirect = &rule.redirect;
    let (key, prefix) = (redirect.replace_key_with.is_some(), redirect.replace_key_prefix_with.is_some());
    if key && prefix {
        return Err(invalid_request("You can only define ReplaceKeyPrefix or ReplaceKey but not both."));
    }
    let nothing = !key && !prefix && redirect.host_name.is_none() && redirect.protocol.is_none();
    if nothing && redirect.http_redirect_code.is_none() {
        return Err(malformed_xml());
    }
    if let Some(condition) = &rule.condition {
        if condition.key_prefix_equals.is_none() && condition.http_error_code_returned_equals.is_none() {
            return Err(invalid_request(
                "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.",
            ));
        }
        check_code(condition.http_error_code_returned_equals.as_deref(), 400..=599, "error")?;
    }
    check_code(redirect.http_redirect_code.as_deref(), 301..=308, "redirect")
}

fn check_code(given: Option<&str>, range: std::ops::RangeInclusive<u16>, what: &str) -> Result<(), AwsError> {
    let Some(given) = given else { return Ok(()) };
    if given.parse().is_ok_and(|code| range.contains(&code)) {
        return Ok(());
    }
    let which = if what == "error" { "4XX or 5XX" } else { "3XX except 300" };
    Err(invalid_request(format!("The provided HTTP {what} code ({given}) is not valid. Valid codes are {which}.")))
}
