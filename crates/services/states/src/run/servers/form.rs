//! `URL_ENCODED`: a request's body as a form.

use serde_json::Value;

use super::wanted::plain;

/// How lists are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lists {
    /// `a[0]=1&a[1]=2`
    Indices,
    /// `a=1&a=2`
    Repeat,
    /// `a=1,2`
    Commas,
    /// `a[]=1&a[]=2`
    Brackets,
    /// As JSON.
    None,
}

impl Lists {
    pub(super) fn of(name: Option<&str>) -> Option<Self> {
        Some(match name {
            None | Some("INDICES") => Self::Indices,
            Some("REPEAT") => Self::Repeat,
            Some("COMMAS") => Self::Commas,
            Some("BRACKETS") => Self::Brackets,
            Some("NONE") => Self::None,
            Some(_) => return None,
        })
    }
}

pub(super) fn form(body: &Value, lists: Lists) -> String {
    let mut pairs = Vec::new();
    if let Value::Object(members) = body {
        members.iter().for_each(|(name, value)| add(&mut pairs, name, value, lists));
    }
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn add(pairs: &mut Vec<(String, String)>, name: &str, value: &Value, lists: Lists) {
    match (value, lists) {
        (Value::Object(members), _) => {
            members.iter().for_each(|(inner, value)| add(pairs, &format!("{name}[{inner}]"), value, lists));
        }
        (Value::Array(items), Lists::Indices) => {
            items.iter().enumerate().for_each(|(n, item)| add(pairs, &format!("{name}[{n}]"), item, lists));
        }
        (Value::Array(items), Lists::Repeat) => items.iter().for_each(|item| add(pairs, name, item, lists)),
        (Value::Array(items), Lists::Brackets) => {
            items.iter().for_each(|item| add(pairs, &format!("{name}[]"), item, lists));
        }
        (Value::Array(items), Lists::Commas) => {
            pairs.push((name.to_owned(), items.iter().map(plain).collect::<Vec<_>>().join(",")));
        }
        (value, _) => pairs.push((name.to_owned(), plain(value))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_are_written_in_five_ways() {
        let body = json!({ "a": [1, "x y"], "b": { "c": true } });
        for (name, written) in [
            (None, "a%5B0%5D=1&a%5B1%5D=x+y&b%5Bc%5D=true"),
            (Some("REPEAT"), "a=1&a=x+y&b%5Bc%5D=true"),
            (Some("COMMAS"), "a=1%2Cx+y&b%5Bc%5D=true"),
            (Some("BRACKETS"), "a%5B%5D=1&a%5B%5D=x+y&b%5Bc%5D=true"),
            (Some("NONE"), "a=%5B1%2C%22x+y%22%5D&b%5Bc%5D=true"),
        ] {
            assert_eq!(form(&body, Lists::of(name).unwrap()), written, "{name:?}");
        }
        assert_eq!(Lists::of(Some("OTHER")), None);
    }
}
