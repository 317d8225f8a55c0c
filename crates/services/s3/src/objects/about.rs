//! What clients say of objects: headers, metadata, tags, and what of it is allowed.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use updraft_kernel::AwsError;

use super::errors::{invalid_storage_class, key_too_long, metadata_too_large};
use super::row::About;
use super::words;
use crate::errors::{invalid_argument, invalid_request, invalid_tag};

/// AWS: in bytes of UTF-8.
const KEY: usize = 1024;
/// AWS: names and values together.
const METADATA: usize = 2048;
const TAGS: usize = 10;
const STANDARD: &str = "STANDARD";
const CLASSES: [&str; 9] = [
    STANDARD,
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
    "OUTPOSTS",
];

/// # Errors
/// If no object may be called so.
pub(crate) fn check_key(key: &str) -> Result<(), AwsError> {
    if key.len() > KEY { Err(key_too_long(key, KEY)) } else { Ok(()) }
}

/// The class to be kept; `None`: the usual one.
///
/// # Errors
/// If it is none.
pub(crate) fn storage_class(given: Option<&str>) -> Result<Option<String>, AwsError> {
    match given {
        None | Some(STANDARD) => Ok(None),
        Some(class) if CLASSES.contains(&class) => Ok(Some(class.to_owned())),
        Some(class) => Err(invalid_storage_class(class)),
    }
}

/// Names in lower case, as HTTP brings them.
///
/// # Errors
/// If it is too much.
pub(crate) fn metadata(given: Option<BTreeMap<String, String>>) -> Result<Vec<(String, String)>, AwsError> {
    let given = given.unwrap_or_default();
    let size = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > METADATA {
        return Err(metadata_too_large(size, METADATA));
    }
    Ok(given.into_iter().map(|(name, value)| (name, words::again(value))).collect())
}

/// The encoding without what only frames the request.
pub(crate) fn content_encoding(given: Option<String>) -> Option<String> {
    let given = given?;
    let kept: Vec<&str> =
        given.split(',').map(str::trim).filter(|one| !one.eq_ignore_ascii_case("aws-chunked")).collect();
    let text = kept.join(",");
    (!text.is_empty()).then_some(text)
}

/// The tags of a header: a query string.
///
/// # Errors
/// If they aren't allowed.
pub(crate) fn tags_of_header(given: Option<&str>) -> Result<Vec<(String, String)>, AwsError> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = given.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let tags: Vec<_> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect();
    let twice = tags.iter().enumerate().any(|(at, (name, _))| tags.iter().skip(at + 1).any(|(other, _)| other == name));
    if twice {
        let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without \
                       tag name duplicates.";
        return Err(invalid_argument("x-amz-tagging", message));
    }
    check_tags(tags)
}

/// # Errors
/// If they aren't allowed.
pub(crate) fn check_tags(tags: Vec<(String, String)>) -> Result<Vec<(String, String)>, AwsError> {
    if tags.len() > TAGS {
        return Err(AwsError::new(&crate::codes::BAD_REQUEST, "Object tags cannot be greater than 10"));
    }
    for (at, (name, value)) in tags.iter().enumerate() {
        if tags.iter().take(at).any(|(before, _)| before == name) {
            return Err(invalid_tag("Cannot provide multiple Tags with the same key").with("TagKey", name.as_str()));
        }
        if name.is_empty() || name.chars().count() > 128 || !name.chars().all(is_tag_char) {
            return Err(invalid_tag("The TagKey you have provided is invalid").with("TagKey", name.as_str()));
        }
        if name.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid_tag("System tags cannot be added/updated by requester").with("TagKey", name.as_str()));
        }
        if value.chars().count() > 256 || !value.chars().all(is_tag_char) {
            return Err(invalid_tag("The TagValue you have provided is invalid").with("TagKey", name.as_str()));
        }
    }
    Ok(tags)
}

fn is_tag_char(one: char) -> bool {
    one.is_alphanumeric() || one.is_whitespace() || "_.:/=+-@".contains(one)
}

/// What a redirect may be.
///
/// # Errors
/// If it isn't.
pub(crate) fn redirect(given: Option<String>) -> Result<Option<String>, AwsError> {
    let legal = |text: &String| text.starts_with('/') || text.starts_with("http://") || text.starts_with("https://");
    match given {
        Some(text) if !legal(&text) => Err(invalid_argument(
            "x-amz-website-redirect-location",
            "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
        )),
        other => Ok(other),
    }
}

