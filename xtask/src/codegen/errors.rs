//! Writes `errors.rs`: one `ErrorCode` for each error shape.

use super::Input;
use super::crate_root::header;
use super::model::Shape;
use super::names::screaming;

pub(crate) fn write(input: &Input) -> String {
    let mut text = header(input);
    text.push_str("//! The errors of the model.\n\nuse updraft_kernel::{ErrorCode, Fault};\n\n");
    for (name, shape) in input.model.errors() {
        line(&mut text, input, name, shape);
    }
    text
}

fn line(text: &mut String, input: &Input, name: &str, shape: &Shape) {
    let status = status(input, name, shape);
    let receiver = shape.error.as_ref().and_then(|error| error.sender_fault).map_or(status >= 500, |sender| !sender);
    let fault = if receiver { "Receiver" } else { "Sender" };
    let query_code = match input.overrides.query_codes.get(name) {
        Some(code) => format!("Some({code:?})"),
        None if speaks_query_first(input) => "None".to_owned(),
        None => {
            own_code(shape).filter(|code| *code != name).map_or("None".to_owned(), |code| format!("Some({code:?})"))
        }
    };
    let wire = if speaks_query_first(input) { own_code(shape).unwrap_or(name) } else { name };
    *text += &format!(
        "pub static {}: ErrorCode = ErrorCode {{ name: {wire:?}, status: {status}, fault: Fault::{fault}, query_code: {query_code} }};\n",
        screaming(name)
    );
}

/// Services that speak only XML know their errors by the code of the error trait, others by the shape's name.
fn speaks_query_first(input: &Input) -> bool {
    input.model.protocols().iter().all(|protocol| matches!(*protocol, "query" | "rest-xml"))
}

fn own_code(shape: &Shape) -> Option<&str> {
    shape.error.as_ref()?.code.as_deref()
}

fn status(input: &Input, name: &str, shape: &Shape) -> u16 {
    let stated = shape.error.as_ref().and_then(|error| error.http_status_code);
    let overridden = input.overrides.statuses.get(name).copied();
    overridden.or(stated).unwrap_or(if shape.fault { 500 } else { 400 })
}
