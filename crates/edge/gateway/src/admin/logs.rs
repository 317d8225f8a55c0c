//! `/_updraft/logs?group=…&account=…&region=…&after=…`: pages of what functions printed, oldest first. With `from`, only
//! what was printed since (milliseconds of the platform's time since the epoch). With `wait`, in seconds of real time, a
//! page that would be empty is held back until there is something to show.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::json;
use updraft_kernel::ports::{LogPage, LogQuery, LogsPort};
use updraft_kernel::{AccountId, AwsError, Region, Shutdown, UnixMillis};

use super::{Admin, clock, failure};
use crate::response::{self, Response};

const PAGE: usize = 1_000;
/// Longer than this, proxies in between may give up.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What is asked for, and how long the answer may be held back.
struct Wanted {
    query: LogQuery,
    wait: Duration,
}

pub(super) async fn page(admin: &Admin, query: &str, stopping: Option<Shutdown>) -> Response {
    let Some(Wanted { query, wait }) = parse(query) else {
        return failure(StatusCode::BAD_REQUEST, "say which group, as in logs?group=/aws/lambda/name");
    };
    let over = async {
        match stopping {
            Some(mut stopping) => tokio::select! {
                () = admin.time.pause(wait) => {}
                () = stopping.requested() => {}
            },
            None => admin.time.pause(wait).await,
        }
    };
    match filled(&*admin.logs, query, over).await {
        Ok(page) => response::json(StatusCode::OK, &shown(&page)),
        Err(err) => {
            tracing::error!(error = ?err, "logs could not be read");
            failure(StatusCode::INTERNAL_SERVER_ERROR, "the logs could not be read; the log says why")
        }
    }
}

/// The first page with lines in it; an empty one when it is `over`.
async fn filled(logs: &dyn LogsPort, mut query: LogQuery, over: impl Future<Output = ()>) -> Result<LogPage, AwsError> {
    tokio::pin!(over);
    loop {
        let changed = logs.changed(&query);
        let page = logs.read(query.clone()).await?;
        if !page.lines.is_empty() {
            return Ok(page);
        }
        query.after.clone_from(&page.next);
        tokio::select! {
            () = changed => {}
            () = &mut over => return Ok(page),
        }
    }
}

fn parse(query: &str) -> Option<Wanted> {
    let decode = |raw: &str| percent_decode_str(raw).decode_utf8_lossy().into_owned();
    let pairs: HashMap<&str, String> =
        query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, raw)| (name, decode(raw))).collect();
    let account = pairs.get("account").map_or_else(|| Some(AccountId::local()), |raw| AccountId::parse(raw).ok())?;
    let region = pairs.get("region").map_or_else(|| Some(Region::default_region()), |raw| Region::parse(raw).ok())?;
    let group = pairs.get("group").filter(|group| !group.is_empty())?.clone();
    let after = pairs.get("after").filter(|raw| !raw.is_empty());
    let after = after.map(|raw| URL_SAFE_NO_PAD.decode(raw)).transpose().ok()?;
    let from = pairs.get("from").map_or(Some(0), |raw| raw.parse().ok()).map(UnixMillis)?;
    let wait = pairs.get("wait").map_or(Some(0), |raw| raw.parse().ok()).map(Duration::from_secs)?;
    let query = LogQuery { account, region, group, from, limit: PAGE, after };
    Some(Wanted { query, wait: wait.min(LONGEST_WAIT) })
}

fn shown(page: &LogPage) -> serde_json::Value {
    let line = |(stream, line): &(String, updraft_kernel::ports::LogLine)| json!({ "time": clock::iso(line.at), "stream": stream, "message": line.message });
    let next = page.next.as_ref().map(|at| URL_SAFE_NO_PAD.encode(at));
    let more = page.lines.len() >= PAGE;
    json!({ "lines": page.lines.iter().map(line).collect::<Vec<_>>(), "next": next, "more": more })
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use updraft_kernel::BoxFuture;
    use updraft_kernel::ports::{LogBatch, LogLine};

    use super::*;

    #[test]
    fn a_query_names_a_group_and_defaults_the_rest() {
        let Wanted { query, wait } = parse("group=%2Faws%2Flambda%2Ff&after=").unwrap();
        assert_eq!((query.group.as_str(), query.region.as_str()), ("/aws/lambda/f", "us-east-1"));
        assert_eq!((query.from, wait), (UnixMillis(0), Duration::ZERO));
        let Wanted { query, wait } = parse("group=g&from=1500&wait=3600").unwrap();
        assert_eq!((query.from, wait), (UnixMillis(1500), LONGEST_WAIT));
        for bad in ["", "group=", "group=g&account=1", "group=g&after=%%%", "group=g&from=now", "group=g&wait=-1"] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }

    /// Has one line, which is there from the second read on; tells of changes or doesn't.
    #[derive(Debug)]
    struct Late {
        tells: bool,
    }

    impl LogsPort for Late {
        fn append(&self, _: LogBatch) {}

        fn read<'a>(&'a self, query: LogQuery) -> BoxFuture<'a, Result<LogPage, AwsError>> {
            let line = LogLine { at: UnixMillis(1), message: "here".to_owned() };
            let lines = query.after.map(|_| ("stream".to_owned(), line)).into_iter().collect();
            Box::pin(ready(Ok(LogPage { lines, next: Some(vec![1]) })))
        }

        fn changed(&self, _: &LogQuery) -> BoxFuture<'static, ()> {
            if self.tells { Box::pin(ready(())) } else { Box::pin(pending()) }
        }
    }

    #[tokio::test]
    async fn an_empty_page_is_held_back_until_there_is_something_or_it_is_over() {
        let query = || parse("group=g").unwrap().query;
        let page = filled(&Late { tells: true }, query(), pending()).await.unwrap();
        assert_eq!(page.lines.len(), 1);
        let page = filled(&Late { tells: false }, query(), ready(())).await.unwrap();
        assert!(page.lines.is_empty());
    }
}
