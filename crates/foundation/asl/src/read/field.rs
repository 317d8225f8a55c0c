//! The fields of an object of the definition, with where they are.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::Notes;
use crate::definition::{Language, Written};
use crate::lang::{Path, Query, Template};

/// An object and its place.
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    pub(crate) at: String,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(object: &'a Map<String, Value>, at: &str) -> Self {
        Self { object, at: at.to_owned() }
    }

    /// Notes it if `value` isn't an object.
    pub(crate) fn of(notes: &mut Notes, value: &'a Value, at: &str) -> Option<Self> {
        match value {
            Value::Object(object) => Some(Self::new(object, at)),
            _ => wrong(notes, at, "an object"),
        }
    }

    pub(crate) fn place(&self, name: &str) -> String {
        format!("{}/{name}", self.at)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.object.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.object.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Notes the fields that there are no such of.
    pub(crate) fn only(&self, notes: &mut Notes, known: &[&str]) {
        for name in self.object.keys().filter(|name| !known.contains(&name.as_str())) {
            notes.say(&self.place(name), format!("Field '{name}' is not supported"));
        }
    }

    /// Whether all are there; notes which aren't.
    pub(crate) fn required(&self, notes: &mut Notes, names: &[&str]) -> bool {
        let missing: Vec<&str> = names.iter().filter(|name| !self.has(name)).copied().collect();
        match missing.as_slice() {
            [] => return true,
            // AWS: one that is missing in an object deeper down is told of otherwise.
            [one] if self.at.ends_with("/Credentials") => {
                notes.say(&self.at, format!("The field '{one}' is required but was missing"));
            }
            missing => notes.say(&self.at, format!("These fields are required: [{}]", missing.join(", "))),
        }
        false
    }

    pub(crate) fn text(&self, notes: &mut Notes, name: &str) -> Option<&'a str> {
        match self.get(name)? {
            Value::String(text) => Some(text),
            _ => wrong(notes, &self.place(name), "a string"),
        }
    }

    pub(crate) fn flag(&self, notes: &mut Notes, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            _ => wrong(notes, &self.place(name), "a boolean"),
        }
    }

    pub(crate) fn object(&self, notes: &mut Notes, name: &str) -> Option<Fields<'a>> {
        Fields::of(notes, self.get(name)?, &self.place(name))
    }

    pub(crate) fn list(&self, notes: &mut Notes, name: &str) -> Option<&'a [Value]> {
        match self.get(name)? {
            Value::Array(list) => Some(list),
            _ => wrong(notes, &self.place(name), "an array"),
        }
    }

    /// A number without a fraction, in those bounds.
    pub(crate) fn whole(&self, notes: &mut Notes, name: &str, bounds: RangeInclusive<u64>) -> Option<u64> {
        match self.get(name)?.as_u64() {
            Some(number) if bounds.contains(&number) => Some(number),
            _ => {
                let (least, most) = bounds.into_inner();
                wrong(notes, &self.place(name), &format!("an integer between {least} and {most}"))
            }
        }
    }

    pub(crate) fn language(&self, notes: &mut Notes, outer: Language) -> Language {
        match self.text(notes, "QueryLanguage") {
            None => outer,
            Some("JSONata") => Language::Jsonata,
            Some("JSONPath") if notes.all_jsonata => {
                let message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
                notes.say(&self.at, message);
                Language::Jsonata
            }
            Some("JSONPath") => Language::Paths,
            Some(_) => wrong(notes, &self.place("QueryLanguage"), "one of [JSONPath, JSONata]").unwrap_or(outer),
        }
    }

    /// Notes it if the text isn't a path.
    pub(crate) fn path(&self, notes: &mut Notes, name: &str) -> Option<Path> {
        let text = self.text(notes, name)?;
        let path = Path::parse(text).ok();
        if path.is_none() {
            notes.say(&self.place(name), format!("The value for the field '{name}' must be a valid JSONPath"));
        }
        path
    }

    /// A template in that language.
    pub(crate) fn template(&self, notes: &mut Notes, name: &str, language: Language) -> Option<Template> {
        template(notes, self.get(name)?, &self.place(name), language)
    }

    /// `{% … %}`, without the braces.
    pub(crate) fn query(&self, notes: &mut Notes, name: &str) -> Option<Query> {
        let text = self.text(notes, name)?;
        query(notes, text, &self.place(name))
    }

    /// A number: written, by `{name}Path`, or by JSONata.
    pub(crate) fn number(
        &self,
        notes: &mut Notes,
        (name, language): (&str, Language),
        bounds: RangeInclusive<u64>,
    ) -> Option<Written<u64>> {
        let by_path = format!("{name}Path");
        match (self.get(name), self.has(&by_path)) {
            (Some(_), true) => {
                notes.say(&self.at, format!("Only one of [{name}, {by_path}] is allowed"));
                None
            }
            (None, true) if language == Language::Paths => self.path(notes, &by_path).map(Written::Path),
            (None, true) => {
                notes.say(&self.place(&by_path), format!("Field '{by_path}' is not supported"));
                None
            }
            (Some(Value::String(text)), _) if language == Language::Jsonata => {
                query(notes, text, &self.place(name)).map(Written::Query)
            }
            (Some(_), false) => self.whole(notes, name, bounds).map(Written::Fixed),
            (None, false) => None,
        }
    }
}

pub(crate) fn template(notes: &mut Notes, value: &Value, at: &str, language: Language) -> Option<Template> {
    let read = match language {
        Language::Paths => Template::paths(value),
        Language::Jsonata => Template::jsonata(value),
    };
    read.inspect_err(|wrong| notes.say(&format!("{at}{}", wrong.within), wrong.message.as_str())).ok()
}

pub(crate) fn query(notes: &mut Notes, text: &str, at: &str) -> Option<Query> {
    let read = Query::parse(text);
    read.inspect_err(|wrong| notes.say(at, wrong.message.as_str())).ok()
}

pub(crate) fn wrong<T>(notes: &mut Notes, at: &str, wanted: &str) -> Option<T> {
    notes.say(at, format!("Value must be {wanted}"));
    None
}
