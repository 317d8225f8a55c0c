//! The names of topics and subscriptions, and the ARNs they are read from.

use updraft_kernel::{AccountId, Arn, AwsError, Ctx, Principal, Region};

use crate::errors::invalid;

/// A topic, by what it is found by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TopicId {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

/// A subscription to a topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SubscriptionId {
    pub(crate) topic: TopicId,
    /// A UUID.
    pub(crate) id: String,
}

impl TopicId {
    pub(crate) fn of(cx: &Ctx, name: &str) -> Self {
        Self { account: cx.account.clone(), region: cx.region.clone(), name: name.to_owned() }
    }

    /// A topic of the request's region; `member` is what the ARN came in.
    ///
    /// # Errors
    /// If it isn't the ARN of one.
    pub(crate) fn parse(cx: &Ctx, raw: &str, member: &str) -> Result<Self, AwsError> {
        let parts = elements(raw, member)?;
        let topic = match parts.as_slice() {
            ["arn", _, "sns", region, account, name] => {
                AccountId::parse(account).ok().zip(here(cx, region)).map(|(account, region)| (account, region, *name))
            }
            _ => None,
        };
        let (account, region, name) = topic.ok_or_else(|| invalid(member))?;
        Ok(Self { account, region, name: name.to_owned() })
    }

    /// A topic of any region.
    pub(crate) fn of_arn(arn: &Arn) -> Option<Self> {
        let (account, region) = (AccountId::parse(&arn.account).ok()?, Region::parse(&arn.region).ok()?);
        (arn.service == "sns").then(|| Self { account, region, name: arn.resource.clone() })
    }

    pub(crate) fn arn(&self) -> Arn {
        Arn::new("sns", &self.region, &self.account, self.name.clone())
    }
}

impl SubscriptionId {
    /// # Errors
    /// If it isn't the ARN of one in the request's region.
    pub(crate) fn parse(cx: &Ctx, raw: &str) -> Result<Self, AwsError> {
        let parts = elements(raw, "SubscriptionArn")?;
        match parts.as_slice() {
            ["arn", _, "sns", region, account, name, id] if is_uuid(id) => {
                let place = AccountId::parse(account).ok().zip(here(cx, region));
                let (account, region) = place.ok_or_else(|| invalid("SubscriptionArn"))?;
                let topic = TopicId { account, region, name: (*name).to_owned() };
                Ok(Self { topic, id: (*id).to_owned() })
            }
            _ => Err(invalid("SubscriptionId")),
        }
    }

    pub(crate) fn arn(&self) -> String {
        format!("{}:{}", self.topic.arn(), self.id)
    }
}

/// The region of an ARN, if it is the request's. A link that somebody follows says its region nowhere else.
fn here(cx: &Ctx, region: &str) -> Option<Region> {
    if cx.identity.principal == Principal::Anonymous {
        return Region::parse(region).ok();
    }
    (region == cx.region.as_str()).then(|| cx.region.clone())
}

const FIFO: &str = ".fifo";

/// # Errors
/// If a topic, of this kind, can't be called so.
pub(crate) fn topic_name(name: &str, fifo: bool) -> Result<(), AwsError> {
    let stem = if fifo { name.strip_suffix(FIFO).unwrap_or_default() } else { name };
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if stem.is_empty() || name.len() > 256 || !stem.chars().all(legal) {
        return Err(invalid("Topic Name"));
    }
    Ok(())
}

fn elements<'a>(raw: &'a str, member: &str) -> Result<Vec<&'a str>, AwsError> {
    if raw.is_empty() {
        return Err(invalid(format_args!("{member} Reason: no value for required parameter")));
    }
    let parts: Vec<_> = raw.split(':').collect();
    if parts.len() < 6 {
        let count = parts.len();
        return Err(invalid(format_args!("{member} Reason: An ARN must have at least 6 elements, not {count}")));
    }
    Ok(parts)
}

fn is_uuid(text: &str) -> bool {
    let dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let legal = |(at, byte): (usize, u8)| if dash(at) { byte == b'-' } else { byte.is_ascii_hexdigit() };
    text.len() == 36 && text.bytes().enumerate().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_and_two_marks() {
        let long = "a".repeat(256);
        for (name, fifo) in [("a", false), ("A-_9", false), (long.as_str(), false), ("a.fifo", true)] {
            assert!(topic_name(name, fifo).is_ok(), "{name}");
        }
        let longer = "a".repeat(257);
        for (name, fifo) in
            [("", false), ("a.fifo", false), ("a", true), (".fifo", true), ("a:b", false), (&longer, false)]
        {
            assert!(topic_name(name, fifo).is_err(), "{name}");
        }
    }

    #[test]
    fn a_uuid_has_its_dashes_where_they_belong() {
        assert!(is_uuid("6b0e71bd-7e97-4d97-80ce-4a0994e55286"));
        for text in ["", "6b0e71bd-7e97-4d97-80ce-4a0994e5528", "6b0e71bd07e97-4d97-80ce-4a0994e55286"] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
