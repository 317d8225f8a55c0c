//! `States.Format`.

use serde_json::Value;

use super::function::Outcome;

/// Puts the values where the template has `{}`. A backslash stands before what is meant as it is.
pub(super) fn format(template: &Value, values: &[Value]) -> Outcome {
    let template = template.as_str().ok_or_else(|| format!("Expected a string as template but found: {template}"))?;
    let mut values = values.iter();
    let mut filled = String::with_capacity(template.len());
    let mut chars = template.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => filled.push(chars.next().unwrap_or('\\')),
            '{' if chars.next_if_eq(&'}').is_some() => {
                let value = values.next().ok_or("There are fewer arguments than placeholders in the template")?;
                write(value, &mut filled);
            }
            c => filled.push(c),
        }
    }
    match values.next() {
        None => Ok(Value::from(filled)),
        Some(_) => Err("There are more arguments than placeholders in the template".to_owned()),
    }
}

/// AWS: objects and lists appear as Java writes maps and lists: `{Arg1=1, Arg2=[]}`.
fn write(value: &Value, into: &mut String) {
    match value {
        Value::String(text) => into.push_str(text),
        Value::Array(items) => {
            into.push('[');
            for (at, item) in items.iter().enumerate() {
                into.push_str(if at == 0 { "" } else { ", " });
                write(item, into);
            }
            into.push(']');
        }
        Value::Object(members) => {
            into.push('{');
            for (at, (name, member)) in members.iter().enumerate() {
                into.push_str(if at == 0 { "" } else { ", " });
                into.push_str(name);
                into.push('=');
                write(member, into);
            }
            into.push('}');
        }
        plain => into.push_str(&plain.to_string()),
    }
}
