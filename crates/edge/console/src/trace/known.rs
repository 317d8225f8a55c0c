//! Histories of executions under way, as far as pages have shown them: they only grow, so that of a long one only what is new
//! has to be read. Whoever asks reads its last page: what somebody may not see isn't shown from here.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;

use super::history::History;
use crate::api::{Api, Trouble, text};

/// So many are kept.
const MOST: usize = 4;

/// By the execution's ARN and when it began; the last one that was looked at comes last.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<VecDeque<(String, Arc<History>)>>);

impl Known {
    /// `execution`: its description.
    pub(crate) async fn history(&self, api: &Api, execution: &Value) -> Result<Arc<History>, Trouble> {
        let (arn, began) = (text(execution, "ExecutionArn"), execution.get("StartDate"));
        let name = format!("{arn} {}", began.unwrap_or(&Value::Null));
        let mut history = match self.take(&name) {
            Some(known) => Arc::unwrap_or_clone(known),
            None => History::new(arn),
        };
        if !history.go_on(api).await? {
            history = History::fetch(api, arn).await?;
        }
        let history = Arc::new(history);
        if text(execution, "Status") == "RUNNING" {
            self.keep(name, &history);
        }
        Ok(history)
    }

    fn take(&self, name: &str) -> Option<Arc<History>> {
        let mut kept = self.0.lock();
        let at = kept.iter().position(|(known, _)| known == name)?;
        kept.remove(at).map(|(_, history)| history)
    }

    fn keep(&self, name: String, history: &Arc<History>) {
        let mut kept = self.0.lock();
        kept.retain(|(known, _)| *known != name);
        kept.push_back((name, Arc::clone(history)));
        if kept.len() > MOST {
            kept.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;
    use updraft_kernel::ports::{ApiCall, DispatchPort};
    use updraft_kernel::{
        AccountId, AwsError, BoxFuture, Ctx, Identity, Region, RequestId, SeededRng, UnixMillis, VirtualClock,
    };

    use super::*;
    use crate::trace::history::PAGE;

    /// An execution that has so many events, the last of which happened then.
    #[derive(Debug, Default)]
    struct Told {
        events: AtomicUsize,
        at: AtomicUsize,
        pages: AtomicUsize,
    }

    impl DispatchPort for Told {
        fn call<'a>(&'a self, _: &'a Ctx, call: ApiCall) -> BoxFuture<'a, Result<Value, AwsError>> {
            self.pages.fetch_add(1, Ordering::SeqCst);
            let from: usize = call.input["NextToken"].as_str().map_or(0, |token| token.parse().unwrap());
            let (all, at) = (self.events.load(Ordering::SeqCst), self.at.load(Ordering::SeqCst));
            let to = all.min(from + PAGE);
            let moment = jiff::Timestamp::from_second(i64::try_from(at).unwrap()).unwrap().to_string();
            let event = |n: usize| json!({ "Id": n + 1, "PreviousEventId": n, "Type": "PassStateEntered", "Timestamp": moment });
            let mut said = json!({ "Events": (from..to).map(event).collect::<Vec<_>>() });
            if to < all {
                said["NextToken"] = json!(to.to_string());
            }
            Box::pin(std::future::ready(Ok(said)))
        }
    }

    impl Told {
        fn has(&self, events: usize) {
            self.events.store(events, Ordering::SeqCst);
        }
    }

    struct Pages(Arc<Told>, Api);

    impl Pages {
        fn new() -> Self {
            let told = Arc::new(Told::default());
            let cx = Ctx {
                identity: Identity::root(AccountId::local()).into(),
                account: AccountId::local(),
                region: Region::default_region(),
                request_id: RequestId::new("r".to_owned()),
                clock: Arc::new(VirtualClock::new(0, UnixMillis(0))),
                rng: Arc::new(SeededRng::new(1)),
                endpoint: "http://127.0.0.1:4566".into(),
                trace: None,
                source_ip: None,
                via: None,
            };
            let api = Api { cx, dispatch: told.clone(), known: Arc::default() };
            Self(told, api)
        }

        /// How many events there are, and how many pages of them were read.
        async fn shown(&self, name: &str, status: &str) -> (usize, usize) {
            let execution = json!({ "ExecutionArn": name, "StartDate": "2030-03-01T12:00:00Z", "Status": status });
            let before = self.0.pages.load(Ordering::SeqCst);
            let history = self.1.known.history(&self.1, &execution).await.unwrap();
            assert!(history.events.iter().enumerate().all(|(n, event)| event.id == n as u64 + 1));
            (history.events.len(), self.0.pages.load(Ordering::SeqCst) - before)
        }
    }

    #[tokio::test]
    async fn only_what_is_new_is_read() {
        let pages = Pages::new();
        for (events, read) in
            [(3 * PAGE + 10, 4), (3 * PAGE + 10, 1), (3 * PAGE + 11, 1), (4 * PAGE + 1, 2), (4 * PAGE + 1, 1)]
        {
            pages.0.has(events);
            assert_eq!(pages.shown("a", "RUNNING").await, (events, read));
        }
        assert_eq!(pages.shown("a", "SUCCEEDED").await.1, 1);
        assert_eq!(pages.shown("a", "SUCCEEDED").await.1, 5, "what has ended isn't kept");
    }

    #[tokio::test]
    async fn another_one_of_that_name_is_read_from_its_beginning() {
        let pages = Pages::new();
        pages.0.has(PAGE + 2);
        pages.shown("a", "RUNNING").await;
        pages.0.has(3);
        assert_eq!(pages.shown("a", "RUNNING").await.0, 3, "it has fewer");
        pages.0.has(PAGE + 2);
        pages.shown("a", "RUNNING").await;
        pages.0.at.store(60, Ordering::SeqCst);
        assert_eq!(pages.shown("a", "RUNNING").await, (PAGE + 2, 3), "they happened at another time");
        let history = pages.1.known.history(&pages.1, &json!({ "ExecutionArn": "a" })).await.unwrap();
        assert!(history.events.iter().all(|event| event.at == 60_000));
    }

    #[tokio::test]
    async fn few_are_kept() {
        let pages = Pages::new();
        pages.0.has(PAGE + 1);
        for name in 0..=MOST {
            pages.shown(&name.to_string(), "RUNNING").await;
        }
        assert_eq!(pages.shown("1", "RUNNING").await.1, 1);
        assert_eq!(pages.shown("0", "RUNNING").await.1, 2, "the first one gave way");
    }
}
