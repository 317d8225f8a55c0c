//! What a `QueueUrl` names. Clients send what they were given, what they have built from parts, and what another alias of the
//! host has answered: of the path only account and name count, and of the host only a region, where it has one.

use updraft_kernel::{AccountId, AwsError, Ctx, Region};

use crate::errors::{invalid_address, no_such_queue};
use crate::keys::QueueKey;

/// A queue by name; it may not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueueName {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl QueueName {
    /// # Errors
    /// AWS's `InvalidAddress`, or that there is no such queue.
    pub(crate) fn of_url(cx: &Ctx, url: &str) -> Result<Self, AwsError> {
        parse(url, &cx.account, &cx.region)
    }

    /// The queue that an ARN names.
    pub(crate) fn of_arn(arn: &str) -> Option<Self> {
        let arn = updraft_kernel::Arn::parse(arn).ok().filter(|arn| arn.service == "sqs")?;
        let (account, region) = (AccountId::parse(&arn.account).ok()?, Region::parse(&arn.region).ok()?);
        Some(Self { account, region, name: arn.resource })
    }

    pub(crate) fn key(&self) -> QueueKey<'_> {
        QueueKey { account: &self.account, region: &self.region, name: &self.name }
    }

    pub(crate) fn arn(&self) -> String {
        updraft_kernel::Arn::new("sqs", &self.region, &self.account, self.name.as_str()).to_string()
    }

    /// As this caller reaches it.
    pub(crate) fn url(&self, cx: &Ctx) -> String {
        format!("{}/{}/{}", cx.endpoint, self.account, self.name)
    }
}

/// Pure; `account` and `region` are the request's.
pub(crate) fn parse(url: &str, account: &AccountId, region: &Region) -> Result<QueueName, AwsError> {
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').unwrap_or((rest, "")),
        None => ("", url),
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        // A name alone: some tools pass it where a URL belongs.
        [name] if host.is_empty() => {
            Ok(QueueName { account: account.clone(), region: region.clone(), name: (*name).to_owned() })
        }
        [before @ .., owner, name] => {
            let owner = AccountId::parse(owner).map_err(|_| no_such_queue())?;
            let told = region_of_path(before).or_else(|| region_of_host(host));
            Ok(QueueName { account: owner, region: told.unwrap_or_else(|| region.clone()), name: (*name).to_owned() })
        }
        _ => Err(invalid_address(url)),
    }
}

/// `…/queue/{region}/{account}/{name}`, which local platforms answer.
fn region_of_path(before: &[&str]) -> Option<Region> {
    match before {
        [.., "queue", region] => region_like(region),
        _ => None,
    }
}

/// `sqs.{region}.…`, or `{region}.queue.…` as it was before.
fn region_of_host(host: &str) -> Option<Region> {
    let labels: Vec<&str> = host.split(':').next().unwrap_or_default().split('.').collect();
    labels.windows(2).find_map(|pair| match pair {
        ["sqs" | "sqs-fips", region] | [region, "queue"] => region_like(region),
        _ => None,
    })
}

/// `eu-west-1`: text that ends in a dash and a digit.
fn region_like(text: &str) -> Option<Region> {
    let (head, number) = text.rsplit_once('-')?;
    let shaped = head.contains('-') && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    Region::parse(text).ok().filter(|_| shaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Result<(String, String, String), String> {
        let (account, region) = (AccountId::local(), Region::default_region());
        let told = parse(url, &account, &region).map_err(|err| err.code().name.to_owned())?;
        Ok((told.account.to_string(), told.region.to_string(), told.name))
    }

    #[test]
    fn account_and_name_are_of_the_path_and_the_region_of_the_host() {
        let here = ("123456789012", "us-east-1", "q");
        let there = ("123456789012", "eu-west-1", "q");
        for (url, (account, region, name)) in [
            ("http://localhost:4566/123456789012/q", here),
            ("http://127.0.0.1:4566/123456789012/q/", here),
            ("http://[::1]:4566/123456789012/q", here),
            ("/123456789012/q", here),
            ("https://queue.amazonaws.com/123456789012/q", here),
            ("http://queue.localhost:4566/123456789012/q", here),
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/q", there),
            ("http://sqs.eu-west-1.localhost.localstack.cloud:4566/123456789012/q", there),
            ("http://eu-west-1.queue.localhost.localstack.cloud:4566/123456789012/q", there),
            ("https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/123456789012/q", there),
            ("http://localhost:4566/queue/eu-west-1/123456789012/q", there),
            ("http://sqs.host:4566/123456789012/q", here),
            ("q", ("000000000000", "us-east-1", "q")),
            ("q.fifo", ("000000000000", "us-east-1", "q.fifo")),
        ] {
            assert_eq!(of(url), Ok((account.to_owned(), region.to_owned(), name.to_owned())), "{url}");
        }
    }

    #[test]
    fn what_names_no_queue_is_refused() {
        for (url, code) in [
            ("", "InvalidAddress"),
            ("http://localhost:4566", "InvalidAddress"),
            ("http://localhost:4566/", "InvalidAddress"),
            ("http://localhost:4566/q", "InvalidAddress"),
            ("http://localhost:4566/account/q", "QueueDoesNotExist"),
        ] {
            assert_eq!(of(url), Err(code.to_owned()), "{url}");
        }
    }

    #[test]
    fn an_arn_names_a_queue() {
        let named = QueueName::of_arn("arn:aws:sqs:eu-west-1:123456789012:q.fifo").unwrap();
        assert_eq!(named.arn(), "arn:aws:sqs:eu-west-1:123456789012:q.fifo");
        for bad in ["", "q", "arn:aws:sns:eu-west-1:123456789012:q", "arn:aws:sqs:eu-west-1:1:q", "arn:aws:sqs:::q"] {
            assert_eq!(QueueName::of_arn(bad), None, "{bad}");
        }
    }
}
