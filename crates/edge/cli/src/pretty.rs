//! JSON for a person.

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};

use crate::out::{Look, To};

/// Indented; its names stand out on a terminal.
pub(crate) fn json(value: &Value) -> String {
    let mut text = Vec::new();
    let names = Names { layout: PrettyFormatter::new(), name: To::Answer.paint(Look::Cyan, "\0") };
    let written = value.serialize(&mut Serializer::with_formatter(&mut text, names));
    written.ok().and_then(|()| String::from_utf8(text).ok()).unwrap_or_else(|| value.to_string())
}

struct Names {
    layout: PrettyFormatter<'static>,
    /// How a name is painted: what comes before and after the zero byte.
    name: String,
}

impl Names {
    fn around(&self) -> (&str, &str) {
        self.name.split_once('\0').unwrap_or_default()
    }
}

impl Formatter for Names {
    fn begin_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.layout.begin_array(to)
    }

    fn end_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.layout.end_array(to)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_array_value(to, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.layout.end_array_value(to)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.layout.begin_object(to)
    }

    fn end_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.layout.end_object(to)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_object_key(to, first)?;
        to.write_all(self.around().0.as_bytes())
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        to.write_all(self.around().1.as_bytes())?;
        self.layout.end_object_key(to)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.layout.begin_object_value(to)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.layout.end_object_value(to)
    }
}
