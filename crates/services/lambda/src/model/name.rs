//! How functions are named: a name, a part of an ARN or an ARN, with or without a qualifier.

use std::fmt;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Arn, AwsError, Ctx, Region};

use crate::errors::{access_denied, invalid_parameter, not_found};

pub(crate) const LATEST: &str = "$LATEST";

/// Which function: unique in the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionId {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl FunctionId {
    /// `arn:…:function:name`.
    pub(crate) fn arn(&self) -> Arn {
        Arn::new("lambda", &self.region, &self.account, format!("function:{}", self.name))
    }

    /// With a qualifier, where there is one.
    pub(crate) fn arn_of(&self, qualifier: Option<&str>) -> Arn {
        let mut arn = self.arn();
        if let Some(qualifier) = qualifier {
            arn.resource = format!("{}:{qualifier}", arn.resource);
        }
        arn
    }
}

/// A version of a function. Its number is what it is kept under; `$LATEST` is 0, and so comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Version(pub(crate) u64);

impl Version {
    pub(crate) const LATEST: Self = Self(0);
    /// No function ever has it: what a number means that is too large for one.
    pub(crate) const NEVER: Self = Self(u64::MAX);

    /// `None`: the qualifier names an alias.
    pub(crate) fn parse(qualifier: Option<&str>) -> Option<Self> {
        match qualifier {
            None | Some(LATEST) => Some(Self::LATEST),
            Some(number) if number.bytes().all(|b| b.is_ascii_digit()) => {
                number.parse().ok().filter(|number| *number > 0).map(Self)
            }
            Some(_) => None,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(0) => f.write_str(LATEST),
            Self(number) => write!(f, "{number}"),
        }
    }
}

/// What a request means: a function and, where one was said, a qualifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) id: FunctionId,
    pub(crate) qualifier: Option<String>,
}

impl Target {
    /// Of the two places where an operation takes a qualifier. The tables have checked the forms.
    pub(crate) fn parse(cx: &Ctx, name: &str, qualifier: Option<&str>) -> Result<Self, AwsError> {
        let parts = Parts::split(name);
        if let Some(region) = parts.region.filter(|region| *region != cx.region.as_str()) {
            let here = &cx.region;
            return Err(not_found(format!("Functions from '{region}' are not reachable in this region ('{here}')")));
        }
        let id = FunctionId { account: cx.account.clone(), region: cx.region.clone(), name: parts.name.to_owned() };
        if parts.account.is_some_and(|account| account != cx.account.as_str()) {
            let who = cx.identity.arn(cx.region.partition());
            return Err(access_denied(format!(
                "User: {who} is not authorized to perform this action on resource: {name}"
            )));
        }
        let qualifier = match (parts.qualifier, qualifier) {
            (Some(one), Some(other)) if one != other => {
                let text = "The derived qualifier from the function name does not match the specified qualifier.";
                return Err(invalid_parameter(text));
            }
            (one, other) => one.or(other).map(str::to_owned),
        };
        Ok(Self { id, qualifier })
    }

    /// Of a name that may not leave an account and a region.
    ///
    /// # Errors
    /// Which of them it leaves.
    pub(crate) fn within(account: &AccountId, region: &Region, name: &str) -> Result<Self, Place> {
        let parts = Parts::split(name);
        if parts.account.is_some_and(|other| other != account.as_str()) {
            return Err(Place::Account);
        }
        if parts.region.is_some_and(|other| other != region.as_str()) {
            return Err(Place::Region);
        }
        let id = FunctionId { account: account.clone(), region: region.clone(), name: parts.name.to_owned() };
        Ok(Self { id, qualifier: parts.qualifier.map(str::to_owned) })
    }

    /// Of an ARN that a part of the platform calls with.
    pub(crate) fn of_arn(arn: &Arn) -> Option<Self> {
        let (account, region) = (AccountId::parse(&arn.account).ok()?, Region::parse(&arn.region).ok()?);
        let rest = arn.resource.strip_prefix("function:").filter(|_| arn.service == "lambda")?;
        let (name, qualifier) = split_qualifier(rest);
        let id = FunctionId { account, region, name: name.to_owned() };
        Some(Self { id, qualifier: qualifier.map(str::to_owned) })
    }

