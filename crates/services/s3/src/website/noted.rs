//! What the bucket's log says of visits to its website.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use http::{HeaderMap, Method};
use updraft_access::{Access, AccessPort as _};
use updraft_kernel::ports::{HttpBody, HttpRequest, HttpResponse};
use updraft_kernel::{Clock, Ctx};

use crate::S3;
use crate::accesses::Queue;

/// A visit while it is answered; told of when it is over, also where the visitor leaves before the end.
pub(super) struct Noted {
    queue: Arc<Queue>,
    clock: Arc<dyn Clock>,
    from: Duration,
    access: Option<Access>,
}

impl Noted {
    /// `None`: nobody wants to know.
    pub(super) fn of(svc: &S3, cx: &Ctx, request: &HttpRequest) -> Option<Self> {
        if !svc.wants(&request.id) {
            return None;
        }
        let text = |name: &str| Some(request.headers.get(name)?.to_str().ok()?.to_owned());
        let query = if request.raw_query.is_empty() { String::new() } else { format!("?{}", request.raw_query) };
        let access = Access {
            bucket: request.id.clone(),
            key: None,
            request_id: cx.request_id.as_str().to_owned(),
            operation: if request.method == Method::HEAD { "WEBSITE.HEAD.OBJECT" } else { "WEBSITE.GET.OBJECT" },
            method: request.method.to_string(),
            target: format!("{}{query} {}", request.raw_path, request.protocol),
            host: Some(request.host.clone()),
            referer: text("referer"),
            user_agent: text("user-agent"),
            copied_from: None,
            at: cx.now(),
            source_ip: Some(request.source_ip),
            requester: None,
            signed: None,
            status: 0,
            error: None,
            sent: 0,
            size: None,
            version_id: None,
            took: Duration::ZERO,
            turned: Duration::ZERO,
        };
        let (queue, clock) = (Arc::clone(&svc.accesses), Arc::clone(&svc.parts.clock));
        let from = clock.monotonic();
        Some(Self { queue, clock, from, access: Some(access) })
    }

    /// The answer, which from now on is told of; `key`: what was looked for.
    pub(super) fn answered(mut self, mut answer: HttpResponse, key: Option<&str>) -> HttpResponse {
        let took = self.took();
        let Some(access) = &mut self.access else { return answer };
        (access.status, access.turned) = (answer.status, took);
        access.key = key.map(str::to_owned);
        access.error = header(&answer.headers, "x-amz-error-code").map(Cow::Owned);
        access.version_id = header(&answer.headers, "x-amz-version-id");
        if access.error.is_none() {
            let whole =
                header(&answer.headers, "content-range").and_then(|range| Some(range.rsplit_once('/')?.1.to_owned()));
            access.size = whole.or(header(&answer.headers, "content-length")).and_then(|size| size.parse().ok());
        }
        let head = access.method == "HEAD";
        answer.body = match answer.body {
            HttpBody::Whole(bytes) => {
                self.sent(if head { 0 } else { bytes.len() });
                HttpBody::Whole(bytes)
            }
            HttpBody::Pieces(pieces) => {
                let counted = pieces.inspect(move |piece| self.sent(piece.as_ref().map_or(0, |bytes| bytes.len())));
                HttpBody::Pieces(counted.boxed())
            }
        };
        answer
    }

    fn sent(&mut self, bytes: usize) {
        if let Some(access) = &mut self.access {
            access.sent += bytes as u64;
        }
    }

    fn took(&self) -> Duration {
        self.clock.monotonic().saturating_sub(self.from)
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

impl Drop for Noted {
    fn drop(&mut self) {
        let took = self.took();
        if let Some(access) = self.access.take().filter(|access| access.status != 0) {
            self.queue.push(Access { took, ..access });
        }
    }
}
