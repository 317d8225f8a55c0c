//! Numbers as patterns compare them, and `numeric`.

use super::compile::{Result, Source};
use super::error::PatternError;
use super::matcher::Matcher;
use super::reader::Token;
use super::{NUMBERS, Numbers};

/// AWS: six digits after the point count.
const SCALE: f64 = 1e6;

/// A number of a pattern as it is compared.
pub(super) fn within(text: &str, numbers: Numbers) -> Result<i64> {
    let value = text.parse::<f64>().unwrap_or(f64::INFINITY);
    if value.abs() > numbers.largest {
        // `1E9` and such, as AWS writes them.
        let largest = format!("{:.1e}", numbers.largest).replace('e', "E");
        return Err(PatternError::new(format!("Value must be between -{largest} and {largest}, inclusive")));
    }
    Ok(scaled(value))
}

/// A number of an event as it is compared; none: it is beyond what can be compared.
pub(super) fn comparable(text: &str) -> Option<i64> {
    within(text, NUMBERS).ok()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "5e9 millions are far below an i64's end, and the fraction is to go"
)]
fn scaled(value: f64) -> i64 {
    // Made positive first, so that what is cut off makes every number smaller.
    ((NUMBERS.largest + value) * SCALE) as i64
}

/// What a number is to be between; an end that isn't there doesn't bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Range {
    low: (i64, bool),
    high: (i64, bool),
}

impl Range {
    /// The lower and the upper end, each with whether it is within.
    pub(super) fn ends(&self) -> ((i64, bool), (i64, bool)) {
        (self.low, self.high)
    }

    pub(super) fn holds(&self, value: i64) -> bool {
        let above = value > self.low.0 || (value == self.low.0 && self.low.1);
        let below = value < self.high.0 || (value == self.high.0 && self.high.1);
        above && below
    }
}

/// `["=", 1]`, `[">", 1]`, `[">=", 1, "<", 2]`…; the object's end is read too.
pub(super) fn expression(source: &mut Source) -> Result<Matcher> {
    if source.reader.next()? != Token::StartArray {
        return source.reader.fail("Value of numeric must be an array.");
    }
    let range = range(source)?;
    if source.reader.next()? != Token::EndObject {
        return too_many(source);
    }
    Ok(Matcher::Range(range))
}

fn range(source: &mut Source) -> Result<Range> {
    let operator = match source.reader.next()? {
        Token::Text => source.reader.text()?,
        token => {
            let shown = shown(source, token)?;
            return source.reader.fail(format!("Invalid member in numeric match: {shown}"));
        }
    };
    let token = source.reader.next()?;
    let (low, high) = ((i64::MIN, true), (i64::MAX, true));
    match operator.as_str() {
        "=" => {
            let value = bound(source, token, "equals")?;
            end(source, Range { low: (value, true), high: (value, true) })
        }
        "<" | "<=" => {
            let value = bound(source, token, &operator)?;
            end(source, Range { low, high: (value, operator == "<=") })
        }
        ">" | ">=" => {
            let value = bound(source, token, &operator)?;
            upper(source, Range { low: (value, operator == ">="), high })
        }
        _ => source.reader.fail(format!("Unrecognized numeric range operator: {operator}")),
    }
}

fn bound(source: &Source, token: Token, operator: &str) -> Result<i64> {
    let Token::Number(text) = token else { return source.reader.fail(format!("Value of {operator} must be numeric")) };
    source.number(text).map_err(|error| source.reader.and_here(error))
}

fn end(source: &mut Source, range: Range) -> Result<Range> {
    if source.reader.next()? == Token::EndArray { Ok(range) } else { too_many(source) }
}

fn too_many<T>(source: &Source) -> Result<T> {
    source.reader.fail("Too many elements in numeric expression")
}

/// The other end of a range, where there is one.
fn upper(source: &mut Source, lower: Range) -> Result<Range> {
    let operator = match source.reader.next()? {
        Token::EndArray => return Ok(lower),
        Token::Text => source.reader.text()?,
        token => {
            let shown = shown(source, token)?;
            return source.reader.fail(format!("Bad value in numeric range: {shown}"));
        }
    };
    if operator != "<" && operator != "<=" {
        return source.reader.fail(format!("Bad numeric range operator: {operator}"));
    }
    let token = source.reader.next()?;
    let value = bound(source, token, &operator)?;
    if source.reader.next()? != Token::EndArray {
        return source.reader.fail("Too many terms in numeric range expression");
    }
    if lower.low.0 > value {
        return source.reader.fail("Bottom must be less than top");
    }
    Ok(Range { high: (value, operator == "<="), ..lower })
}

/// A token as messages show it.
fn shown(source: &mut Source, token: Token) -> Result<String> {
    Ok(match token {
        Token::Text => source.reader.text()?,
        Token::Number(text) => text.to_owned(),
        Token::StartObject => "{".to_owned(),
        Token::StartArray => "[".to_owned(),
        Token::EndObject => "}".to_owned(),
        Token::EndArray => "]".to_owned(),
        Token::Name(name) => name,
        Token::True => "true".to_owned(),
        Token::False => "false".to_owned(),
        Token::Null | Token::End => "null".to_owned(),
    })
}
