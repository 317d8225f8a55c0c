//! Reading paths.

use std::fmt;

use super::super::cursor::Cursor;
use super::step::{Step, Steps};
use super::{Path, Root, parse_filter};

/// AWS documents it.
const MAX_VARIABLE_CHARS: usize = 80;

/// A text that isn't a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    at: usize,
    what: &'static str,
}

impl PathError {
    pub(super) fn at(cursor: &Cursor<'_>, what: &'static str) -> Self {
        Self { at: cursor.at(), what }
    }

    pub(super) fn not_a_reference() -> Self {
        Self { at: 0, what: "a reference path has names and indexes only" }
    }

    /// In bytes from the text's start.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at position {})", self.what, self.at)
    }
}

impl std::error::Error for PathError {}

/// What stands around a path, and so where its plain names end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    Nothing,
    Call,
    Filter,
}

impl Within {
    fn ends_name(self, c: char) -> bool {
        match self {
            Self::Nothing => matches!(c, '.' | '[' | '(') || c.is_whitespace(),
            Self::Call => matches!(c, '.' | '[' | '(' | ',' | ')') || c.is_whitespace(),
            Self::Filter => {
                matches!(c, '.' | '[' | '(' | ')' | ',' | ']' | '<' | '>' | '=' | '!' | '&' | '|' | '~')
                    || c.is_whitespace()
            }
        }
    }
}

pub(super) fn path(cursor: &mut Cursor<'_>, within: Within) -> Result<Path, PathError> {
    let from = cursor.at();
    let root = root(cursor)?;
    let steps = steps(cursor, within, 0)?;
    Ok(Path { text: cursor.since(from).to_owned(), root, steps })
}

fn root(cursor: &mut Cursor<'_>) -> Result<Root, PathError> {
    if !cursor.eat("$") {
        return Err(PathError::at(cursor, "a path starts with '$'"));
    }
    if cursor.eat("$") {
        return Ok(Root::Context);
    }
    let from = cursor.clone();
    let name = cursor.take_while(|c| c == '_' || c.is_alphanumeric());
    match name.chars().next() {
        None => Ok(Root::Input),
        Some(first) if first.is_numeric() || name.chars().count() > MAX_VARIABLE_CHARS => {
            Err(PathError::at(&from, "this can't be a variable's name"))
        }
        Some(_) => Ok(Root::Variable(name.to_owned())),
    }
}

/// The steps that stand next, as many as there are. `depth` counts the filters around them.
pub(super) fn steps(cursor: &mut Cursor<'_>, within: Within, depth: usize) -> Result<Steps, PathError> {
    let mut steps = Vec::new();
    loop {
        if cursor.eat("..") {
            steps.push(Step::Everywhere);
            if cursor.peek() != Some('[') {
                steps.push(dotted(cursor, within)?);
            }
        } else if cursor.eat(".") {
            // AWS: a dot before a bracket means nothing.
            if cursor.peek() != Some('[') {
                steps.push(dotted(cursor, within)?);
            }
        } else if cursor.eat("[") {
            steps.push(bracketed(cursor, depth)?);
        } else {
            return Ok(Steps::new(steps));
        }
    }
}

fn dotted(cursor: &mut Cursor<'_>, within: Within) -> Result<Step, PathError> {
    if cursor.eat("*") {
        return Ok(Step::Every);
    }
    let from = cursor.clone();
    let name = cursor.take_while(|c| !within.ends_name(c));
    if name.is_empty() {
        return Err(PathError::at(&from, "a dot is followed by a name"));
    }
    // AWS: paths have no functions. `$.list.length()` looks for a member of that name.
    let name = if cursor.eat("()") { format!("{name}()") } else { name.to_owned() };
    Ok(Step::Names(vec![name]))
}

/// What stands between brackets, of which the first was read.
fn bracketed(cursor: &mut Cursor<'_>, depth: usize) -> Result<Step, PathError> {
    cursor.spaces();
    let step = match cursor.peek() {
        Some('\'' | '"') => names(cursor)?,
        Some('*') => {
            cursor.next();
            Step::Every
        }
        Some('?') => {
            cursor.next();
            Step::Filter(Box::new(parse_filter::filter(cursor, depth)?))
        }
        _ => indexes(cursor)?,
    };
    cursor.spaces();
    if cursor.eat("]") { Ok(step) } else { Err(PathError::at(cursor, "a bracket is closed by ']'")) }
}

fn names(cursor: &mut Cursor<'_>) -> Result<Step, PathError> {
    let mut names = Vec::new();
    loop {
        cursor.spaces();
        names.push(quoted(cursor)?);
        cursor.spaces();
        if !cursor.eat(",") {
            return Ok(Step::Names(names));
        }
    }
}

/// A quoted text; a backslash stands before what is meant as it is, and before the letters of JSON's escapes.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Result<String, PathError> {
    let from = cursor.clone();
    if !matches!(cursor.peek(), Some('\'' | '"')) {
        return Err(PathError::at(cursor, "names between brackets stand in quotes"));
    }
    let raw = cursor.quoted().ok_or_else(|| PathError::at(&from, "a quote has no end"))?;
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        text.push(if c == '\\' { chars.next().map_or('\\', unescaped) } else { c });
    }
    Ok(text)
}

fn unescaped(escape: char) -> char {
    match escape {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        other => other,
    }
}

fn indexes(cursor: &mut Cursor<'_>) -> Result<Step, PathError> {
    let first = cursor.integer();
    cursor.spaces();
    if cursor.eat(":") {
        cursor.spaces();
        return Ok(Step::Slice(first, cursor.integer()));
    }
    let mut all = vec![first.ok_or_else(|| PathError::at(cursor, "brackets hold names, indexes, '*' or a filter"))?];
    while cursor.eat(",") {
        cursor.spaces();
        all.push(cursor.integer().ok_or_else(|| PathError::at(cursor, "an index is a whole number"))?);
        cursor.spaces();
    }
    Ok(Step::Indexes(all))
}
