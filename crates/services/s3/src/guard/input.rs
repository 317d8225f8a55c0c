//! Members of an input by their names.

use updraft_kernel::UnixMillis;
use updraft_wire::{Operation, Value};

/// An input whose shape is the operation's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    op: &'a Operation,
    value: &'a Value,
}

impl<'a> Input<'a> {
    pub(crate) fn new(op: &'a Operation, value: &'a Value) -> Self {
        Self { op, value }
    }

    pub(crate) fn get(self, name: &str) -> Option<&'a Value> {
        let index = self.op.input?.members.iter().position(|member| member.name == name)?;
        self.value.member(u16::try_from(index).ok()?)
    }

    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_true(self, name: &str) -> bool {
        self.get(name) == Some(&Value::Bool(true))
    }

    pub(crate) fn number(self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn moment(self, name: &str) -> Option<UnixMillis> {
        match self.get(name)? {
            Value::Timestamp(at) => Some(*at),
            _ => None,
        }
    }
}
