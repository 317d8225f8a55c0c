//! What a path can be read from.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

/// A workflow's variables, as a state sees them: scopes may be nested, so this is asked by name.
pub trait Variables: fmt::Debug {
    /// `name` is without its `$`.
    fn get(&self, name: &str) -> Option<&Value>;
}

impl Variables for Map<String, Value> {
    fn get(&self, name: &str) -> Option<&Value> {
        Map::get(self, name)
    }
}

impl Variables for BTreeMap<String, Value> {
    fn get(&self, name: &str) -> Option<&Value> {
        BTreeMap::get(self, name)
    }
}

/// What the roots of paths stand for.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// `$`: a state's input, or a result, or whatever the field is about.
    pub input: &'a Value,
    /// `$$`: the context object.
    pub context: &'a Value,
    /// `$name`.
    pub variables: &'a dyn Variables,
}
