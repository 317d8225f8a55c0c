//! Websites in buckets: what the website endpoint answers to browsers, in HTML and without signatures.

mod noted;
mod page;
mod visit;

use updraft_kernel::ports::{HttpDataPlane, HttpRequest, HttpResponse};
use updraft_kernel::{BoxFuture, Ctx};

use crate::S3;

impl HttpDataPlane for S3 {
    /// A request's id is the bucket's name. Always an answer: what isn't there has a page, too.
    fn serve<'a>(&'a self, cx: &'a Ctx, request: HttpRequest) -> BoxFuture<'a, Option<HttpResponse>> {
        Box::pin(async move {
            let (noted, visit) = (noted::Noted::of(self, cx, &request), visit::Visit::new(self, cx, &request));
            let answer = visit.answer().await;
            Some(match noted {
                Some(noted) => noted.answered(answer, visit.key()),
                None => answer,
            })
        })
    }
}
