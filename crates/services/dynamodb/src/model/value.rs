//! Attribute values between the wire and the domain.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use updraft_api_dynamodb::types::AttributeValue as Wire;
use updraft_expr::dynamodb::{AttributeValue, Invalid, Item, MAX_DEPTH, Number};

/// An item as the wire has it.
pub(crate) type WireItem = BTreeMap<String, Wire>;

/// Every value of `wire`, checked.
pub(crate) fn parse_item(wire: WireItem) -> Result<Item, Invalid> {
    wire.into_iter().map(|(name, value)| Ok((name, parse(value)?))).collect()
}

pub(crate) fn parse(wire: Wire) -> Result<AttributeValue, Invalid> {
    parse_at(wire, 1)
}

fn parse_at(wire: Wire, depth: usize) -> Result<AttributeValue, Invalid> {
    if depth > MAX_DEPTH {
        return Err(Invalid::TOO_DEEP);
    }
    match types_given(&wire) {
        0 => {
            let message = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
            return Err(Invalid::new(message));
        }
        1 => {}
        _ => {
            let message = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes";
            return Err(Invalid::new(message));
        }
    }
    if let Some(map) = wire.m {
        let entries = map.into_iter().map(|(name, value)| Ok((name, parse_at(value, depth + 1)?)));
        return entries.collect::<Result<Item, Invalid>>().map(AttributeValue::M);
    }
    if let Some(list) = wire.l {
        let elements = list.into_iter().map(|value| parse_at(value, depth + 1));
        return elements.collect::<Result<Vec<_>, Invalid>>().map(AttributeValue::L);
    }
    parse_flat(wire)
}

fn types_given(wire: &Wire) -> usize {
    let Wire { s, n, b, ss, ns, bs, m, l, null, bool } = wire;
    let given = [s.is_some(), n.is_some(), b.is_some(), ss.is_some(), ns.is_some(), bs.is_some()];
    let more = [m.is_some(), l.is_some(), null.is_some(), bool.is_some()];
    given.into_iter().chain(more).filter(|is| *is).count()
}

/// Scalars and sets.
fn parse_flat(wire: Wire) -> Result<AttributeValue, Invalid> {
    if let Some(s) = wire.s {
        return Ok(AttributeValue::S(s));
    }
    if let Some(n) = wire.n {
        return Number::parse(&n).map(AttributeValue::N);
    }
    if let Some(b) = wire.b {
        return Ok(AttributeValue::B(b));
    }
    if let Some(set) = wire.ss {
        return string_set(set);
    }
    if let Some(set) = wire.ns {
        return number_set(&set);
    }
    if let Some(set) = wire.bs {
        return binary_set(set);
    }
    match (wire.null, wire.bool) {
        (_, Some(bool)) => Ok(AttributeValue::Bool(bool)),
        (Some(true), None) => Ok(AttributeValue::Null),
        _ => Err(invalid("Null attribute value types must have the value of true")),
    }
}

fn string_set(set: Vec<String>) -> Result<AttributeValue, Invalid> {
    if set.is_empty() {
        return Err(invalid("An string set  may not be empty"));
    }
    if let Some(told) = duplicate(&set) {
        let told: Vec<String> = told.into_iter().map(|s| format!("\"{s}\"")).collect();
        return Err(invalid(&format!("Input collection [{}] contains duplicates.", told.join(", "))));
    }
    Ok(AttributeValue::Ss(set))
}

fn number_set(set: &[String]) -> Result<AttributeValue, Invalid> {
    if set.is_empty() {
        return Err(invalid("An number set  may not be empty"));
    }
    let numbers = set.iter().map(|n| Number::parse(n)).collect::<Result<Vec<_>, _>>()?;
    match duplicate(&numbers) {
        Some(_) => Err(invalid("Input collection contains duplicates.")),
        None => Ok(AttributeValue::Ns(numbers)),
    }
}

fn binary_set(set: Vec<bytes::Bytes>) -> Result<AttributeValue, Invalid> {
    if set.is_empty() {
        return Err(invalid("Binary sets should not be empty"));
    }
    if let Some(told) = duplicate(&set) {
        let told: Vec<String> = told.into_iter().map(|b| format!("\"{}\"", STANDARD.encode(b))).collect();
        return Err(invalid(&format!("Input collection [{}]of type BS contains duplicates.", told.join(","))));
    }
    Ok(AttributeValue::Bs(set))
}

/// If an element is there twice: what came before in order, the repeated one, the rest as sent, as AWS tells it.
fn duplicate<T: Ord>(set: &[T]) -> Option<Vec<&T>> {
    let mut seen = std::collections::BTreeSet::new();
    let at = set.iter().position(|element| !seen.insert(element))?;
    Some(seen.into_iter().chain(set.iter().skip(at)).collect())
}

fn invalid(what: &str) -> Invalid {
    Invalid::new(format!("One or more parameter values were invalid: {what}"))
}

