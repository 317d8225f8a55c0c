//! Rules of who may ask from elsewhere: what they must be, and which of them holds for a request.

use updraft_api_s3::types::{CORSConfiguration, CORSRule};
use updraft_kernel::AwsError;

use crate::errors::{invalid_request, malformed_xml};

const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

/// AWS: no more of them.
const MOST: usize = 100;

/// # Errors
/// If it can't be.
pub(crate) fn check(given: &CORSConfiguration) -> Result<(), AwsError> {
    if given.cors_rules.is_empty() || given.cors_rules.len() > MOST {
        return Err(malformed_xml());
    }
    given.cors_rules.iter().try_for_each(check_rule)
}

fn check_rule(rule: &CORSRule) -> Result<(), AwsError> {
    if rule.allowed_methods.is_empty() || rule.allowed_origins.is_empty() {
        return Err(malformed_xml());
    }
    if let Some(method) = rule.allowed_methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
        let message = format!("Found unsupported HTTP method in CORS config. Unsupported method is {method}");
        return Err(invalid_request(message));
    }
    if let Some(origin) = rule.allowed_origins.iter().find(|origin| wildcards(origin) > 1) {
        return Err(invalid_request(format!("AllowedOrigin \"{origin}\" can not have more than one wildcard.")));
    }
    let headers = rule.allowed_headers.iter().flatten();
    if let Some(header) = headers.clone().find(|header| wildcards(header) > 1) {
        return Err(invalid_request(format!("AllowedHeader \"{header}\" can not have more than one wildcard.")));
    }
    if let Some(header) = rule.expose_headers.iter().flatten().find(|header| wildcards(header) > 0) {
        let message = format!(
            "ExposeHeader \"{header}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
        );
        return Err(invalid_request(message));
    }
    Ok(())
}

/// Whether a rule lets a page of that origin do that. `headers`: in lower case.
pub(crate) fn allows(rule: &CORSRule, origin: &str, method: &str, headers: &[String]) -> bool {
    let header = |name: &String| {
        rule.allowed_headers.iter().flatten().any(|pattern| matches(&pattern.to_ascii_lowercase(), name))
    };
    rule.allowed_methods.iter().any(|allowed| allowed == method)
        && rule.allowed_origins.iter().any(|allowed| matches(allowed, origin))
        && headers.iter().all(header)
}

/// `*`, of which there is one at most, is anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.len() >= head.len() + tail.len() && text.starts_with(head) && text.ends_with(tail),
    }
}

fn wildcards(text: &str) -> usize {
    text.matches('*').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(methods: &[&str], origins: &[&str], headers: &[&str], exposed: &[&str]) -> String {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let rule = CORSRule {
            allowed_methods: owned(methods),
            allowed_origins: owned(origins),
            allowed_headers: Some(owned(headers)),
            expose_headers: Some(owned(exposed)),
            ..CORSRule::default()
        };
        let given = CORSConfiguration { cors_rules: vec![rule] };
        check(&given).map_or_else(|error| error.code().name.to_owned(), |()| "fine".into())
    }

    #[test]
    fn what_a_rule_allows() {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let rule = CORSRule {
            allowed_methods: owned(&["GET", "HEAD"]),
            allowed_origins: owned(&["https://*.a.example", "https://b.example"]),
            allowed_headers: Some(owned(&["x-AMZ-acl", "x-my-*"])),
            ..CORSRule::default()
        };
        let told = |origin, method, headers: &[&str]| allows(&rule, origin, method, &owned(headers));
        assert!(told("https://b.example", "GET", &[]));
        assert!(told("https://x.a.example", "HEAD", &["x-amz-acl", "x-my-own"]));
        assert!(!told("https://b.example", "PUT", &[]));
        assert!(!told("http://b.example", "GET", &[]));
        assert!(!told("https://.a.exampl", "GET", &[]));
        assert!(!told("https://b.example", "GET", &["x-other"]));
        assert!(!told("https://b.example", "GET", &["x-amz-acl", "x-other"]));
    }

    #[test]
    fn rules() {
        assert_eq!(told(&["GET", "PUT"], &["https://*.example.com", "*"], &["x-*"], &["x-a"]), "fine");
        assert_eq!(told(&[], &["*"], &[], &[]), "MalformedXML");
        assert_eq!(told(&["GET"], &[], &[], &[]), "MalformedXML");
        assert_eq!(told(&["get"], &["*"], &[], &[]), "InvalidRequest");
        assert_eq!(told(&["OPTIONS"], &["*"], &[], &[]), "InvalidRequest");
        assert_eq!(told(&["GET"], &["*.*"], &[], &[]), "InvalidRequest");
        assert_eq!(told(&["GET"], &["*"], &["*-*"], &[]), "InvalidRequest");
        assert_eq!(told(&["GET"], &["*"], &[], &["*"]), "InvalidRequest");
        assert_eq!(check(&CORSConfiguration::default()).unwrap_err().code().name, "MalformedXML");
    }
}
