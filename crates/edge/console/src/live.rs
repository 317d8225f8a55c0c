//! Tells pages, as server-sent events, that what they show has changed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use updraft_kernel::Clock;
use updraft_kernel::ports::{HttpBody, HttpResponse};

use crate::api::{Api, Trouble, list, text};
use crate::asked::Asked;
use crate::{Console, reply};

/// How often it is looked.
const EVERY: Duration = Duration::from_millis(400);
/// After so many looks in vain something is sent: that nobody listens any more is noticed by what can't be sent.
const QUIET: u32 = 30;

/// What is followed.
#[derive(Clone, Debug)]
pub(crate) enum Followed {
    Execution(String),
    MapRun(String),
}

/// How it stands.
struct Look {
    /// Another one wherever something has changed.
    stamp: u64,
    over: bool,
}

struct Follower {
    api: Api,
    time: Arc<dyn Clock>,
    followed: Followed,
    /// The one that the page has.
    last: Option<u64>,
    over: bool,
}

/// Until it is over. `after` in the query: the stamp of what the page shows.
pub(crate) async fn follow(
    console: &Console,
    api: &Api,
    asked: &Asked,
    followed: Followed,
) -> Result<HttpResponse, Trouble> {
    let last = asked.number("after");
    let follower = Follower { api: api.clone(), time: Arc::clone(&console.time), followed, last, over: false };
    // What can't be looked at at all is told at once.
    follower.look().await?;
    let events = stream::unfold(follower, |mut follower| async move {
        if follower.over {
            return None;
        }
        let told = follower.next().await;
        Some((Ok::<_, io::Error>(Bytes::from(told)), follower))
    });
    Ok(reply::of(200, "text/event-stream", HttpBody::Pieces(events.boxed())))
}

impl Follower {
    async fn next(&mut self) -> String {
        for _ in 0..QUIET {
            let Ok(Look { stamp, over }) = self.look().await else {
                self.over = true;
                return "event: gone\ndata: \n\n".to_owned();
            };
            if over || self.last != Some(stamp) {
                (self.last, self.over) = (Some(stamp), over);
                return format!("event: {}\ndata: {stamp}\n\n", if over { "over" } else { "changed" });
            }
            self.time.pause(EVERY).await;
        }
        ": still here\n\n".to_owned()
    }

    async fn look(&self) -> Result<Look, Trouble> {
        match &self.followed {
            Followed::Execution(arn) => self.last_event(arn).await,
            Followed::MapRun(arn) => {
                let run = self.api.sfn("DescribeMapRun", json!({ "MapRunArn": arn })).await?;
                Ok(Look { stamp: stamp_of_run(&run), over: text(&run, "Status") != "RUNNING" })
            }
        }
    }

    /// Its number is the stamp.
    async fn last_event(&self, arn: &str) -> Result<Look, Trouble> {
        let input =
            json!({ "ExecutionArn": arn, "ReverseOrder": true, "MaxResults": 1, "IncludeExecutionData": false });
        let said = self.api.sfn("GetExecutionHistory", input).await?;
        let Some(event) = list(&said, "Events").first() else { return Ok(Look { stamp: 0, over: false }) };
        let over = ["ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"];
        let stamp = event.get("Id").and_then(Value::as_u64).unwrap_or(0);
        Ok(Look { stamp, over: over.contains(&text(event, "Type")) })
    }
}

/// What has begun and what has ended only grows, as does how often it was redriven.
pub(crate) fn stamp_of_run(run: &Value) -> u64 {
    let count = |name: &str| run.get("ExecutionCounts").and_then(|counts| counts.get(name)?.as_u64()).unwrap_or(0);
    let ended: u64 = ["Succeeded", "Failed", "TimedOut", "Aborted"].into_iter().map(count).sum();
    let redriven = run.get("RedriveCount").and_then(Value::as_u64).unwrap_or(0);
    2 * ended + count("Running") + count("Total") + redriven
}
