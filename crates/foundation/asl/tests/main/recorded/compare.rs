//! Histories beside each other.

use serde_json::Value;

/// Recordings show JSON objects as such, and other JSON as text.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Objects in texts as such: in an event's details, and in the variables there, no deeper.
pub(super) fn opened(details: &Value) -> Value {
    match details {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(object @ Value::Object(_)) => object,
            _ => details.clone(),
        },
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), opened(value))).collect(),
        other => other.clone(),
    }
}

/// The first event that differs, and how many are the same.
pub(super) fn difference(recorded: &[Value], ours: &[Value]) -> Option<(usize, String)> {
    let same = recorded.iter().zip(ours).take_while(|(a, b)| same(a, b)).count();
    let (theirs, our) = (recorded.get(same), ours.get(same));
    let show = |event: Option<&Value>| event.map_or_else(|| "nothing".to_owned(), Value::to_string);
    let differs = theirs.is_some() || our.is_some();
    differs.then(|| (same, format!("event {}:\n  AWS  {}\n  ours {}", same + 1, show(theirs), show(our))))
}

/// Whether they are the same, where `<token>`s stand for anything.
fn same(recorded: &Value, ours: &Value) -> bool {
    match (recorded, ours) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| same(value, other)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::String(a), Value::String(_)) if a == "map_run_arn" => true,
        // What stands for a function's ARN in the definitions.
        (_, Value::String(b)) if b.starts_with('%') => true,
        (Value::String(a), b) if a.contains('<') => with_tokens(a, &text(b)),
        (Value::Array(_), Value::String(b)) => serde_json::from_str(b).is_ok_and(|b| same(recorded, &b)),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}

fn with_tokens(recorded: &str, ours: &str) -> bool {
    let mut rest = ours;
    let pieces = recorded.split('<').enumerate().map(|(n, piece)| match n {
        0 => piece,
        _ => piece.split_once('>').map_or("", |(_, behind)| behind),
    });
    for piece in pieces {
        let Some((_, behind)) = rest.split_once(piece) else { return false };
        rest = behind;
    }
    true
}
