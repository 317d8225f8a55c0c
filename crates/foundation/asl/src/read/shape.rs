//! The fields that say what goes in and comes out.

use serde_json::Value;

use super::Notes;
use super::field::{Fields, template};
use crate::definition::{Assign, Data, Filter, Language, Place};
use crate::lang::{Path, ReferencePath};

/// Those that a kind of state has in that language.
pub(super) fn fields(kind: &str, language: Language) -> &'static [&'static str] {
    match (language, kind) {
        (_, "Fail") => &[],
        (Language::Paths, "Succeed") => &["InputPath", "OutputPath"],
        (Language::Paths, "Choice" | "Wait") => &["InputPath", "OutputPath", "Assign"],
        (Language::Paths, "Pass") => &["InputPath", "OutputPath", "Parameters", "ResultPath", "Assign"],
        (Language::Paths, _) => &["InputPath", "OutputPath", "Parameters", "ResultPath", "ResultSelector", "Assign"],
        (Language::Jsonata, "Succeed") => &["Output"],
        (Language::Jsonata, "Task" | "Parallel") => &["Arguments", "Output", "Assign"],
        (Language::Jsonata, _) => &["Output", "Assign"],
    }
}

pub(super) fn data(notes: &mut Notes, of: &Fields<'_>, kind: &str, language: Language) -> Data {
    let arguments = match language {
        // A Map's old Parameters are its ItemSelector.
        Language::Paths if kind == "Map" => None,
        Language::Paths => of.template(notes, "Parameters", language),
        Language::Jsonata => of.template(notes, "Arguments", language),
    };
    Data {
        input: filter(notes, of, "InputPath"),
        arguments,
        selector: of.template(notes, "ResultSelector", language),
        result: place(notes, of),
        output_path: filter(notes, of, "OutputPath"),
        output: if language == Language::Jsonata { of.template(notes, "Output", language) } else { None },
        assign: assign(notes, of, language),
    }
}

fn filter(notes: &mut Notes, of: &Fields<'_>, name: &str) -> Filter {
    match of.get(name) {
        None => Filter::All,
        Some(Value::Null) => Filter::Nothing,
        Some(_) => of.path(notes, name).map_or(Filter::All, |path: Path| Filter::At(path)),
    }
}

/// `ResultPath`.
pub(super) fn place(notes: &mut Notes, of: &Fields<'_>) -> Place {
    match of.get("ResultPath") {
        None => Place::Whole,
        Some(Value::Null) => Place::Nowhere,
        Some(_) => {
            let Some(text) = of.text(notes, "ResultPath") else { return Place::Whole };
            match ReferencePath::parse(text) {
                Ok(_) if text == "$" => Place::Whole,
                Ok(path) => Place::Within(path),
                Err(_) => {
                    let message = "The value for the field 'ResultPath' must be a valid reference path";
                    notes.say(&of.place("ResultPath"), message);
                    Place::Whole
                }
            }
        }
    }
}

/// `Assign`: every variable by itself, since all see the values from before.
pub(super) fn assign(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Assign {
    let Some(variables) = of.object(notes, "Assign") else { return Assign::new() };
    let mut assign = Assign::new();
    for (key, value) in variables.iter() {
        let (name, whole) = match (language, key.strip_suffix(".$")) {
            (Language::Paths, Some(name)) => (name, serde_json::json!({ key: value })),
            _ => (key, serde_json::json!({ key: value })),
        };
        if !is_variable(name) {
            notes.say(&variables.place(key), format!("'{name}' is not a valid variable name"));
        }
        let read = template(notes, &whole, &variables.at, language);
        assign.extend(read.map(|template| (std::sync::Arc::from(name), template)));
    }
    assign
}

/// A Unicode identifier of at most 80 characters that isn't `states`.
fn is_variable(name: &str) -> bool {
    let mut letters = name.chars();
    let begins = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    begins && name != "states" && name.chars().count() <= 80 && letters.all(|c| c.is_alphanumeric() || c == '_')
}