/// Reads from an input what is said of an object in headers.
macro_rules! about {
    ($input:expr) => {{
        let input = &mut $input;
        if input.object_lock_event_hold.is_some() {
            return Err($crate::objects::errors::not_implemented("x-amz-object-lock-event-hold"));
        }
        let class = input.storage_class.as_ref().map(|class| class.as_str());
        $crate::objects::row::About {
            cache_control: input.cache_control.take(),
            content_disposition: input.content_disposition.take(),
            content_encoding: $crate::objects::about::content_encoding(input.content_encoding.take()),
            content_language: input.content_language.take(),
            content_type: input.content_type.take(),
            expires: input.expires.take(),
            redirect: $crate::objects::about::redirect(input.website_redirect_location.take())?,
            storage_class: $crate::objects::about::storage_class(class)?,
            metadata: $crate::objects::about::metadata(input.metadata.take())?,
            tags: $crate::objects::about::tags_of_header(input.tagging.as_deref())?,
            // Chosen once it is known whose the bucket is.
            acl: None,
        }
    }};
}
pub(crate) use about;

impl About {
    pub(crate) fn content_type(&self) -> String {
        self.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned())
    }
}

/// # Errors
/// If a part can't have this number.
pub(crate) fn part_number(given: i32) -> Result<u32, AwsError> {
    let legal = u32::try_from(given).ok().filter(|number| (1..=10_000).contains(number));
    legal.ok_or_else(|| {
        let message = "Part number must be an integer between 1 and 10000, inclusive";
        invalid_argument("partNumber", message).with("ArgumentValue", given.to_string())
    })
}

/// The object that a copy is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
}

impl Source {
    /// `bucket/key`, percent-encoded, with `?versionId=` behind it.
    ///
    /// # Errors
    /// If it isn't that.
    pub(crate) fn parse(header: &str) -> Result<Self, AwsError> {
        let invalid = || {
            invalid_argument(
                "x-amz-copy-source",
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            )
        };
        let (path, version) = match header.rsplit_once("?versionId=") {
            Some((path, version)) => (path, Some(version.to_owned())),
            None => (header, None),
        };
        // AWS: here a plus is a space, as in queries.
        let path = percent_decode_str(&path.replace('+', " ")).decode_utf8().map_err(|_| invalid())?.into_owned();
        let (bucket, key) = path.strip_prefix('/').unwrap_or(&path).split_once('/').ok_or_else(invalid)?;
        if bucket.is_empty() || key.is_empty() {
            return Err(invalid());
        }
        if bucket.starts_with("arn:") {
            return Err(invalid_request("Access points are not supported as the source of a copy."));
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned(), version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_framing_is_taken_out_of_an_encoding() {
        for (given, kept) in [("aws-chunked", None), ("aws-chunked,gzip", Some("gzip")), ("gzip, br", Some("gzip,br"))]
        {
            assert_eq!(content_encoding(Some(given.into())).as_deref(), kept);
        }
    }

    #[test]
    fn tags_are_a_query() {
        let tags = tags_of_header(Some("a=b%20c&d+e=&f")).unwrap();
        let pairs = [("a", "b c"), ("d e", ""), ("f", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(tags, pairs);
        assert!(tags_of_header(Some("a=1&a=2")).is_err());
        let many: Vec<_> = (0..11).map(|n| format!("k{n}=v")).collect();
        assert!(tags_of_header(Some(&many.join("&"))).is_err());
        assert!(tags_of_header(Some(&many[..10].join("&"))).is_ok());
    }

    #[test]
    fn a_source_is_decoded_once() {
        let source = |bucket: &str, key: &str, version: Option<&str>| Source {
            bucket: bucket.into(),
            key: key.into(),
            version: version.map(str::to_owned),
        };
        assert_eq!(Source::parse("/b/k%2Fl").unwrap(), source("b", "k/l", None));
        assert_eq!(Source::parse("b/k%252F?versionId=v").unwrap(), source("b", "k%2F", Some("v")));
        assert!(Source::parse("b").is_err());
        assert!(Source::parse("b/").is_err());
    }

    #[test]
    fn keys_and_metadata_have_a_size() {
        assert!(check_key(&"k".repeat(1024)).is_ok());
        assert!(check_key(&"k".repeat(1025)).is_err());
        let of = |size: usize| metadata(Some(BTreeMap::from([("n".to_owned(), "v".repeat(size))])));
        assert!(of(2047).is_ok());
        assert!(of(2048).is_err());
    }
}
