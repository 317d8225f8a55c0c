//! What an event has at the paths that rules ask for.

use std::cell::OnceCell;
use std::net::IpAddr;

use serde_json::Value;

use super::Map;
use super::names::PathId;
use crate::pattern::{cidr, number};

/// A value that is neither an object nor a list, and what of it takes time to tell, once.
#[derive(Debug)]
pub(super) struct Leaf<'a> {
    pub(super) value: &'a Value,
    small: OnceCell<String>,
    number: OnceCell<(String, Option<i64>)>,
    address: OnceCell<Option<IpAddr>>,
}

impl<'a> Leaf<'a> {
    pub(super) fn new(value: &'a Value) -> Self {
        Self { value, small: OnceCell::new(), number: OnceCell::new(), address: OnceCell::new() }
    }

    fn text(&self) -> &str {
        self.value.as_str().unwrap_or_default()
    }

    /// A text in small letters.
    pub(super) fn small(&self) -> &str {
        self.small.get_or_init(|| self.text().to_lowercase())
    }

    /// A number as it is written, and as it is compared.
    pub(super) fn number(&self) -> &(String, Option<i64>) {
        self.number.get_or_init(|| {
            let text = self.value.to_string();
            let comparable = number::comparable(&text);
            (text, comparable)
        })
    }

    pub(super) fn address(&self) -> Option<IpAddr> {
        *self.address.get_or_init(|| cidr::address(self.text()))
    }
}

#[derive(Debug, Default)]
pub(super) struct Field<'a> {
    pub(super) leaves: Vec<Leaf<'a>>,
    /// Whether one of them is in an object that is in a list.
    pub(super) in_list: bool,
}

#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) by_path: Map<PathId, Field<'a>>,
    /// Whether there was a name with dots among them, so that a path may lead to several places.
    pub(super) dotted: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn add(&mut self, path: PathId, leaf: Leaf<'a>, in_list: bool) {
        let field = self.by_path.entry(path).or_default();
        field.leaves.push(leaf);
        field.in_list |= in_list;
    }
}
