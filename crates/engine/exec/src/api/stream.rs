//! An answer on its way: from the runtime, which posts it piece by piece, to whoever waits for it.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use parking_lot::Mutex;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use crate::failure::STREAM_LIMIT;

/// How many pieces wait for a caller that is slower than the function. One is as much as was read at once from the
/// runtime's socket, some 100 KB at most; with these waiting, the function waits too.
const WAITING: usize = 4;

const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";

/// The beginning of an answer that is streamed.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) content_type: String,
    pub(crate) pieces: mpsc::Receiver<Bytes>,
}

/// Whom to tell that an answer begins: nobody, where it is wanted as a whole.
#[derive(Clone, Default)]
pub(crate) struct Early(Option<Arc<Mutex<Option<oneshot::Sender<Begun>>>>>);

impl Early {
    pub(crate) fn new(tell: oneshot::Sender<Begun>) -> Self {
        Self(Some(Arc::new(Mutex::new(Some(tell)))))
    }

    /// Whether the caller takes pieces.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Tells that the answer begins. What is sent then goes to the caller; `None`: it is wanted as a whole.
    pub(crate) fn begin(&self, content_type: String) -> Option<mpsc::Sender<Bytes>> {
        let tell = self.0.as_ref()?.lock().take()?;
        let (send, pieces) = mpsc::channel(WAITING);
        // A caller that has hung up meanwhile is noticed with the first piece.
        drop(tell.send(Begun { content_type, pieces }));
        Some(send)
    }
}

impl fmt::Debug for Early {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Early").field(&self.is_wanted()).finish()
    }
}

/// How an answer ended that was posted piece by piece.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    Whole,
    /// The function failed in the middle and says how: the error as JSON.
    Failed(Bytes),
    TooLarge,
    /// The connection broke off.
    Broken,
}

/// Passes a body on, no faster than it is taken. It is read to its end in any case: to a runtime it makes no difference
/// whether the caller is still there, or has had enough.
pub(crate) async fn pass(mut body: Incoming, to: mpsc::Sender<Bytes>) -> Passed {
    let (mut to, mut size, mut failed) = (Some(to), 0, None);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Passed::Broken };
        match frame.into_data() {
            Ok(data) => {
                size += data.len();
                to = to.filter(|_| size <= STREAM_LIMIT);
                if let Some(open) = &to
                    && open.send(data).await.is_err()
                {
                    to = None;
                }
            }
            Err(frame) => failed = frame.into_trailers().ok().and_then(|trailers| error(&trailers)),
        }
    }
    match failed {
        _ if size > STREAM_LIMIT => Passed::TooLarge,
        Some(error) => Passed::Failed(error),
        None => Passed::Whole,
    }
}

/// What trailers say of a function that failed after it had begun to answer.
pub(crate) fn error(trailers: &HeaderMap) -> Option<Bytes> {
    let kind = trailers.get(ERROR_TYPE)?;
    let said = trailers.get(ERROR_BODY).and_then(|body| STANDARD.decode(body.as_bytes()).ok());
    let bare = || json!({ "errorType": String::from_utf8_lossy(kind.as_bytes()), "errorMessage": "" });
    Some(said.map_or_else(|| bare().to_string().into(), Bytes::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trailers(named: &[(&'static str, &'static str)]) -> HeaderMap {
        named.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn an_error_in_the_middle_is_read_from_the_trailers() {
        assert_eq!(error(&HeaderMap::new()), None);
        let known = trailers(&[(ERROR_TYPE, "Error"), (ERROR_BODY, "eyJlcnJvclR5cGUiOiJYIn0=")]);
        assert_eq!(error(&known).unwrap(), r#"{"errorType":"X"}"#);
        for bare in [trailers(&[(ERROR_TYPE, "Error")]), trailers(&[(ERROR_TYPE, "Error"), (ERROR_BODY, "*")])] {
            assert_eq!(error(&bare).unwrap(), r#"{"errorType":"Error","errorMessage":""}"#);
        }
    }

    #[test]
    fn an_answer_begins_once() {
        let (tell, mut begun) = oneshot::channel();
        let early = Early::new(tell);
        let twin = early.clone();
        assert!(early.begin("text/plain".to_owned()).is_some());
        assert_eq!(begun.try_recv().unwrap().content_type, "text/plain");
        assert!(twin.begin("text/plain".to_owned()).is_none());
        assert!(Early::default().begin(String::new()).is_none(), "wanted as a whole");
    }
}
