//! `anything-but`: of a value or a list of values, or of one of the operators with a text or a list of texts.

use super::compile::{Result, Source};
use super::matcher::Matcher;
use super::operators::compiled_wildcard;
use super::reader::Token;

const NOT_A_VALUE: &str = "Value of anything-but must be an array or single string/number value.";
const WRONG_IN_LIST: &str = "Inside anything but list, start|null|boolean is not supported.";
const MIXED: &str = "Inside anything but list, either all values are number or string, mixed type is not supported";

/// What `anything-but` is of.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    Values,
    IgnoreCase,
    Prefix,
    Suffix,
    Wildcard,
}

pub(super) fn expression(source: &mut Source) -> Result<Matcher> {
    let mut of = Of::Values;
    let mut token = source.reader.next()?;
    if token == Token::StartObject {
        of = inner_name(source)?;
        token = source.reader.next()?;
    }
    let unwanted = match token {
        // AWS: of an error within a list, the place is said twice.
        Token::StartArray if of == Of::Values => again(source, list)?,
        Token::StartArray => again(source, |source| texts(source, of))?,
        Token::Text | Token::Number(_) if of == Of::Values => vec![value(source, token)?],
        Token::Text | Token::Number(_) => vec![text(source, token, of)?],
        _ => return source.reader.fail(NOT_A_VALUE),
    };
    close(source)?;
    if of != Of::Values {
        close(source)?;
    }
    Ok(Matcher::AnythingBut(unwanted))
}

fn inner_name(source: &mut Source) -> Result<Of> {
    let Token::Name(name) = source.reader.next()? else {
        return source.reader.fail("Anything-But expression name not found");
    };
    match name.as_str() {
        "equals-ignore-case" => Ok(Of::IgnoreCase),
        "prefix" => Ok(Of::Prefix),
        "suffix" => Ok(Of::Suffix),
        "wildcard" => Ok(Of::Wildcard),
        _ => source.reader.fail(format!("Unsupported anything-but pattern: {name}")),
    }
}

/// AWS: it does speak of numbers here.
fn close(source: &mut Source) -> Result<()> {
    match source.reader.next()? {
        Token::EndObject => Ok(()),
        _ => source.reader.fail("Too many elements in numeric expression"),
    }
}

fn again<T>(source: &mut Source, read: impl FnOnce(&mut Source) -> Result<T>) -> Result<T> {
    read(source).map_err(|error| source.reader.and_here(error))
}

fn list(source: &mut Source) -> Result<Vec<Matcher>> {
    let mut values = Vec::new();
    loop {
        values.push(match source.reader.next()? {
            Token::EndArray => break,
            token @ (Token::Text | Token::Number(_)) => value(source, token)?,
            _ => return source.reader.fail(WRONG_IN_LIST),
        });
    }
    let numbers = values.iter().filter(|value| matches!(value, Matcher::Number { .. })).count();
    if values.is_empty() || (numbers != 0 && numbers != values.len()) {
        return source.reader.fail(MIXED);
    }
    Ok(values)
}

fn value(source: &mut Source, token: Token) -> Result<Matcher> {
    match token {
        Token::Number(text) => Ok(Matcher::Number { value: Some(source.number(text)?), text: text.to_owned() }),
        _ => source.reader.text().map(Matcher::Text),
    }
}

fn texts(source: &mut Source, of: Of) -> Result<Vec<Matcher>> {
    let mut texts = Vec::new();
    loop {
        match source.reader.next()? {
            Token::EndArray => return Ok(texts),
            token => texts.push(text(source, token, of)?),
        }
    }
}

fn text(source: &mut Source, token: Token, of: Of) -> Result<Matcher> {
    if token != Token::Text {
        return source.reader.fail(match of {
            Of::IgnoreCase => {
                "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
            }
            Of::Wildcard => "wildcard match pattern must be a string",
            _ => "prefix/suffix match pattern must be a string",
        });
    }
    let text = source.reader.text()?;
    match of {
        Of::Prefix | Of::Suffix if text.is_empty() => source.reader.fail("Null prefix/suffix not allowed"),
        Of::Prefix => Ok(Matcher::Prefix(text)),
        Of::Suffix => Ok(Matcher::Suffix(text)),
        Of::IgnoreCase => Ok(Matcher::IgnoreCase(text.to_lowercase())),
        Of::Wildcard => compiled_wildcard(source, &text).map(Matcher::Wildcard),
        Of::Values => Ok(Matcher::Text(text)),
    }
}
