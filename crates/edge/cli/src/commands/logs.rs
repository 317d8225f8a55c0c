//! `updraft logs`: what a function printed, oldest first, and on request what comes.

use std::time::Duration;

use anyhow::Result;
use http::Method;
use serde_json::Value;
use updraft_kernel::{Clock, SystemClock};

use crate::args::LogsArgs;
use crate::client::Client;
use crate::out;

/// How often `--follow` asks again when nothing came.
const AGAIN: Duration = Duration::from_millis(500);

/// # Errors
/// If nothing answers at the endpoint.
pub async fn run(args: &LogsArgs) -> Result<()> {
    let client = Client::new(&args.connection.endpoint);
    let clock = SystemClock::new();
    let mut after = String::new();
    let mut printed = false;
    loop {
        let page = client.admin(Method::GET, &path(args, &after), None).await?;
        printed |= print(args, &page)?;
        let more = page.get("more").and_then(Value::as_bool).unwrap_or(false);
        if let Some(next) = page.get("next").and_then(Value::as_str) {
            next.clone_into(&mut after);
        }
        if !more && !args.follow {
            break;
        }
        if !more {
            clock.pause(AGAIN).await;
        }
    }
    if !printed && !args.connection.json {
        out::line(&format!("no logs in {} yet; has the function been invoked?", group(args)))?;
    }
    Ok(())
}

fn group(args: &LogsArgs) -> String {
    if args.function.starts_with('/') { args.function.clone() } else { format!("/aws/lambda/{}", args.function) }
}

fn path(args: &LogsArgs, after: &str) -> String {
    let LogsArgs { region, account, .. } = args;
    format!("logs?group={}&region={region}&account={account}&after={after}", group(args).replace('/', "%2F"))
}

fn print(args: &LogsArgs, page: &Value) -> Result<bool> {
    let lines = page.get("lines").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for entry in lines {
        if args.connection.json {
            out::line(&entry.to_string())?;
            continue;
        }
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        out::line(&format!("{} {}", out::dim(text("time")), text("message").trim_end()))?;
    }
    Ok(!lines.is_empty())
}
