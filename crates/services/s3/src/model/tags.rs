//! What tags may be.

use std::collections::BTreeSet;

use updraft_api_s3::types::Tag;
use updraft_kernel::AwsError;

use crate::errors::{bad_request, invalid_tag};

/// AWS: no more on a bucket.
pub(crate) const BUCKET_MOST: usize = 50;

/// # Errors
/// If one of them may not be, or there are too many.
pub(crate) fn check(tags: &[Tag], most: usize) -> Result<(), AwsError> {
    let mut keys = BTreeSet::new();
    for Tag { key, value } in tags {
        if !is_legal(key, 128) || key.is_empty() {
            return Err(invalid_tag("The TagKey you have provided is invalid"));
        }
        if !is_legal(value, 256) {
            return Err(invalid_tag("The TagValue you have provided is invalid"));
        }
        if key.starts_with("aws:") {
            return Err(invalid_tag("System tags cannot be added/updated by requester"));
        }
        if !keys.insert(key) {
            return Err(invalid_tag("Cannot provide multiple Tags with the same key"));
        }
    }
    if tags.len() > most {
        let what = if most == BUCKET_MOST { "Bucket tag count" } else { "Object tags" };
        return Err(bad_request(format!("{what} cannot be greater than {most}")));
    }
    Ok(())
}

fn is_legal(text: &str, most: usize) -> bool {
    text.chars().count() <= most
        && text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(tags: &[(&str, &str)]) -> String {
        let tags: Vec<Tag> = tags.iter().map(|(k, v)| Tag { key: (*k).into(), value: (*v).into() }).collect();
        check(&tags, BUCKET_MOST).map_or_else(|error| error.message().to_owned(), |()| "fine".into())
    }

    #[test]
    fn tags() {
        let (key, value) = ("k".repeat(128), "v".repeat(256));
        assert_eq!(told(&[(&key, &value), ("a b", ""), ("é:/=+-@_.", "1")]), "fine");
        let (key, value) = ("k".repeat(129), "v".repeat(257));
        for wrong in [&key, "", "a;b", "<"] {
            assert_eq!(told(&[(wrong, "v")]), "The TagKey you have provided is invalid", "{wrong}");
        }
        for wrong in [&value, "a;b"] {
            assert_eq!(told(&[("k", wrong)]), "The TagValue you have provided is invalid", "{wrong}");
        }
        assert_eq!(told(&[("aws:k", "")]), "System tags cannot be added/updated by requester");
        assert_eq!(told(&[("k", "1"), ("k", "2")]), "Cannot provide multiple Tags with the same key");
        let many: Vec<String> = (0..51).map(|n| n.to_string()).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "")).collect();
        assert_eq!(told(&many[..50]), "fine");
        assert_eq!(told(&many), "Bucket tag count cannot be greater than 50");
    }
}
