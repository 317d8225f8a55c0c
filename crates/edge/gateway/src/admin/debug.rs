//! `/_updraft/debug`: lets debuggers into a function for as long as the answer is read. Taken from this machine only, and
//! signed, for the signature says whose function is meant.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use updraft_kernel::ports::{DebugHow, DebugRefusal, DebugRequest, Debugging};
use updraft_kernel::{Clock, Shutdown};

use super::{Admin, Signer, failure};
use crate::peer::{Origin, Peer};
use crate::response::{self, Response};

/// How often something is sent: that a client is gone is noticed by the second that can't be.
const PULSE: Duration = Duration::from_secs(1);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    function: String,
    port: Option<u16>,
    #[serde(default)]
    wait: bool,
}

pub(super) async fn opened(
    admin: &Admin,
    (peer, signer): (&Peer, Option<&Signer>),
    body: &Bytes,
    stopping: Option<Shutdown>,
) -> Response {
    let Some(signer) = signer.filter(|_| peer.origin == Origin::Loopback) else {
        return failure(StatusCode::FORBIDDEN, "debuggers are let in for signed requests from this machine only");
    };
    let Ok(Wish { function: name, port, wait }) = serde_json::from_slice(body) else {
        return failure(StatusCode::BAD_REQUEST, r#"say {"function":"name","port":5678,"wait":false}"#);
    };
    let Signer { account, region } = signer.clone();
    let how = DebugHow { port: port.filter(|port| *port != 0), wait };
    match admin.debug.debug(DebugRequest { account, region, name, how }).await {
        Ok(debugging) => held(debugging, Arc::clone(&admin.time), stopping),
        Err(DebugRefusal::Refused(why)) => failure(StatusCode::CONFLICT, &why),
        Err(DebugRefusal::Aws(error)) if error.code().status < 500 => {
            let status = StatusCode::from_u16(error.code().status).unwrap_or(StatusCode::BAD_REQUEST);
            failure(status, error.message())
        }
        Err(DebugRefusal::Aws(error)) => {
            tracing::error!(?error, "a function could not be opened to debuggers");
            failure(StatusCode::INTERNAL_SERVER_ERROR, "the function could not be looked up; the log says why")
        }
    }
}

/// One line of JSON, and then empty ones; debugging ends with whoever reads them.
fn held(debugging: Debugging, time: Arc<dyn Clock>, stopping: Option<Shutdown>) -> Response {
    let Debugging { port, runtime, .. } = &debugging;
    let first = json!({ "port": port, "runtime": runtime, "remoteRoot": "/var/task" }).to_string() + "\n";
    let pulse = stream::unfold((debugging, time, stopping), |(debugging, time, mut stopping)| async move {
        let stopped = async {
            match &mut stopping {
                Some(stopping) => stopping.requested().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = time.pause(PULSE) => {}
            () = stopped => return None,
        }
        Some((Bytes::from_static(b"\n"), (debugging, time, stopping)))
    });
    let first = stream::once(std::future::ready(Bytes::from(first)));
    response::streamed("application/x-ndjson", first.chain(pulse).map(Ok::<_, io::Error>).boxed())
}