    /// As the request named it.
    pub(crate) fn arn(&self) -> Arn {
        self.id.arn_of(self.qualifier.as_deref())
    }

    /// The name, with the qualifier where there is one.
    pub(crate) fn qualified_name(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.id.name),
            None => self.id.name.clone(),
        }
    }

    pub(crate) fn version(&self) -> Option<Version> {
        Version::parse(self.qualifier.as_deref())
    }

    /// The same function as a whole.
    pub(crate) fn unqualified(self) -> Self {
        Self { qualifier: None, ..self }
    }

    /// The error of operations that find nothing under this name.
    pub(crate) fn missing(&self) -> AwsError {
        not_found(format!("Function not found: {}", self.arn()))
    }

    /// The error of operations on aliases that find none of this name.
    pub(crate) fn no_alias(&self) -> AwsError {
        not_found(format!("Cannot find alias arn: {}", self.arn()))
    }
}

/// What a name says that means something elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Account,
    Region,
}

/// `(arn:partition:lambda:)?(region:)?(account:)?(function:)?name(:qualifier)?`.
struct Parts<'a> {
    region: Option<&'a str>,
    account: Option<&'a str>,
    name: &'a str,
    qualifier: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn split(raw: &'a str) -> Self {
        let in_arn = raw.strip_prefix("arn:").and_then(|rest| rest.split_once(":lambda:")).map(|(_, rest)| rest);
        let (region, rest) = optional(in_arn.unwrap_or(raw), is_region);
        let (account, rest) = optional(rest, |part| AccountId::parse(part).is_ok());
        let (_, rest) = optional(rest, |part| part == "function");
        let (name, qualifier) = split_qualifier(rest);
        Self { region, account, name, qualifier }
    }
}

/// The first part of the text if there is another behind it and it is what it should be.
fn optional(text: &str, is: impl Fn(&str) -> bool) -> (Option<&str>, &str) {
    match text.split_once(':') {
        Some((part, rest)) if is(part) => (Some(part), rest),
        _ => (None, text),
    }
}

fn split_qualifier(text: &str) -> (&str, Option<&str>) {
    text.split_once(':').map_or((text, None), |(name, qualifier)| (name, Some(qualifier)))
}

/// `us-east-1`, `us-gov-west-1`.
fn is_region(part: &str) -> bool {
    let mut words = part.split('-');
    let country = words.next().is_some_and(|word| word.len() == 2);
    let number =
        part.rsplit('-').next().is_some_and(|word| word.len() == 1 && word.bytes().all(|b| b.is_ascii_digit()));
    country && number && part.split('-').count() >= 3 && part.bytes().all(|b| !b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, region: Option<&str>, account: Option<&str>, name: &str, qualifier: Option<&str>) {
        let parts = Parts::split(raw);
        assert_eq!(
            (parts.region, parts.account, parts.name, parts.qualifier),
            (region, account, name, qualifier),
            "{raw}"
        );
    }

    #[test]
    fn every_form_of_a_name_is_read() {
        let (region, account) = (Some("eu-west-1"), Some("123456789012"));
        check("f", None, None, "f", None);
        check("f:1", None, None, "f", Some("1"));
        check("function:f", None, None, "f", None);
        check("123456789012:function:f", None, account, "f", None);
        check("123456789012:f:$LATEST", None, account, "f", Some("$LATEST"));
        check("arn:aws:lambda:eu-west-1:123456789012:function:f", region, account, "f", None);
        check("arn:aws:lambda:eu-west-1:123456789012:function:f:live", region, account, "f", Some("live"));
        check("arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f", Some("us-gov-west-1"), account, "f", None);
        // Recorded: an ARN that ends too early names a function called "function".
        check("arn:aws:lambda:eu-west-1:123456789012:function", region, account, "function", None);
    }

    #[test]
    fn versions_are_numbers_and_latest() {
        assert_eq!(Version::parse(None), Some(Version::LATEST));
        assert_eq!(Version::parse(Some("$LATEST")), Some(Version::LATEST));
        assert_eq!(Version::parse(Some("12")), Some(Version(12)));
        for alias in ["live", "0", "$latest", "", "99999999999999999999"] {
            assert_eq!(Version::parse(Some(alias)), None, "{alias}");
        }
        assert_eq!(Version::LATEST.to_string(), "$LATEST");
    }
}
