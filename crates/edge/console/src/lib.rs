//! The console: pages to look at what runs, under `/_updraft/console`.
//!
//! It gets what it shows by calling operations as a client would, through [`DispatchPort`], and must never know how a
//! service keeps its state. Pages are made here whole and can be read without a script; nothing in them comes from
//! another host. Start reading at [`Console`], then `routes`.

mod api;
mod asked;
mod assets;
mod graph;
mod guard;
mod live;
mod pages;
mod reply;
mod routes;
mod show;
mod trace;

use std::sync::Arc;

use updraft_kernel::ports::{DispatchPort, HttpDataPlane, HttpRequest, HttpResponse};
use updraft_kernel::{BoxFuture, Clock, Ctx};

use trace::Known;

/// Where it is reached.
pub(crate) const ROOT: &str = "/_updraft/console";

/// Serves the pages. Who may see them is decided before a request comes here: unsigned ones are taken for those of the
/// machine's owner, whom all accounts belong to.
#[derive(Debug)]
pub struct Console {
    dispatch: Arc<dyn DispatchPort>,
    time: Arc<dyn Clock>,
    known: Arc<Known>,
}

impl Console {
    #[must_use]
    pub fn new(dispatch: Arc<dyn DispatchPort>, time: Arc<dyn Clock>) -> Self {
        Self { dispatch, time, known: Arc::default() }
    }
}

impl HttpDataPlane for Console {
    fn serve<'a>(&'a self, cx: &'a Ctx, request: HttpRequest) -> BoxFuture<'a, Option<HttpResponse>> {
        Box::pin(async move { Some(routes::answer(self, cx, &request).await) })
    }
}
