//! `arn:partition:service:region:account:resource`, parsed once.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, Region};

/// The text has not the six parts of an ARN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an ARN")]
pub struct InvalidArn(pub String);

/// An ARN, taken apart. Region and account may be empty, as in S3's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Arn {
    pub partition: String,
    pub service: String,
    pub region: String,
    pub account: String,
    /// Everything behind the fifth colon.
    pub resource: String,
}

impl Arn {
    #[must_use]
    pub fn new(service: &str, region: &Region, account: &AccountId, resource: impl Into<String>) -> Self {
        Self {
            partition: region.partition().to_owned(),
            service: service.to_owned(),
            region: region.as_str().to_owned(),
            account: account.as_str().to_owned(),
            resource: resource.into(),
        }
    }

    /// # Errors
    /// If `raw` has not six parts, or an empty partition, service or resource.
    pub fn parse(raw: &str) -> Result<Self, InvalidArn> {
        Self::split(raw).ok_or_else(|| InvalidArn(raw.to_owned()))
    }

    fn split(raw: &str) -> Option<Self> {
        let mut parts = raw.strip_prefix("arn:")?.splitn(5, ':');
        let mut next = || parts.next().map(str::to_owned);
        let arn = Self { partition: next()?, service: next()?, region: next()?, account: next()?, resource: next()? };
        let whole = !arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty();
        whole.then_some(arn)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_goes_there_and_back() {
        for raw in ["arn:aws:lambda:eu-west-1:123456789012:function:f:1", "arn:aws:s3:::bucket/key:with:colons"] {
            assert_eq!(Arn::parse(raw).unwrap().to_string(), raw);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for raw in ["", "arn", "arn:aws:s3", "arn:aws:s3:::", "arn::s3:::x", "urn:aws:s3:::x"] {
            assert!(Arn::parse(raw).is_err(), "{raw}");
        }
    }
}
