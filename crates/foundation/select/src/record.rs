//! A record, and what lies where in it.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::expr::{Path, Step};
use crate::value::Value;
use crate::wrong::{self, Wrong};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Record {
    Fields {
        fields: Vec<String>,
        /// What the file calls them.
        names: Option<Arc<Vec<String>>>,
    },
    Json(Json),
}

impl Record {
    /// # Errors
    /// If nothing is called so.
    pub(crate) fn get(&self, path: &Path) -> Result<Value, Wrong> {
        match self {
            Self::Json(json) => Ok(within(json, path).map_or(Value::Missing, Value::of_json)),
            Self::Fields { fields, names } => {
                let [Step::Name { name, exact }] = path.as_slice() else { return Err(wrong::NO_BINDING) };
                let place = place(names.as_deref(), name, *exact)?;
                Ok(fields.get(place).map_or(Value::Missing, |field| Value::Text(field.clone())))
            }
        }
    }

    /// All of it, with names.
    pub(crate) fn into_object(self) -> Map<String, Json> {
        match self {
            Self::Json(Json::Object(object)) => object,
            Self::Json(other) => Map::from_iter([("_1".to_owned(), other)]),
            Self::Fields { fields, names } => {
                let name = |place: usize| {
                    let named = names.as_ref().and_then(|names| names.get(place));
                    named.cloned().unwrap_or_else(|| format!("_{}", place + 1))
                };
                fields.into_iter().enumerate().map(|(place, field)| (name(place), Json::String(field))).collect()
            }
        }
    }

    /// All of it, in order.
    pub(crate) fn into_fields(self) -> Vec<String> {
        match self {
            Self::Fields { fields, .. } => fields,
            Self::Json(Json::Object(object)) => {
                object.iter().map(|(_, value)| Value::of_json(value).into_text()).collect()
            }
            Self::Json(other) => vec![Value::of_json(&other).into_text()],
        }
    }
}

/// `_1` is the first field, whatever it is called.
fn place(names: Option<&Vec<String>>, name: &str, exact: bool) -> Result<usize, Wrong> {
    let named = names.and_then(|names| {
        names.iter().position(|one| if exact { one == name } else { one.eq_ignore_ascii_case(name) })
    });
    let counted = || name.strip_prefix('_')?.parse::<usize>().ok()?.checked_sub(1);
    named.or_else(counted).ok_or(wrong::HEADERS)
}

fn within<'j>(json: &'j Json, path: &Path) -> Option<&'j Json> {
    path.iter().try_fold(json, |json, step| match step {
        Step::Index(place) => json.as_array()?.get(*place),
        Step::Name { name, exact } => {
            let object = json.as_object()?;
            let loosely = || object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
            object.get(name).or_else(|| if *exact { None } else { loosely() })
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn name(name: &str, exact: bool) -> Step {
        Step::Name { name: name.into(), exact }
    }

    #[test]
    fn fields_have_names_and_numbers() {
        let names = Some(Arc::new(vec!["Id".to_owned(), "a b".to_owned()]));
        let record = Record::Fields { fields: vec!["1".into(), "x".into()], names };
        let text = |text: &str| Ok(Value::Text(text.into()));
        assert_eq!(record.get(&vec![name("id", false)]), text("1"));
        assert_eq!(record.get(&vec![name("id", true)]), Err(wrong::HEADERS));
        assert_eq!(record.get(&vec![name("a b", true)]), text("x"));
        assert_eq!(record.get(&vec![name("_2", false)]), text("x"));
        assert_eq!(record.get(&vec![name("_3", false)]), Ok(Value::Missing));
        assert_eq!(record.get(&vec![name("_0", false)]), Err(wrong::HEADERS));
        assert_eq!(record.get(&vec![name("id", false), name("x", false)]), Err(wrong::NO_BINDING));
    }

    #[test]
    fn documents_have_paths() {
        let record = Record::Json(json!({ "a": { "B": [1, { "c": null }] } }));
        let b = [name("a", false), name("b", false)];
        let get = |steps: &[Step]| record.get(&b.iter().chain(steps).cloned().collect()).unwrap();
        assert_eq!(get(&[Step::Index(0)]), Value::Int(1));
        assert_eq!(get(&[Step::Index(1), name("c", false)]), Value::Null);
        assert_eq!(get(&[Step::Index(2)]), Value::Missing);
        assert_eq!(record.get(&vec![name("a", true), name("b", true)]), Ok(Value::Missing));
    }
}
