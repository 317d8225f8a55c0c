//! What a log group holds and what comes into it, page by page, over the admin surface.

use std::time::Duration;

use anyhow::{Context, Result};
use http::Method;
use jiff::{Span, SpanRelativeTo, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use updraft_kernel::{Clock, SystemClock};

use crate::aws::Aws;
use crate::client::Client;
use crate::failure::Usage;
use crate::lambda::encoded;
use crate::out;
use crate::out::{Look, To};

/// How long the platform holds a page back that would be empty.
const WAIT: Duration = Duration::from_secs(25);
/// How often to ask whether a platform that went away is back.
const AGAIN: Duration = Duration::from_millis(500);

/// One message of a function or of the platform.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub(crate) struct Entry {
    /// RFC 3339 with milliseconds, in UTC.
    pub(crate) time: String,
    pub(crate) stream: String,
    pub(crate) message: String,
}

#[derive(Debug, Deserialize)]
struct Page {
    lines: Vec<Entry>,
    next: Option<String>,
    more: bool,
}

/// A group, and how far it has been read.
#[derive(Debug)]
pub(crate) struct Feed {
    client: Client,
    /// Group, region and account, as a query.
    place: String,
    from: Option<i64>,
    after: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    Entries(Vec<Entry>),
    /// The platform was away, and may have begun anew.
    Back,
}

/// Where a feed begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    Beginning,
    /// Milliseconds of the platform's time since the epoch.
    At(i64),
}

impl Feed {
    pub(crate) fn new(aws: &Aws, group: &str, account: &str, since: Since) -> Self {
        let place = format!("group={}&region={}&account={account}", encoded(group), encoded(aws.region()));
        let from = match since {
            Since::Beginning => None,
            Since::At(millis) => Some(millis),
        };
        Self { client: aws.http().clone(), place, from, after: String::new() }
    }

    /// What follows, and whether there is more; at once.
    pub(crate) async fn next(&mut self) -> Result<(Vec<Entry>, bool)> {
        self.page(Duration::ZERO).await
    }

    /// What comes; nothing after a while without anything.
    pub(crate) async fn coming(&mut self) -> Result<Came> {
        match self.page(WAIT).await {
            Ok((entries, _)) => Ok(Came::Entries(entries)),
            Err(err) if is_away(&err) => self.back().await.map(|()| Came::Back),
            Err(err) => Err(err),
        }
    }

    async fn page(&mut self, wait: Duration) -> Result<(Vec<Entry>, bool)> {
        let Self { place, after, .. } = self;
        let from = self.from.map(|from| format!("&from={from}")).unwrap_or_default();
        let path = format!("logs?{place}&after={after}&wait={}{from}", wait.as_secs());
        let answer = self.client.admin(Method::GET, &path, None).await?;
        let page: Page = serde_json::from_value(answer).context("the platform's page of logs can't be read")?;
        self.after = page.next.unwrap_or_default();
        Ok((page.lines, page.more))
    }

    /// Waits until the platform answers again.
    async fn back(&mut self) -> Result<()> {
        let clock = SystemClock::new();
        out::remark(&To::Remark.paint(Look::Yellow, "the platform is away; waiting for it"))?;
        let health = loop {
            clock.pause(AGAIN).await;
            match self.client.admin(Method::GET, "health", None).await {
                Ok(health) => break health,
                Err(_) => continue,
            }
        };
        // One that kept everything in memory has begun anew, and counts from the beginning.
        if health.get("store").and_then(Value::as_str).is_some_and(|store| store.starts_with("memory")) {
            self.after.clear();
        }
        Ok(out::remark(&To::Remark.paint(Look::Dim, "the platform is back"))?)
    }
}

pub(crate) fn is_away(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<hyper_util::client::legacy::Error>() || cause.is::<hyper::Error>())
}

/// The platform's time, in milliseconds since the epoch.
pub(crate) async fn now(aws: &Aws) -> Result<i64> {
    let clock = aws.http().admin(Method::GET, "clock", None).await?;
    let now = clock.get("now").and_then(Value::as_str).context("the platform doesn't say what time it is")?;
    Ok(now.parse::<Timestamp>().context("the platform's time can't be read")?.as_millisecond())
}

/// `text` as a moment: a time, or a span before `now`.
pub(crate) fn since(text: &str, now: i64) -> Result<Since, Usage> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Since::At(at.as_millisecond()));
    }
    let wrong = || Usage(format!("--since {text} is no time; write 90s, 10m, 2h, or 2030-01-01T00:00:00Z"));
    let span: Span = text.parse().map_err(|_| wrong())?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    let millis = i64::try_from(length.as_millis()).ok().filter(|millis| *millis >= 0).ok_or_else(wrong)?;
    Ok(Since::At(now.saturating_sub(millis)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_times_or_spans_before_now() {
        let now = 1_893_456_000_000;
        for (text, expected) in
            [("10m", now - 600_000), ("90s", now - 90_000), ("0s", now), ("2030-01-01T00:00:00.5Z", now + 500)]
        {
            assert_eq!(since(text, now), Ok(Since::At(expected)), "{text}");
        }
        for text in ["", "ten", "-5m", "10"] {
            assert!(since(text, now).is_err(), "{text}");
        }
    }
}
