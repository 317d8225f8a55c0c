//! Reading filters.

use serde_json::Value;

use super::super::cursor::Cursor;
use super::compare;
use super::filter::{Filter, Operand, Operator};
use super::parse::{PathError, Within, quoted, steps};

/// Filters in filters and parentheses in parentheses.
const MAX_DEPTH: usize = 32;

/// What stands behind `?`, with its parentheses.
pub(super) fn filter(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, PathError> {
    cursor.spaces();
    if cursor.peek() != Some('(') {
        return Err(PathError::at(cursor, "a filter stands in parentheses"));
    }
    term(cursor, depth + 1)
}

fn any(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, PathError> {
    let mut any = vec![all(cursor, depth)?];
    while cursor.eat("||") {
        any.push(all(cursor, depth)?);
    }
    Ok(joined(any, Filter::Any))
}

fn all(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, PathError> {
    let mut all = vec![term(cursor, depth)?];
    while cursor.eat("&&") {
        all.push(term(cursor, depth)?);
    }
    Ok(joined(all, Filter::All))
}

fn joined(mut several: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match several.pop() {
        Some(one) if several.is_empty() => one,
        last => join(several.into_iter().chain(last).collect()),
    }
}

/// A comparison, or what stands in parentheses, with the spaces around it.
fn term(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, PathError> {
    if depth > MAX_DEPTH {
        return Err(PathError::at(cursor, "the filter is nested too deeply"));
    }
    cursor.spaces();
    let found = if cursor.eat("!") {
        Filter::Not(Box::new(term(cursor, depth + 1)?))
    } else if cursor.eat("(") {
        let inner = any(cursor, depth + 1)?;
        if !cursor.eat(")") {
            return Err(PathError::at(cursor, "a parenthesis is closed by ')'"));
        }
        inner
    } else {
        comparison(cursor, depth)?
    };
    cursor.spaces();
    Ok(found)
}

fn comparison(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, PathError> {
    let left = operand(cursor, depth)?;
    cursor.spaces();
    let Some(operator) = operator(cursor) else {
        return match left {
            Operand::Item(_) | Operand::Root(_) => Ok(Filter::Exists(left)),
            _ => Err(PathError::at(cursor, "a literal needs something to be compared with")),
        };
    };
    cursor.spaces();
    Ok(Filter::Compare(left, operator, operand(cursor, depth)?))
}

fn operator(cursor: &mut Cursor<'_>) -> Option<Operator> {
    let mut ahead = cursor.clone();
    let word = ahead.take_while(|c| c.is_ascii_alphabetic()).to_ascii_lowercase();
    if word.is_empty() {
        let (text, operator) = Operator::ALL.into_iter().find(|(text, _)| cursor.rest().starts_with(text))?;
        cursor.eat(text);
        return Some(operator);
    }
    let (_, operator) = Operator::ALL.into_iter().find(|(text, _)| *text == word)?;
    *cursor = ahead;
    Some(operator)
}

fn operand(cursor: &mut Cursor<'_>, depth: usize) -> Result<Operand, PathError> {
    match cursor.peek() {
        Some('@') => {
            cursor.next();
            Ok(Operand::Item(steps(cursor, Within::Filter, depth)?))
        }
        Some('$') => {
            cursor.next();
            Ok(Operand::Root(steps(cursor, Within::Filter, depth)?))
        }
        Some('/') => pattern(cursor),
        Some('\'' | '"') => quoted(cursor).map(|text| Operand::Literal(Value::String(text))),
        Some('[') => list(cursor),
        _ => literal(cursor).map(Operand::Literal),
    }
}

fn pattern(cursor: &mut Cursor<'_>) -> Result<Operand, PathError> {
    let from = cursor.clone();
    let text = cursor.quoted().ok_or_else(|| PathError::at(&from, "a pattern has no end"))?;
    let flags = cursor.take_while(|c| c.is_ascii_alphabetic());
    let pattern = compare::pattern(&text.replace("\\/", "/"), flags);
    pattern.map(Operand::Pattern).ok_or_else(|| PathError::at(&from, "this is no pattern"))
}

/// `['a', 2]`: of plain values.
fn list(cursor: &mut Cursor<'_>) -> Result<Operand, PathError> {
    cursor.next();
    let mut items = Vec::new();
    loop {
        cursor.spaces();
        if items.is_empty() && cursor.eat("]") {
            break;
        }
        items.push(match cursor.peek() {
            Some('\'' | '"') => Value::String(quoted(cursor)?),
            _ => literal(cursor)?,
        });
        cursor.spaces();
        if cursor.eat("]") {
            break;
        }
        if !cursor.eat(",") {
            return Err(PathError::at(cursor, "items are parted by commas"));
        }
    }
    Ok(Operand::Literal(Value::Array(items)))
}

fn literal(cursor: &mut Cursor<'_>) -> Result<Value, PathError> {
    for (word, value) in [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)] {
        if cursor.eat(word) {
            return Ok(value);
        }
    }
    let from = cursor.clone();
    cursor.number().map(Value::Number).ok_or_else(|| PathError::at(&from, "this is no value"))
}
