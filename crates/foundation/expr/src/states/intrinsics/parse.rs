//! Reading calls.

use std::fmt;

use serde_json::Value;

use super::function::Function;
use super::{Argument, Call};
use crate::states::cursor::Cursor;
use crate::states::path::Path;

/// AWS: so many calls may be in one field, the outermost included.
const MAX_CALLS: usize = 10;

/// A text that isn't a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    at: usize,
    what: &'static str,
}

impl CallError {
    fn at(cursor: &Cursor<'_>, what: &'static str) -> Self {
        Self { at: cursor.at(), what }
    }

    /// In bytes from the text's start.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at position {})", self.what, self.at)
    }
}

impl std::error::Error for CallError {}

pub(super) fn whole(text: &str) -> Result<Call, CallError> {
    let mut cursor = Cursor::new(text);
    let call = Call { text: text.to_owned(), ..call(&mut cursor, &mut 0)? };
    cursor.spaces();
    if cursor.is_done() { Ok(call) } else { Err(CallError::at(&cursor, "the call goes on where it should end")) }
}

/// `calls` counts those of the whole text.
fn call(cursor: &mut Cursor<'_>, calls: &mut usize) -> Result<Call, CallError> {
    let from = cursor.clone();
    *calls += 1;
    if *calls > MAX_CALLS {
        return Err(CallError::at(&from, "there are too many calls in one field"));
    }
    let name = cursor.take_while(|c| c == '.' || c.is_ascii_alphanumeric());
    let function = Function::named(name).ok_or_else(|| CallError::at(&from, "there is no such function"))?;
    let arguments = arguments(cursor, calls)?;
    if !function.arity().contains(&arguments.len()) {
        return Err(CallError::at(&from, "the function takes another number of arguments"));
    }
    Ok(Call { text: cursor.since(from.at()).to_owned(), function, arguments })
}

fn arguments(cursor: &mut Cursor<'_>, calls: &mut usize) -> Result<Vec<Argument>, CallError> {
    if !cursor.eat("(") {
        return Err(CallError::at(cursor, "a function's name is followed by '('"));
    }
    let mut all = Vec::new();
    cursor.spaces();
    if cursor.eat(")") {
        return Ok(all);
    }
    loop {
        cursor.spaces();
        all.push(argument(cursor, calls)?);
        cursor.spaces();
        if cursor.eat(")") {
            return Ok(all);
        }
        if !cursor.eat(",") {
            return Err(CallError::at(cursor, "arguments are parted by commas"));
        }
    }
}

fn argument(cursor: &mut Cursor<'_>, calls: &mut usize) -> Result<Argument, CallError> {
    match cursor.peek() {
        Some('$') => {
            let path = Path::parse_argument(cursor);
            path.map(Argument::Path).map_err(|_| CallError::at(cursor, "this is no path"))
        }
        Some('\'') => text(cursor),
        Some(c) if c == '-' || c.is_ascii_digit() => {
            let from = cursor.clone();
            let number = cursor.number().map(|number| Argument::Literal(Value::Number(number)));
            number.ok_or_else(|| CallError::at(&from, "this is no number"))
        }
        _ if cursor.rest().starts_with("States.") => call(cursor, calls).map(Argument::Call),
        _ => word(cursor),
    }
}

fn word(cursor: &mut Cursor<'_>) -> Result<Argument, CallError> {
    let from = cursor.clone();
    match cursor.take_while(|c| c.is_ascii_alphabetic()) {
        "null" => Ok(Argument::Literal(Value::Null)),
        "true" => Ok(Argument::Literal(Value::Bool(true))),
        "false" => Ok(Argument::Literal(Value::Bool(false))),
        _ => Err(CallError::at(&from, "this is no argument")),
    }
}

/// AWS: a backslash stands before a quote, a brace or a backslash, and nothing else.
fn text(cursor: &mut Cursor<'_>) -> Result<Argument, CallError> {
    let from = cursor.clone();
    let raw = cursor.quoted().ok_or_else(|| CallError::at(&from, "a quote has no end"))?;
    let mut plain = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => {
                let escaped = chars.next().filter(|c| matches!(c, '\'' | '{' | '}' | '\\'));
                escaped.ok_or_else(|| CallError::at(&from, "there is no such escape"))?
            }
            c => c,
        });
    }
    Ok(Argument::Text { plain, raw: raw.to_owned() })
}
