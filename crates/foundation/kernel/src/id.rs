//! Ids that every service shares. Each has one way in, `parse`, so that an illegal one doesn't exist.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a raw text is not a legal id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {raw:?} is not valid")]
pub struct InvalidId {
    pub what: &'static str,
    pub raw: String,
}

/// Twelve digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountId(Box<str>);

impl AccountId {
    /// # Errors
    /// If `raw` is anything but twelve digits.
    pub fn parse(raw: &str) -> Result<Self, InvalidId> {
        let legal = raw.len() == 12 && raw.bytes().all(|b| b.is_ascii_digit());
        if legal { Ok(Self(raw.into())) } else { Err(InvalidId { what: "account id", raw: raw.to_owned() }) }
    }

    /// The account of the conventional `test` credentials.
    #[must_use]
    pub fn local() -> Self {
        Self("000000000000".into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A region's name, such as `eu-west-1`. Any well-formed name is a region here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Region(Box<str>);

impl Region {
    /// # Errors
    /// If `raw` is not lower-case letters, digits and dashes, 1 to 32 of them.
    pub fn parse(raw: &str) -> Result<Self, InvalidId> {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=32).contains(&raw.len()) && raw.bytes().all(legal) {
            return Ok(Self(raw.into()));
        }
        Err(InvalidId { what: "region", raw: raw.to_owned() })
    }

    /// Where a request goes that names no region.
    #[must_use]
    pub fn default_region() -> Self {
        Self("us-east-1".into())
    }

    /// The partition of this region: `aws`, `aws-cn` or `aws-us-gov`.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        match &*self.0 {
            r if r.starts_with("cn-") => "aws-cn",
            r if r.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id a request is answered and logged under.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(Box<str>);

impl RequestId {
    #[must_use]
    pub fn new(id: impl Into<Box<str>>) -> Self {
        Self(id.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_twelve_digits_are_an_account() {
        assert!(AccountId::parse("123456789012").is_ok());
        for bad in ["", "12345678901", "1234567890123", "12345678901a"] {
            assert!(AccountId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_region_knows_its_partition() {
        let partition = |r: &str| Region::parse(r).unwrap().partition();
        assert_eq!(partition("eu-west-1"), "aws");
        assert_eq!(partition("cn-north-1"), "aws-cn");
        assert_eq!(partition("us-gov-east-1"), "aws-us-gov");
        assert!(Region::parse("EU").is_err());
        assert!(Region::parse("a/b").is_err());
    }
}
