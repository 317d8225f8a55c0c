//! Components that serve HTTP (`wasi:http/proxy`): a new instance for each call, as such components expect.

mod answer;
mod request;

use std::sync::Arc;

use http::Response;
use http_body_util::BodyExt;
use tokio::sync::oneshot;
use updraft_exec::{End, Life, Pieces, Work};
use wasmtime::{Error, Result, Store};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use crate::failure;
use crate::files::Tmp;
use crate::guest::run;
use crate::machine::Machine;
use crate::proxy::request::{Asked, Form};
use crate::state::{State, store};

type Answer = Result<Response<HyperOutgoingBody>, ErrorCode>;

pub(crate) async fn live(machine: &Machine, program: &ProxyPre<State>, life: &Arc<Life>, tmp: &Tmp) -> End {
    while let Some(work) = life.next().await {
        let done = match store(machine, life, tmp) {
            Ok(store) => serve(machine, program, (life, store), &work).await,
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            return failure::end(&error, life);
        }
    }
    End::Exited(0)
}

/// The call is answered when all of the answer is there and the component has returned.
async fn serve(
    machine: &Machine,
    program: &ProxyPre<State>,
    (life, mut store): (&Life, Store<State>),
    work: &Work,
) -> Result<()> {
    let Asked { form, request } = request::asked(work, life.deadline(work));
    let (tell, told) = oneshot::channel();
    let mut host = store.data_mut().http();
    let incoming = host.new_incoming_request(Scheme::Http, request)?;
    let outparam = host.new_response_outparam(tell)?;
    let spent = store.data().share.spent();
    let guest = run(machine, life, spent, async move {
        let proxy = program.instantiate_async(&mut store).await?;
        proxy.wasi_http_incoming_handler().call_handle(&mut store, incoming, outparam).await
    });
    let answer = async {
        match told.await {
            Ok(answer) => taken(life, work, form, answer).await,
            Err(_) => Taken::Nothing,
        }
    };
    let (returned, taken) = tokio::join!(guest, answer);
    returned?;
    match taken {
        Taken::Whole(answer) => life.answer(work, answer),
        Taken::TooLarge => life.too_large(work),
        Taken::Pieces(pieces) => pieces.end(),
        Taken::Nothing => {
            let message = "the component returned without an answer";
            life.answer(work, Err(failure::payload("Runtime.NoResponse", message)));
        }
        Taken::Broken(error) => return Err(error),
    }
    Ok(())
}

/// What came of an answer.
enum Taken {
    Whole(Result<bytes::Bytes, bytes::Bytes>),
    /// Passed on already.
    Pieces(Pieces),
    TooLarge,
    Nothing,
    Broken(Error),
}

async fn taken(life: &Life, work: &Work, form: Form, answer: Answer) -> Taken {
    let response = match answer {
        Ok(response) => response,
        Err(code) => return Taken::Whole(Err(failure::payload("Runtime.HttpError", &format!("{code:?}")))),
    };
    let (head, body) = response.into_parts();
    if let Some(mut pieces) = life.begin(work, &answer::content_type(form, &head)) {
        if let Some(prelude) = answer::prelude(form, &head) {
            pieces.send(prelude).await;
        }
        return passed(body, pieces).await;
    }
    match answer::whole(body).await {
        Ok(Some(body)) => Taken::Whole(answer::result(form, &head, body)),
        Ok(None) => Taken::TooLarge,
        Err(error) => Taken::Broken(Error::new(error)),
    }
}

async fn passed(mut body: HyperOutgoingBody, mut pieces: Pieces) -> Taken {
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                if let Ok(data) = frame.into_data() {
                    pieces.send(data).await;
                }
            }
            Err(error) => return Taken::Broken(Error::new(error)),
        }
    }
    Taken::Pieces(pieces)
}
