//! Tells pages, as server-sent events, that what they show has changed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use serde_json::json;
use updraft_kernel::Clock;
use updraft_kernel::ports::{HttpBody, HttpResponse};

use crate::api::{Api, Trouble, list, text};
use crate::asked::Asked;
use crate::{Console, reply};

/// How often it is looked.
const EVERY: Duration = Duration::from_millis(400);
/// After so many looks in vain something is sent: that nobody listens any more is noticed by what can't be sent.
const QUIET: u32 = 30;

struct Follower {
    api: Api,
    time: Arc<dyn Clock>,
    execution: String,
    /// The last event that the page has.
    last: u64,
    over: bool,
}

/// Until the execution is over. `after` in the query: the last event that the page shows.
pub(crate) async fn follow(console: &Console, api: &Api, asked: &Asked, arn: &str) -> Result<HttpResponse, Trouble> {
    let mut follower = Follower {
        api: api.clone(),
        time: Arc::clone(&console.time),
        execution: arn.to_owned(),
        last: asked.number("after").unwrap_or(0),
        over: false,
    };
    // What can't be looked at at all is told at once.
    let (last, _) = follower.look().await?;
    follower.last = follower.last.min(last);
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
            let Ok((last, over)) = self.look().await else {
                self.over = true;
                return "event: gone\ndata: \n\n".to_owned();
            };
            if last != self.last {
                (self.last, self.over) = (last, over);
                return format!("event: {}\ndata: {last}\n\n", if over { "over" } else { "changed" });
            }
            if over {
                self.over = true;
                return format!("event: over\ndata: {last}\n\n");
            }
            self.time.pause(EVERY).await;
        }
        ": still here\n\n".to_owned()
    }

    /// The number of the last event, and whether nothing comes after it.
    async fn look(&self) -> Result<(u64, bool), Trouble> {
        let input = json!({ "ExecutionArn": self.execution, "ReverseOrder": true, "MaxResults": 1 });
        let said = self.api.sfn("GetExecutionHistory", input).await?;
        let Some(event) = list(&said, "Events").first() else { return Ok((0, false)) };
        let over = ["ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"];
        let id = event.get("Id").and_then(serde_json::Value::as_u64).unwrap_or(0);
        Ok((id, over.contains(&text(event, "Type"))))
    }
}
