//! The rules of a `Choice`.

use std::sync::Arc;

use serde_json::Value;

use super::field::{Fields, wrong};
use super::{Notes, shape};
use crate::definition::{Branch, Choice, Comparison, Language, Operator, Ordered, Relation, Right, Rule};
use crate::lang::Path;

pub(super) fn choice(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Option<Choice> {
    if !of.required(notes, &["Choices"]) {
        return None;
    }
    let list = of.list(notes, "Choices")?;
    if list.is_empty() {
        notes.say(&of.place("Choices"), "Choices must have at least one rule");
    }
    let mut rules = Vec::with_capacity(list.len());
    for (n, written) in list.iter().enumerate() {
        let at = format!("{}[{n}]", of.place("Choices"));
        rules.extend(branch(notes, written, &at, language));
    }
    let whole = rules.len() == list.len();
    let default = of.text(notes, "Default").map(Arc::from);
    whole.then_some(Choice { rules, default })
}

fn branch(notes: &mut Notes, written: &Value, at: &str, language: Language) -> Option<Branch> {
    let of = Fields::of(notes, written, at)?;
    if !of.required(notes, &["Next"]) {
        return None;
    }
    let next = Arc::from(of.text(notes, "Next")?);
    let assign = shape::assign(notes, &of, language);
    let (rule, output) = match language {
        Language::Paths => (rule(notes, &of, &["Next", "Comment", "Assign"])?, None),
        Language::Jsonata => {
            of.only(notes, &["Next", "Comment", "Assign", "Output", "Condition"]);
            (condition(notes, &of)?, of.template(notes, "Output", language))
        }
    };
    Some(Branch { rule, next, assign, output })
}

fn condition(notes: &mut Notes, of: &Fields<'_>) -> Option<Rule> {
    if !of.required(notes, &["Condition"]) {
        return None;
    }
    match of.get("Condition")? {
        Value::Bool(constant) => Some(Rule::Constant(*constant)),
        Value::String(_) => of.query(notes, "Condition").map(Rule::Condition),
        _ => wrong(notes, &of.place("Condition"), "a JSONata expression or a boolean"),
    }
}

/// A rule with its operator, `And`, `Or` or `Not`, beside the fields that are known to the caller.
fn rule(notes: &mut Notes, of: &Fields<'_>, beside: &[&str]) -> Option<Rule> {
    let operators: Vec<(&str, &Value)> =
        of.iter().filter(|(name, _)| *name != "Variable" && !beside.contains(name)).collect();
    let [(name, value)] = operators.as_slice() else {
        notes.say(&of.at, "Exactly one comparison operator is required");
        return None;
    };
    match *name {
        "And" | "Or" => {
            let rules = all(notes, value, &of.place(name))?;
            Some(if *name == "And" { Rule::And(rules) } else { Rule::Or(rules) })
        }
        "Not" => {
            let inner = Fields::of(notes, value, &of.place(name))?;
            Some(Rule::Not(Box::new(rule(notes, &inner, &["Comment"])?)))
        }
        name => {
            if !of.required(notes, &["Variable"]) {
                return None;
            }
            let variable = of.path(notes, "Variable")?;
            Some(Rule::Compare(Comparison { variable, operator: operator(notes, name, value, &of.place(name))? }))
        }
    }
}

fn all(notes: &mut Notes, list: &Value, at: &str) -> Option<Vec<Rule>> {
    let Some(list) = list.as_array().filter(|list| !list.is_empty()) else {
        return wrong(notes, at, "an array that isn't empty");
    };
    let mut rules = Vec::with_capacity(list.len());
    for (n, inner) in list.iter().enumerate() {
        let inner = Fields::of(notes, inner, &format!("{at}[{n}]"))?;
        rules.push(rule(notes, &inner, &["Comment"])?);
    }
    Some(rules)
}

fn operator(notes: &mut Notes, name: &str, value: &Value, at: &str) -> Option<Operator> {
    if let Some(make) = test(name) {
        return match value {
            Value::Bool(wanted) => Some(make(*wanted)),
            _ => wrong(notes, at, "a boolean"),
        };
    }
    if name == "StringMatches" {
        return match value {
            Value::String(pattern) => Some(Operator::StringMatches(pattern.clone())),
            _ => wrong(notes, at, "a string"),
        };
    }
    let (by_path, plain) = name.strip_suffix("Path").map_or((false, name), |plain| (true, plain));
    let Some((kind, relation)) = ordered(plain) else {
        notes.say(at, format!("Field '{name}' is not supported"));
        return None;
    };
    let right = if by_path { by_path_right(notes, name, value, at)? } else { fixed_right(notes, kind, value, at)? };
    Some(Operator::Order { kind, relation, right })
}

fn test(name: &str) -> Option<fn(bool) -> Operator> {
    Some(match name {
        "IsNull" => Operator::IsNull,
        "IsPresent" => Operator::IsPresent,
        "IsNumeric" => Operator::IsNumeric,
        "IsString" => Operator::IsString,
        "IsBoolean" => Operator::IsBoolean,
        "IsTimestamp" => Operator::IsTimestamp,
        _ => return None,
    })
}

fn ordered(name: &str) -> Option<(Ordered, Relation)> {
    let kinds = [
        ("String", Ordered::String),
        ("Numeric", Ordered::Numeric),
        ("Boolean", Ordered::Boolean),
        ("Timestamp", Ordered::Timestamp),
    ];
    let (kind, relation) = kinds.iter().find_map(|(prefix, kind)| Some((*kind, name.strip_prefix(prefix)?)))?;
    let relation = match relation {
        "Equals" => Relation::Equals,
        _ if kind == Ordered::Boolean => return None,
        "LessThan" => Relation::LessThan,
        "GreaterThan" => Relation::GreaterThan,
        "LessThanEquals" => Relation::LessThanEquals,
        "GreaterThanEquals" => Relation::GreaterThanEquals,
        _ => return None,
    };
    Some((kind, relation))
}

fn by_path_right(notes: &mut Notes, name: &str, value: &Value, at: &str) -> Option<Right> {
    let path = value.as_str().and_then(|text| Path::parse(text).ok());
    if path.is_none() {
        notes.say(at, format!("The value for the field '{name}' must be a valid JSONPath"));
    }
    path.map(Right::At)
}

fn fixed_right(notes: &mut Notes, kind: Ordered, value: &Value, at: &str) -> Option<Right> {
    let (fits, wanted) = match kind {
        Ordered::String => (value.is_string(), "a string"),
        Ordered::Numeric => (value.is_number(), "a number"),
        Ordered::Boolean => (value.is_boolean(), "a boolean"),
        Ordered::Timestamp => (value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()), ""),
    };
    match (fits, kind) {
        (true, _) => Some(Right::Fixed(value.clone())),
        (false, Ordered::Timestamp) => {
            notes.say(at, "String does not match RFC3339 timestamp");
            None
        }
        (false, _) => wrong(notes, at, wanted),
    }
}
