//! Between JSON and the engine's values.

use jsonata_core::value::JValue;
use serde_json::{Map, Number, Value};

use super::Fault;

/// A result that is nested more deeply could not be read again once it is written.
const MAX_DEPTH: usize = 100;
/// From here on not every whole number can be said.
const WHOLE: f64 = 9_007_199_254_740_992.0;

pub(super) fn inward(value: &Value) -> JValue {
    match value {
        Value::Null => JValue::Null,
        Value::Bool(bool) => JValue::Bool(*bool),
        Value::Number(number) => JValue::Number(number.as_f64().unwrap_or(0.0)),
        Value::String(text) => JValue::string(text.as_str()),
        Value::Array(items) => JValue::array(items.iter().map(inward).collect()),
        Value::Object(members) => {
            JValue::object(members.iter().map(|(name, member)| (name.clone(), inward(member))).collect())
        }
    }
}

/// None: undefined, or a function, which is nothing in JSON. Parts of values are shared in the engine and not in JSON, so
/// that a small program can make a huge result: about `bytes` are let through.
pub(super) fn outward(value: &JValue, bytes: usize) -> Result<Option<Value>, Fault> {
    Outward { left: bytes }.value(value, 0)
}

struct Outward {
    left: usize,
}

impl Outward {
    fn value(&mut self, value: &JValue, depth: usize) -> Result<Option<Value>, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault(format!("The result is nested more than {MAX_DEPTH} levels deep")));
        }
        self.take(4)?;
        Ok(Some(match value {
            JValue::Null => Value::Null,
            JValue::Bool(bool) => Value::Bool(*bool),
            JValue::Number(number) => self::number(*number)?,
            JValue::String(text) => {
                self.take(text.len())?;
                Value::from(&**text)
            }
            JValue::Array(items) => {
                let each = items.iter().map(|item| Ok(self.value(item, depth + 1)?.unwrap_or(Value::Null)));
                Value::Array(each.collect::<Result<_, Fault>>()?)
            }
            JValue::Object(members) => {
                let mut object = Map::new();
                for (name, member) in members.iter() {
                    self.take(name.len())?;
                    if let Some(member) = self.value(member, depth + 1)? {
                        object.insert(name.clone(), member);
                    }
                }
                Value::Object(object)
            }
            _ => return Ok(None),
        }))
    }

    fn take(&mut self, bytes: usize) -> Result<(), Fault> {
        let left = self.left.checked_sub(bytes);
        self.left = left.ok_or_else(|| Fault("The result is too large".to_owned()))?;
        Ok(())
    }
}

/// Whole numbers are written without a fraction.
fn number(number: f64) -> Result<Value, Fault> {
    if number.fract() == 0.0 && number.abs() < WHOLE {
        // Within these bounds nothing is lost.
        #[expect(clippy::cast_possible_truncation, reason = "its bounds are checked")]
        return Ok(Value::from(number as i64));
    }
    let number = Number::from_f64(number).ok_or_else(|| Fault("D1001: Number out of range".to_owned()))?;
    Ok(Value::Number(number))
}
