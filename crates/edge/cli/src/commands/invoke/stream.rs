//! An answer that comes in pieces, each a frame of an event stream.

use anyhow::{Context, Result, bail};
use bytes::{Buf, BytesMut};
use serde_json::{Value, json};
use updraft_wire::eventstream::{Frame, Header};

use super::show;
use crate::args::InvokeArgs;
use crate::client::Pieces;
use crate::failure::Told;
use crate::out::To;
use crate::{lambda, out};

/// Prints what comes, as it comes.
pub(super) async fn shown(args: &InvokeArgs, mut pieces: Pieces) -> Result<()> {
    let mut waiting = BytesMut::new();
    let mut at_line_start = true;
    while let Some(piece) = pieces.next().await.context("the answer broke off")? {
        waiting.extend_from_slice(&piece);
        while let Some((frame, length)) = Frame::decode(&waiting).context("the answer is no event stream")? {
            waiting.advance(length);
            match text(&frame, ":event-type") {
                Some("PayloadChunk") if args.call.connection.json => {
                    out::line(&json!({ "chunk": String::from_utf8_lossy(frame.body()) }).to_string())?;
                }
                Some("PayloadChunk") => {
                    at_line_start = frame.body().ends_with(b"\n");
                    To::Answer.bytes(frame.body())?;
                }
                Some("InvokeComplete") => return completed(args, frame.body(), at_line_start),
                _ => bail!("the platform broke the answer off: {}", String::from_utf8_lossy(frame.body())),
            }
        }
    }
    bail!("the answer ended before it was complete")
}

fn text<'a>(frame: &'a Frame, name: &str) -> Option<&'a str> {
    match frame.header(name) {
        Some(Header::Text(text)) => Some(text),
        _ => None,
    }
}

fn completed(args: &InvokeArgs, body: &[u8], at_line_start: bool) -> Result<()> {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let member = |name: &str| said.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let log = member("LogResult").map(lambda::decoded).transpose()?;
    let error = member("ErrorCode");
    if args.call.connection.json {
        let details = member("ErrorDetails");
        out::line(&json!({ "complete": true, "errorCode": error, "errorDetails": details, "log": log }).to_string())?;
    } else {
        if !at_line_start && To::Answer.is_terminal() {
            out::line("")?;
        }
        if let (true, Some(log)) = (args.log, log) {
            show::tail(&log)?;
        }
        if let Some(code) = error {
            let details = member("ErrorDetails").unwrap_or_default();
            out::remark(&format!("updraft: the function failed: {code} {details}"))?;
        }
    }
    if error.is_some() { Err(Told.into()) } else { Ok(()) }
}
