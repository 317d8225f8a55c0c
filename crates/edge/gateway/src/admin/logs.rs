//! `/_updraft/logs?group=…&account=…&region=…&after=…`: pages of what functions printed, oldest first.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::json;
use updraft_kernel::ports::{LogPage, LogQuery, LogsPort};
use updraft_kernel::{AccountId, Region, UnixMillis};

use super::{clock, failure};
use crate::response::{self, Response};

const PAGE: usize = 1_000;

pub(super) async fn page(logs: &dyn LogsPort, query: &str) -> Response {
    let Some(wanted) = parse(query) else {
        return failure(StatusCode::BAD_REQUEST, "say which group, as in logs?group=/aws/lambda/name");
    };
    match logs.read(wanted).await {
        Ok(page) => response::json(StatusCode::OK, &shown(&page)),
        Err(err) => {
            tracing::error!(error = ?err, "logs could not be read");
            failure(StatusCode::INTERNAL_SERVER_ERROR, "the logs could not be read; the log says why")
        }
    }
}

fn parse(query: &str) -> Option<LogQuery> {
    let decode = |raw: &str| percent_decode_str(raw).decode_utf8_lossy().into_owned();
    let pairs: HashMap<&str, String> =
        query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, raw)| (name, decode(raw))).collect();
    let account = pairs.get("account").map_or_else(|| Some(AccountId::local()), |raw| AccountId::parse(raw).ok())?;
    let region = pairs.get("region").map_or_else(|| Some(Region::default_region()), |raw| Region::parse(raw).ok())?;
    let group = pairs.get("group").filter(|group| !group.is_empty())?.clone();
    let after = pairs.get("after").filter(|raw| !raw.is_empty());
    let after = after.map(|raw| URL_SAFE_NO_PAD.decode(raw)).transpose().ok()?;
    Some(LogQuery { account, region, group, from: UnixMillis(0), limit: PAGE, after })
}

fn shown(page: &LogPage) -> serde_json::Value {
    let line = |(stream, line): &(String, updraft_kernel::ports::LogLine)| json!({ "time": clock::iso(line.at), "stream": stream, "message": line.message });
    let next = page.next.as_ref().map(|at| URL_SAFE_NO_PAD.encode(at));
    let more = page.lines.len() >= PAGE;
    json!({ "lines": page.lines.iter().map(line).collect::<Vec<_>>(), "next": next, "more": more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_a_group_and_defaults_the_rest() {
        let query = parse("group=%2Faws%2Flambda%2Ff&after=").unwrap();
        assert_eq!((query.group.as_str(), query.region.as_str()), ("/aws/lambda/f", "us-east-1"));
        for bad in ["", "group=", "group=g&account=1", "group=g&after=%%%"] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
