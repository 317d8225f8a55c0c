//! JSONPath as Step Functions has it: that of the Java library Jayway JsonPath, with `$$` for the context object and
//! `$name` for variables.

mod compare;
mod evaluate;
mod filter;
mod missing;
mod parse;
mod parse_filter;
mod reference;
mod step;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

pub use self::missing::Missing;
pub use self::parse::PathError;
pub use self::reference::{Mismatch, ReferencePath};
use self::step::Steps;
use super::cursor::Cursor;
use super::scope::Scope;

/// What a path starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// `$`
    Input,
    /// `$$`
    Context,
    /// `$name`, without the `$`.
    Variable(String),
}

/// A path, read and ready to be followed.
#[derive(Clone, Debug)]
pub struct Path {
    text: String,
    root: Root,
    steps: Steps,
}

impl Path {
    /// `text` is the whole path, e.g. `$.order.lines[?(@.price > 3)]`.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut cursor = Cursor::new(text);
        let path = parse::path(&mut cursor, parse::Within::Nothing)?;
        if cursor.is_done() { Ok(path) } else { Err(PathError::at(&cursor, "the path goes on where it should end")) }
    }

    /// A path at the front of a longer text that goes on with a comma, a parenthesis or a space.
    pub(super) fn parse_argument(cursor: &mut Cursor<'_>) -> Result<Self, PathError> {
        parse::path(cursor, parse::Within::Call)
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    #[must_use]
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The variable it starts from.
    #[must_use]
    pub fn variable(&self) -> Option<&str> {
        match &self.root {
            Root::Variable(name) => Some(name),
            Root::Input | Root::Context => None,
        }
    }

    /// Adds the variable it starts from.
    pub fn variables(&self, into: &mut BTreeSet<String>) {
        into.extend(self.variable().map(str::to_owned));
    }

    /// Whether it leads to one place: then it gives what is there, else a list of what it finds.
    #[must_use]
    pub fn is_definite(&self) -> bool {
        self.steps.are_definite()
    }

    /// What it leads to. A definite path that leads nowhere is [`Missing`]; an indefinite one gives an empty list.
    pub fn read(&self, scope: &Scope<'_>) -> Result<Value, Missing> {
        let root = match &self.root {
            Root::Input => Some(scope.input),
            Root::Context => Some(scope.context),
            Root::Variable(name) => scope.variables.get(name),
        };
        self.read_from(root.ok_or_else(|| Missing::new(self, "No results for path: $"))?)
    }

    /// The same with `root` as whatever the path starts from.
    pub fn read_from(&self, root: &Value) -> Result<Value, Missing> {
        evaluate::read(&self.steps, root, root).map_err(|reason| Missing::new(self, reason))
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Path {}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