pub(crate) fn item_to_wire(item: &Item) -> WireItem {
    item.iter().map(|(name, value)| (name.clone(), to_wire(value))).collect()
}

pub(crate) fn to_wire(value: &AttributeValue) -> Wire {
    let mut out = Wire::default();
    match value {
        AttributeValue::S(s) => out.s = Some(s.clone()),
        AttributeValue::N(n) => out.n = Some(n.to_string()),
        AttributeValue::B(b) => out.b = Some(b.clone()),
        AttributeValue::Bool(b) => out.bool = Some(*b),
        AttributeValue::Null => out.null = Some(true),
        AttributeValue::Ss(set) => out.ss = Some(set.clone()),
        AttributeValue::Ns(set) => out.ns = Some(set.iter().map(Number::to_string).collect()),
        AttributeValue::Bs(set) => out.bs = Some(set.clone()),
        AttributeValue::L(list) => out.l = Some(list.iter().map(to_wire).collect()),
        AttributeValue::M(map) => out.m = Some(item_to_wire(map)),
    }
    out
}

/// For the members of errors, which are JSON.
pub(crate) fn item_to_json(item: &Item) -> Value {
    Value::Object(item.iter().map(|(name, value)| (name.clone(), to_json(value))).collect::<Map<_, _>>())
}

fn to_json(value: &AttributeValue) -> Value {
    let base64 = |b: &bytes::Bytes| STANDARD.encode(b);
    let body = match value {
        AttributeValue::S(s) => json!(s),
        AttributeValue::N(n) => json!(n.to_string()),
        AttributeValue::B(b) => json!(base64(b)),
        AttributeValue::Bool(b) => json!(b),
        AttributeValue::Null => json!(true),
        AttributeValue::Ss(set) => json!(set),
        AttributeValue::Ns(set) => json!(set.iter().map(Number::to_string).collect::<Vec<_>>()),
        AttributeValue::Bs(set) => json!(set.iter().map(base64).collect::<Vec<_>>()),
        AttributeValue::L(list) => Value::Array(list.iter().map(to_json).collect()),
        AttributeValue::M(map) => item_to_json(map),
    };
    json!({ value.type_of().name(): body })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(text: &str) -> Wire {
        Wire { s: Some(text.into()), ..Wire::default() }
    }

    fn nested(depth: usize) -> Wire {
        (0..depth)
            .fold(s("leaf"), |inner, _| Wire { m: Some(BTreeMap::from([("n".into(), inner)])), ..Wire::default() })
    }

    #[test]
    fn values_go_there_and_back() {
        let wire = Wire {
            l: Some(vec![
                s("x"),
                Wire { n: Some("1".into()), ..Wire::default() },
                Wire { bs: Some(vec!["a".into(), "b".into()]), ..Wire::default() },
                Wire { null: Some(true), ..Wire::default() },
                nested(3),
            ]),
            ..Wire::default()
        };
        assert_eq!(to_wire(&parse(wire.clone()).unwrap()), wire);
    }

    #[test]
    fn both_sides_of_the_nesting_limit() {
        assert!(parse(nested(31)).is_ok());
        assert_eq!(parse(nested(32)).unwrap_err(), Invalid::TOO_DEEP);
    }

    #[test]
    fn malformed_values_are_told_in_awss_words() {
        const PREFIX: &str = "One or more parameter values were invalid: ";
        let set = |items: &[&str]| Some(items.iter().map(|i| (*i).to_owned()).collect::<Vec<_>>());
        let bytes = |items: &[&'static str]| Some(items.iter().map(|i| (*i).into()).collect::<Vec<bytes::Bytes>>());
        for (wire, message) in [
            (Wire { ss: set(&[]), ..Wire::default() }, "An string set  may not be empty"),
            (Wire { ns: set(&[]), ..Wire::default() }, "An number set  may not be empty"),
            (Wire { bs: bytes(&[]), ..Wire::default() }, "Binary sets should not be empty"),
            (
                Wire { ss: set(&["b", "a", "b"]), ..Wire::default() },
                "Input collection [\"a\", \"b\", \"b\"] contains duplicates.",
            ),
            (Wire { ns: set(&["2", "1", "2.0"]), ..Wire::default() }, "Input collection contains duplicates."),
            (
                Wire { bs: bytes(&["b", "a", "a"]), ..Wire::default() },
                "Input collection [\"YQ==\",\"Yg==\",\"YQ==\"]of type BS contains duplicates.",
            ),
            (Wire { null: Some(false), ..Wire::default() }, "Null attribute value types must have the value of true"),
        ] {
            assert_eq!(parse(wire).unwrap_err().to_string(), format!("{PREFIX}{message}"));
        }
        assert!(parse(Wire::default()).unwrap_err().to_string().starts_with("Supplied AttributeValue is empty"));
        let two = Wire { s: Some("x".into()), n: Some("1".into()), ..Wire::default() };
        assert!(parse(two).unwrap_err().to_string().starts_with("Supplied AttributeValue has more than one"));
    }
}
