//! How listings are told: encodings, markers, and the entries themselves.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use updraft_api_s3::types::{
    ChecksumAlgorithm, ChecksumType, CommonPrefix, EncodingType, Object, ObjectStorageClass, Owner,
};
use updraft_kernel::AwsError;

use super::acl;
use super::list::Entry;
use super::row::Version;
use crate::errors::{invalid_argument, invalid_value};
use crate::model::bucket::Bucket;
use crate::model::owner::canonical_id;

/// AWS: in a page.
const MOST: i32 = 1000;
const URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*').remove(b'/').remove(b' ');

const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How keys are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Url,
}

impl Encoding {
    /// # Errors
    /// If it is none.
    pub(crate) fn parse(given: Option<&EncodingType>) -> Result<Self, AwsError> {
        match given {
            None => Ok(Self::Plain),
            Some(EncodingType::Url) => Ok(Self::Url),
            Some(other) => {
                Err(invalid_value("encoding-type", other.as_str(), "Invalid Encoding Method specified in Request"))
            }
        }
    }

    pub(crate) fn write(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Url => utf8_percent_encode(text, URL).to_string().replace(' ', "+"),
        }
    }

    pub(crate) fn told(self) -> Option<EncodingType> {
        (self == Self::Url).then_some(EncodingType::Url)
    }
}

/// How many entries a page may have. More than AWS gives are not refused.
///
/// # Errors
/// If it is negative.
pub(crate) fn most(name: &'static str, given: Option<i32>) -> Result<(i32, usize), AwsError> {
    let given = given.unwrap_or(MOST);
    let most = usize::try_from(given.min(MOST)).map_err(|_| {
        let message = format!("Argument {name} must be an integer between 0 and 2147483647");
        invalid_argument(name, message).with("ArgumentValue", given.to_string())
    })?;
    Ok((given.min(MOST), most))
}

/// Where a page goes on, as only we can read it.
pub(crate) fn token(marker: &str) -> String {
    format!("1{}", URL_SAFE_NO_PAD.encode(marker))
}

/// # Errors
/// If we didn't write it.
pub(crate) fn marker(token: &str) -> Result<String, AwsError> {
    let bytes = token.strip_prefix('1').and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| invalid_argument("continuation-token", "The continuation token provided is incorrect"))
}

/// Whose the objects of a bucket are, as listings say it.
#[derive(Debug)]
pub(crate) struct Owners<'a> {
    bucket: &'a Bucket,
    usual: Owner,
}

impl<'a> Owners<'a> {
    pub(crate) fn new(bucket: &'a Bucket) -> Self {
        Self { bucket, usual: owner(bucket) }
    }

    pub(crate) fn usual(&self) -> Owner {
        self.usual.clone()
    }

    pub(crate) fn of(&self, object: &super::row::Object) -> Owner {
        match acl::owner_of(self.bucket, object) {
            Some(other) => Owner { id: Some(canonical_id(&other)), ..Owner::default() },
            None => self.usual(),
        }
    }
}

pub(crate) fn owner(bucket: &Bucket) -> Owner {
    Owner { id: Some(canonical_id(&bucket.account)), ..Owner::default() }
}

/// The entries, apart: objects, and what several have in common.
pub(crate) fn told(
    entries: Vec<Entry>,
    encoding: Encoding,
    owners: Option<&Owners<'_>>,
) -> (Vec<Object>, Vec<CommonPrefix>) {
    let (mut objects, mut prefixes) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Prefix(prefix) => prefixes.push(CommonPrefix { prefix: Some(encoding.write(&prefix)) }),
            Entry::Object { key, version } => objects.extend(object(&encoding.write(&key), *version, owners)),
        }
    }
    (objects, prefixes)
}

fn object(key: &str, version: Version, owners: Option<&Owners<'_>>) -> Option<Object> {
    let object = version.object?;
    let (algorithm, kind) = sum(&object);
    Some(Object {
        key: Some(key.to_owned()),
        last_modified: Some(version.at),
        e_tag: Some(format!("\"{}\"", object.etag)),
        checksum_algorithm: algorithm,
        checksum_type: kind,
        size: i64::try_from(object.size).ok(),
        storage_class: Some(ObjectStorageClass::from(object.about.storage_class.as_deref().unwrap_or("STANDARD"))),
        owner: owners.map(|owners| owners.of(&object)),
        ..Object::default()
    })
}

/// How an object was added up, as listings say it.
pub(crate) fn sum(object: &super::row::Object) -> (Option<Vec<ChecksumAlgorithm>>, Option<ChecksumType>) {
    let Some(checksum) = &object.checksum else { return (None, None) };
    (Some(vec![checksum.algorithm.name().into()]), Some(checksum.kind().into()))
}

/// A key as a URL has it; AWS: its slashes too, where an answer names a location.
pub(crate) fn in_path(key: &str) -> String {
    utf8_percent_encode(key, PATH).to_string()
}

/// An optional text that is told only where there is one.
pub(crate) fn some(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_forms_are() {
        assert_eq!(Encoding::Url.write("date=2026/a b+c%😀~*"), "date%3D2026/a+b%2Bc%25%F0%9F%98%80%7E*");
        assert_eq!(Encoding::Plain.write("a b"), "a b");
    }

    #[test]
    fn a_token_is_read_by_whoever_wrote_it() {
        assert_eq!(marker(&token("a/é")).unwrap(), "a/é");
        for bad in ["", "1!", "x", "2YQ"] {
            assert!(marker(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_page_has_a_thousand_entries_at_most() {
        assert_eq!(most("max-keys", None).unwrap(), (1000, 1000));
        assert_eq!(most("max-keys", Some(5000)).unwrap(), (1000, 1000));
        assert_eq!(most("max-keys", Some(0)).unwrap(), (0, 0));
        assert!(most("max-keys", Some(-1)).is_err());
    }
}
